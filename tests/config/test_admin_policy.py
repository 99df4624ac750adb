"""The matrix: over every screen of the admin, whom the policy refuses and whom it lets.

A model that is registered without a row here fails the first test.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    AccessGroup,
    BasicCredential,
    FailureCounter,
    Role,
    Session,
    SigningKey,
    TemporaryToken,
    User,
)
from accounts.selectors import installation_epoch
from activity.models import Change, JobLease, SecurityEvent
from config.admin.governed import GovernedAdmin
from environment.models import Application, ContactCenter, Device, Environment, Installation, Place
from history.models import Event, HistoryImport, Identity, Strategy, Visit
from oauthapi.models import AccessToken, ApiClient, AuthorizationCode, Consent, IDToken, RefreshToken, TokenFamily
from screenrec.models import RecorderSession
from tests.admin_client import admin_of, errors_of, filled, messages_of, sign_in
from tests.history.rows import make_event, make_identity, make_server, make_visit
from tests.history.strategy_cast import a_strategy
from tests.twofactor.customer_cast import a_customer
from tests.twofactor.sending import two_factor
from tests.twofactor.services_cast import bound, key_of
from tests.twofactor.services_cast import two_factor as two_factor_application
from tests.twofactor.session_rows import make_guard, make_session
from tests.twofactor.settings_form import an_application
from twofactor.models import Caller, CapabilityKey, Customer, Delivery, FlowSession, Guard, OutboxMessage
from twofactor.services.outbox import outbox_add

Make = Callable[[Any, User, ApiClient], Any]
SOON = timedelta(hours=1)


def _family(t100: Any, alice: User, client: ApiClient) -> TokenFamily:
    return TokenFamily.objects.create(
        client=client,
        user=alice,
        user_epoch=alice.epoch,
        installation_epoch=installation_epoch(),
        grant="password",
        ends_at=timezone.now() + SOON,
    )


def _token(kind: Any, t100: Any, alice: User, client: ApiClient) -> Any:
    words = {"installation_epoch": installation_epoch()} if kind is AccessToken else {}
    return kind.objects.create(
        token_hash="f" * 64,
        family=_family(t100, alice, client),
        client=client,
        user=alice,
        issued_at=timezone.now(),
        expires_at=timezone.now() + SOON,
        **words,
    )


# Of one contact center: what alice sees of hers, eve does not.
OF_A_CONTACT_CENTER: dict[Any, Make] = {
    ContactCenter: lambda t100, alice, client: t100,
    Application: lambda t100, alice, client: Application.objects.create(name="Desk_App", contact_center=t100),
    Place: lambda t100, alice, client: Place.objects.create(name="Place_1", contact_center=t100),
    Device: lambda t100, alice, client: Device.objects.create(dn="7001", switch="SIP", contact_center=t100),
    User: lambda t100, alice, client: User.objects.create(user_name="carol", contact_center=t100, dbid=900),
    Role: lambda t100, alice, client: Role.objects.create(
        name="ROLE_ONE", contact_center=t100, privileges=["users:read"]
    ),
    AccessGroup: lambda t100, alice, client: AccessGroup.objects.create(name="Group", contact_center=t100),
    BasicCredential: lambda t100, alice, client: BasicCredential.objects.create(
        name="script", contact_center=t100, role=alice.roles.first(), password="x"
    ),
    FailureCounter: lambda t100, alice, client: FailureCounter.objects.create(
        kind="pair",
        subject="t100\\alice from ::1",
        failures=1,
        contact_center=t100,
        window_ends_at=timezone.now() + SOON,
    ),
    Session: lambda t100, alice, client: Session.objects.create(
        key_hash="e" * 64, kind="desk", user=alice, last_seen_at=timezone.now(), ends_at=timezone.now() + SOON
    ),
    RecorderSession: lambda t100, alice, client: RecorderSession.objects.create(
        agent_key=f"user:{alice.pk}",
        user=alice,
        user_name=str(alice),
        user_epoch=alice.epoch,
        contact_center=t100,
        key_hash="c" * 64,
        started_at=timezone.now(),
        logged_in_at=timezone.now(),
        ends_at=timezone.now() + SOON,
    ),
    Visit: lambda t100, alice, client: make_visit(make_server(t100)),
    Identity: lambda t100, alice, client: make_identity(make_server(t100)),
    Event: lambda t100, alice, client: make_event(make_visit(make_server(t100))),
    HistoryImport: lambda t100, alice, client: HistoryImport.objects.create(
        application=Application.objects.create(name="GWE_Server", contact_center=t100),
        fingerprint="f" * 64,
        file_name="events.jsonl",
        started_at=timezone.now(),
        last_at=timezone.now(),
    ),
    Customer: lambda t100, alice, client: a_customer(t100),
    TemporaryToken: lambda t100, alice, client: TemporaryToken.objects.create(
        id="jti",
        user=alice,
        contact_center=t100,
        user_epoch=1,
        installation_epoch=1,
        issued_at=timezone.now(),
        expires_at=timezone.now() + SOON,
    ),
    ApiClient: lambda t100, alice, client: client,
    TokenFamily: _family,
    AccessToken: lambda *a: _token(AccessToken, *a),
    RefreshToken: lambda *a: _token(RefreshToken, *a),
    AuthorizationCode: lambda t100, alice, client: AuthorizationCode.objects.create(
        code_hash="d" * 64,
        client=client,
        user=alice,
        user_epoch=1,
        installation_epoch=1,
        redirect_uri="x",
        auth_time=timezone.now(),
        expires_at=timezone.now() + SOON,
    ),
    Delivery: lambda t100, alice, client: Delivery.objects.create(
        application=two_factor(t100), channel="sms", gateway="test", outcome="accepted", made_at=timezone.now()
    ),
    OutboxMessage: lambda t100, alice, client: outbox_add(
        application=two_factor(t100), channel="sms", to="+14155550142", text="x", code="1"
    ),
    FlowSession: lambda t100, alice, client: make_session(an_application(t100)),
    Guard: lambda t100, alice, client: make_guard(an_application(t100)),
    Strategy: lambda t100, alice, client: a_strategy(t100, user="", password=""),
    Caller: lambda t100, alice, client: Caller.objects.get(credential=bound(two_factor_application(t100))),
    CapabilityKey: lambda t100, alice, client: key_of(two_factor_application(t100))[0],
    Consent: lambda t100, alice, client: Consent.objects.create(user=alice, client=client, scope="*"),
    Change: lambda t100, alice, client: Change.objects.create(
        actor_kind="user",
        actor_name="x",
        action="update",
        object_type="users",
        object_id="1",
        object_name="y",
        contact_center_id=t100.pk,
    ),
    SecurityEvent: lambda t100, alice, client: SecurityEvent.objects.create(
        actor_kind="user", actor_name="x", name="sign-in", outcome="ok", contact_center_id=t100.pk
    ),
}
# Of the installation: root sees them, alice nothing.
OF_THE_INSTALLATION: dict[Any, Make] = {
    Installation: lambda t100, alice, client: Installation.objects.get(pk=1),
    Environment: lambda t100, alice, client: Environment.objects.create(tenant="Environment"),
    SigningKey: lambda t100, alice, client: SigningKey.objects.first(),
    JobLease: lambda t100, alice, client: JobLease.objects.create(name="some.job"),
    IDToken: lambda t100, alice, client: IDToken.objects.create(),
}
# Those whose form alice may save as it stands.
SAVED = [
    ContactCenter,
    Application,
    Place,
    Device,
    User,
    Role,
    AccessGroup,
    BasicCredential,
    ApiClient,
    Strategy,
    CapabilityKey,
    Customer,
]
# Made and deleted, never changed.
BOUND = [Caller]
READ_ONLY = [model for model in OF_A_CONTACT_CENTER if model not in [*SAVED, *BOUND]]


@pytest.fixture(autouse=True)
def in_the_demo(settings: Any) -> None:
    """Where every screen is: the outbox has one in the demo only."""
    settings.DESKGATE_MODE = "demo"


@pytest.fixture
def client_of_one(make_client: Any, t100: Any) -> ApiClient:
    client: ApiClient = make_client("one-client", owner=t100)
    client.contact_centers.set([t100])
    return client


def page_of(model: Any, view: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def test_every_registered_model_has_a_row_in_the_matrix():
    assert set(admin.site._registry) == {*OF_A_CONTACT_CENTER, *OF_THE_INSTALLATION}


@pytest.mark.parametrize("model", OF_A_CONTACT_CENTER, ids=lambda model: model.__name__)
def test_a_contact_centers_administrator_sees_its_rows_and_no_other_does(model, t100, alice, eve, client_of_one):
    row = OF_A_CONTACT_CENTER[model](t100, alice, client_of_one)
    hers, theirs = admin_of(alice), admin_of(eve)
    listed = hers.get(page_of(model, "changelist"))
    assert listed.status_code == 200
    assert row in listed.context["cl"].queryset
    assert hers.get(page_of(model, "change", row.pk)).status_code == 200
    assert row not in theirs.get(page_of(model, "changelist")).context["cl"].queryset
    refused = theirs.get(page_of(model, "change", row.pk))
    assert (refused.status_code, refused["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("model", SAVED, ids=lambda model: model.__name__)
def test_a_form_is_saved_by_the_administrator_of_its_contact_center_only(model, t100, alice, eve, client_of_one):
    row = OF_A_CONTACT_CENTER[model](t100, alice, client_of_one)
    hers, theirs = admin_of(alice), admin_of(eve)
    page = hers.get(page_of(model, "change", row.pk))
    sent = filled(page)
    if "name" in sent:
        sent["name"] += "_2"
    else:
        sent["enabled"] = ""
    before = model.objects.filter(pk=row.pk).values().get()
    assert theirs.post(page_of(model, "change", row.pk), sent).status_code == 302
    assert model.objects.filter(pk=row.pk).values().get() == before
    answer = hers.post(page_of(model, "change", row.pk), sent)
    assert answer.status_code == 302, errors_of(answer)
    assert model.objects.filter(pk=row.pk).values().get() != before


@pytest.mark.parametrize("model", [*SAVED, *BOUND], ids=lambda model: model.__name__)
def test_nothing_is_deleted_from_another_contact_center(model, t100, alice, eve, client_of_one):
    row = OF_A_CONTACT_CENTER[model](t100, alice, client_of_one)
    refused = admin_of(eve).post(page_of(model, "delete", row.pk), {"post": "yes"})
    # Whatever is not hers is not there for her; contact centers are deleted by nobody of a contact center.
    assert refused.status_code == (403 if model is ContactCenter else 302)
    assert model.objects.filter(pk=row.pk).exists()
    if model is not ContactCenter:
        answer = admin_of(alice).post(page_of(model, "delete", row.pk), {"post": "yes", "reason": "gone"})
        assert answer.status_code == 302
        assert not model.objects.filter(pk=row.pk).exists()
        assert Change.objects.filter(action="delete").first().reason == "gone"


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_what_happened_is_edited_by_nobody(model, t100, alice, root, client_of_one):
    row = OF_A_CONTACT_CENTER[model](t100, alice, client_of_one)
    browser = admin_of(root)
    assert browser.get(page_of(model, "add")).status_code == 403
    assert browser.post(page_of(model, "change", row.pk), {}).status_code == 403
    assert browser.post(page_of(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", OF_THE_INSTALLATION, ids=lambda model: model.__name__)
def test_what_is_the_installations_is_roots_alone(model, t100, alice, root, client_of_one):
    OF_THE_INSTALLATION[model](t100, alice, client_of_one)
    listed = admin_of(alice).get(page_of(model, "changelist"))
    # The one installation has no list: its page sends everybody on to the row, which is refused.
    assert listed.status_code == (302 if model is Installation else 403)
    assert admin_of(alice).get(page_of(model, "changelist"), follow=True).status_code == 403
    assert admin_of(root).get(page_of(model, "changelist"), follow=True).status_code == 200


def test_an_environment_is_changed_and_deleted_by_root_alone(t100, alice, root):
    row = Environment.objects.create(tenant="Environment")
    page = admin_of(root).get(page_of(Environment, "change", row.pk))
    sent = filled(page, tenant="Changed")
    assert admin_of(alice).post(page_of(Environment, "change", row.pk), sent).status_code in (302, 403)
    assert admin_of(alice).post(page_of(Environment, "add"), sent).status_code == 403
    assert admin_of(alice).post(page_of(Environment, "delete", row.pk), {"post": "yes"}).status_code in (302, 403)
    assert Environment.objects.get().tenant == "Environment"
    assert admin_of(root).post(page_of(Environment, "change", row.pk), sent).status_code == 302
    assert Environment.objects.get().tenant == "Changed"
    assert admin_of(root).post(page_of(Environment, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert not Environment.objects.exists()


@pytest.mark.parametrize(
    ("model", "action"),
    [
        (model, action.name)
        for model, screen in admin.site._registry.items()
        for action in cast(GovernedAdmin[Any], screen).all_actions()
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_every_action_passes_by_the_rows_of_others(model, action, t100, alice, eve, client_of_one):
    row = (OF_A_CONTACT_CENTER | OF_THE_INSTALLATION)[model](t100, alice, client_of_one)
    before = model.objects.filter(pk=row.pk).values().get()
    sent = {"action": action, "_selected_action": [row.pk], "confirmed": "yes", "index": 0, "select_across": 0}
    answer = admin_of(eve).post(page_of(model, "changelist"), sent)
    assert answer.status_code in ((200, 302) if model in OF_A_CONTACT_CENTER else (403,))
    assert (
        admin_of(eve)
        .post(page_of(model, "change", row.pk).replace("/change/", f"/do/{action}/"), {"confirmed": "yes"})
        .status_code
        == 403
    )
    assert model.objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", [*OF_A_CONTACT_CENTER, *OF_THE_INSTALLATION], ids=lambda model: model.__name__)
def test_an_agent_sees_nothing(model, bob):
    browser, answer = sign_in(str(bob))
    assert answer.status_code == 200
    assert browser.get(page_of(model, "changelist"))["Location"].startswith("/admin/login/")


def test_choices_and_autocomplete_offer_only_what_is_visible(t100, t200, alice, eve):
    Place.objects.create(name="Place_of_two", contact_center=t200)
    browser = admin_of(alice)
    asked = {"app_label": "environment", "model_name": "device", "field_name": "place", "term": "Place"}
    assert browser.get("/admin/autocomplete/", asked).json()["results"] == []
    page = browser.get(page_of(Device, "add"))
    place = Place.objects.get(name="Place_of_two")
    answer = browser.post(page_of(Device, "add"), filled(page, dn="1", switch="S", place=place.pk))
    assert "valid choice" in errors_of(answer)
    answer = browser.post(page_of(Device, "add"), filled(page, dn="1", switch="S", contact_center=str(t200.pk)))
    assert "valid choice" in errors_of(answer)
    assert not Device.objects.exists()


def test_a_contact_center_in_use_cannot_be_deleted_and_says_by_what(t100, root, make_client):
    make_client("bound").contact_centers.set([t100])
    browser = admin_of(root)
    page = browser.get(page_of(ContactCenter, "delete", t100.pk))
    assert "bound" in page.content.decode()
    browser.post(page_of(ContactCenter, "delete", t100.pk), {"post": "yes"})
    sent = {"action": "delete_selected", "_selected_action": [t100.pk], "confirmed": "yes", "index": 0}
    answer = browser.post(page_of(ContactCenter, "changelist"), sent)
    assert "in use by API clients bound" in messages_of(answer, browser)
    assert ContactCenter.objects.filter(pk=t100.pk).exists()


def test_an_action_asks_first_and_tells_the_number_and_keeps_the_reason(t100, root):
    places = [Place.objects.create(name=f"P{n}", contact_center=t100) for n in range(3)]
    browser = admin_of(root)
    sent = {"action": "disable", "_selected_action": [place.pk for place in places], "index": 0}
    page = browser.post(page_of(Place, "changelist"), sent)
    assert "3 places" in page.content.decode()
    assert Place.objects.filter(enabled=True).count() == 3
    answer = browser.post(page_of(Place, "changelist"), sent | {"confirmed": "yes", "reason": "moving out"})
    assert "3 places disabled." in messages_of(answer, browser)
    assert not Place.objects.filter(enabled=True).exists()
    assert set(Change.objects.filter(object_type="places").values_list("reason", flat=True)) == {"moving out"}


def test_a_lists_contact_center_is_filtered_by_typing_not_by_links(t100, t200, root):
    Place.objects.create(name="P1", contact_center=t100)
    Place.objects.create(name="P2", contact_center=t200)
    browser = admin_of(root)
    page = browser.get(page_of(Place, "changelist"), {"contact_center": str(t100.pk)})
    assert [place.name for place in page.context["cl"].queryset] == ["P1"]
    assert "admin-autocomplete" in page.content.decode()
    assert browser.get(page_of(Place, "changelist"), {"contact_center": "nonsense"}).status_code == 200


def test_a_list_asks_the_same_number_of_statements_for_any_number_of_rows(t100, root, django_assert_max_num_queries):
    browser = admin_of(root)
    Device.objects.bulk_create(Device(dn=str(n), switch="S", contact_center=t100) for n in range(60))
    with django_assert_max_num_queries(8):
        assert browser.get(page_of(Device, "changelist")).status_code == 200
