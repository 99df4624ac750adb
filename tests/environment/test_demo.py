"""The demo: the files under demo/ make it, one command takes it away, production refuses it."""

from io import StringIO

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db.models.signals import post_init

from accounts.models import BasicCredential, Role, User
from accounts.services.credentials import credential_prove
from activity.models import Change
from config.http.errors import InUse
from config.serving.start import start_faults
from environment.demo import demo_remove
from environment.models import Application, ContactCenter, Installation, Option, Place
from environment.options import CORS_ORIGINS
from environment.services import application_delete, contact_center_create, object_save, option_set
from history.models import Event, Identity, Page, Recognition, Session, Visit
from oauthapi.models import ApiClient
from tests.history.rows import (
    make_events,
    make_identity,
    make_page,
    make_recognition,
    make_server,
    make_session,
    make_visit,
)


@pytest.fixture
def demo(db, settings):
    settings.DESKGATE_MODE = "demo"
    out = StringIO()
    call_command("provision", settings.BASE_DIR / "demo", "--yes", stdout=out)
    return out.getvalue()


def table(width: str, monkeypatch) -> str:
    monkeypatch.setenv("COLUMNS", width)
    out = StringIO()
    call_command("demo_table", stdout=out)
    return out.getvalue()


@pytest.mark.slow
def test_the_demos_files_make_what_the_contract_lists(demo):
    centers = list(ContactCenter.objects.all())
    assert [(str(one.pk), one.number, one.name, one.made_by_demo) for one in centers] == [
        ("9350e2fc-a1dd-4c65-8d40-1f75a2e080dd", 1, "Demo Contact Center", True),
        ("b1e6d4c2-5f0a-4c1e-9a57-2d3f6a7c8e90", 2, "Second Contact Center", True),
    ]
    assert {(str(user), user.must_change_password) for user in User.objects.all()} == {
        ("admin", False),
        ("t100\\agent", False),
        ("t100\\supervisor", False),
        ("t100\\manager", False),
        ("t100\\newcomer", True),
        ("t200\\agent", False),
        ("t200\\manager", False),
    }
    assert User.objects.get(user_name="admin").check_password("demo-admin-1!")
    assert User.objects.get(user_name="agent", contact_center=centers[1]).check_password("demo-agent-2!")
    clients = ApiClient.objects.values_list(
        "client_id", "client_type", "trusted", "basic_on_authorize", "may_introspect"
    )
    assert set(clients) == {
        ("external_api_client", "CONFIDENTIAL", True, True, False),
        ("desktop_spa", "PUBLIC", True, True, False),
        ("partner_web", "CONFIDENTIAL", False, False, False),
        ("config_tool", "CONFIDENTIAL", True, True, False),
        ("resource_server", "CONFIDENTIAL", False, False, True),
    }
    assert credential_prove(name="ops", password="demo-ops-1!").contact_center is None
    assert credential_prove(name="customer_manager", password="customer_manager@123").contact_center == centers[0]
    ivr = credential_prove(name="ivr", password="demo-ivr-pass-1!")
    assert (ivr.contact_center, ivr.role.privileges) == (centers[0], [])
    assert CORS_ORIGINS.of(centers[0]) == ("http://localhost:8080",)
    assert {(str(device), str(place)) for place in Place.objects.all() for device in place.devices.all()} == {
        ("7001@SIP_Switch", "Place_100"),
        ("7002@SIP_Switch", "Place_100"),
        ("7003@SIP_Switch", "Place_200"),
    }
    assert "demo-admin-1!" not in demo


@pytest.mark.slow
def test_a_second_run_keeps_what_was_changed_meanwhile(demo, settings):
    agent = User.objects.get(user_name="newcomer")
    User.objects.filter(pk=agent.pk).update(password="changed")
    changes = Change.objects.count()
    call_command("provision", settings.BASE_DIR / "demo", "--yes", stdout=StringIO())
    agent.refresh_from_db()
    assert agent.password == "changed"
    assert Change.objects.count() == changes


@pytest.mark.slow
def test_the_demo_is_taken_away_whole_with_what_was_made_inside(demo):
    mine = contact_center_create(name="Mine", domains=["mine"])
    object_save(Place(contact_center=mine, name="Place_1"))
    object_save(Place(contact_center=ContactCenter.objects.get(number=1), name="Made in the demo"))
    bound = ApiClient.objects.create(client_id="bound", name="Bound")
    bound.contact_centers.set(ContactCenter.objects.filter(number=1))
    option_set(holder=None, section="pulse", name="mine", value="1")
    out = StringIO()
    with pytest.raises(CommandError, match="--yes"):
        call_command("demo_remove", stdout=out)
    assert User.objects.exists()
    call_command("demo_remove", "--yes", stdout=out)
    assert "- user t100\\manager" in out.getvalue()
    assert [ContactCenter.objects.get(), Place.objects.get()] == [mine, Place.objects.get(contact_center=mine)]
    assert not any(model.objects.exists() for model in (User, ApiClient, BasicCredential))
    # The built-in ones are no demo's.
    assert {role.name for role in Role.objects.all()} == {"Administrator", "Agent", "Supervisor"}
    assert Option.objects.get().name == "mine"
    assert Change.objects.filter(action="delete", object_type="users").count() == 7
    assert demo_remove() == []


@pytest.mark.slow
def test_production_refuses_the_demos_rows_by_name(demo, settings):
    assert start_faults() == []
    settings.DESKGATE_MODE = "production"
    (fault,) = start_faults()
    assert "user admin" in fault
    assert "contact center Demo Contact Center" in fault
    assert "manage.py demo_remove" in fault
    assert "deskgate.W020" in [issue.id for issue in run_checks(tags=[Tags.database], databases=["default"])]
    demo_remove()
    assert start_faults() == []


def test_what_was_recorded_at_the_demos_applications_goes_without_being_loaded(demo, monkeypatch):
    """Whole rows are never read, and any number of them goes in slices."""
    monkeypatch.setattr("environment.demo._SLICE", 400)
    center = ContactCenter.objects.get(number=1)
    mine = make_server(contact_center_create(name="Mine", domains=["mine"]), "Mine")
    for server in (make_server(center, "Of_the_demo"), mine):
        visit, ann = make_visit(server, lasted=5), make_identity(server)
        make_recognition(visit, ann)
        session = make_session(visit, ann)
        page = make_page(visit, identity=ann, session=session)
        make_events(visit, 1_000, page=page, identity=ann, session=session)
    loaded = []

    def note(sender, **words):
        loaded.append(sender)

    post_init.connect(note, sender=Event)
    try:
        out = StringIO()
        call_command("demo_remove", "--yes", stdout=out)
    finally:
        post_init.disconnect(note, sender=Event)
    assert loaded == []
    for words in ("- 1,000 events\n", "- 1 visit\n", "- 1 identity\n", "- 1 page\n", "- 1 session\n", "Of_the_demo"):
        assert words in out.getvalue()
    for model, left in ((Event, 1_000), (Visit, 1), (Identity, 1), (Page, 1), (Session, 1), (Recognition, 1)):
        assert model.objects.count() == left
    assert Application.objects.get() == mine
    # A million rows leave no line each in the change log.
    assert not Change.objects.filter(object_type="history").exists()
    assert demo_remove() == []


def test_an_application_with_visits_is_not_deleted_and_no_visitor_is_named(as_root, one):
    server = make_server(one)
    make_events(make_visit(server), 10)
    make_identity(server, "ann@example.com")
    with as_root(), pytest.raises(InUse) as refused:
        application_delete(server)
    assert str(refused.value.message) == "Web_Engagement is in use by events, identities, visits."
    assert refused.value.detail == {"usedBy": {"events": 10, "identities": 1, "visits": 1}}


def test_options_of_an_installation_that_the_demo_set_go_with_it(db, settings, tmp_path):
    settings.DESKGATE_MODE = "demo"
    file = tmp_path / "file.yaml"
    file.write_text("demo: true\ninstallation: {options: {pulse/speed: fast}}")
    call_command("provision", file, "--yes", stdout=StringIO())
    assert Installation.objects.get().made_by_demo
    assert [str(row) for row in demo_remove()] == ["pulse/speed"]
    assert not Option.objects.exists()
    assert not Installation.objects.get().made_by_demo


@pytest.mark.parametrize("width", ["60", "80", "200"])
def test_the_table_shows_every_sign_in_whole(settings, width, monkeypatch):
    settings.DESKGATE_MODE = "demo"
    shown = table(width, monkeypatch)
    for text in (
        "/admin/",
        "demo-admin-1!",
        "t100\\manager",
        "demo-manager-2!",
        "external_api_client",
        "demo-external-secret",
        "customer_manager@123",
        "demo-ops-1!",
        "ivr",
        "demo-ivr-pass-1!",
        "demo-capability-key-0000000000000001",
        "/demo/outbox",
        "administrator",
        "ROLE_SUPERVISOR",
    ):
        assert text in shown


def test_outside_the_demo_there_is_no_table(settings):
    settings.DESKGATE_MODE = "development"
    with pytest.raises(CommandError):
        call_command("demo_table")
