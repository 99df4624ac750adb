"""“Copy to clients…” and “Export for Configuration Server…” of the admin, and the guide's first two procedures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import FailureCounter, Role, User
from activity.models import Change, SecurityEvent
from config.context import RequestContext, entered
from config.http.errors import Forbidden
from config.principal import Principal
from environment.findings import findings
from environment.models import Application, ContactCenter, Option
from environment.services import application_update, option_delete
from history.selectors.pairs import workspace_pair
from history.services.exports import workspace_export
from history.services.strategies import strategy_create
from tests.admin_client import admin_of, filled, messages_of
from tests.cast import PASSWORD
from tests.history.asking import PAIR, USER, WORD, ask, put, server, workspace

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.history.urls")]
APPLICATIONS = "/admin/environment/application/"


@pytest.fixture
def gwe(t100: ContactCenter) -> Application:
    return server("GWE", t100, PAIR)


@pytest.fixture
def desk_app(t100: ContactCenter) -> Application:
    return workspace("Desk", t100, ("old", "old-word-1"))


def url(application: Application, page: str) -> str:
    return f"{APPLICATIONS}{application.pk}/page/{page}/"


def copy_url(application: Application) -> str:
    return url(application, "copy-to-clients")


def key(application: Application) -> str:
    return f"application-{application.pk}"


def test_the_page_names_each_client_before_anything_is_written(
    gwe: Application, desk_app: Application, alice: User, t100: ContactCenter, t200: ContactCenter
) -> None:
    bare, same = workspace("Bare", t100), workspace("Same", t100, PAIR)
    workspace("Theirs", t200, ("x", "y"))
    browser = admin_of(alice)
    assert copy_url(gwe) in browser.get(f"{APPLICATIONS}{gwe.pk}/change/").content.decode()
    page = browser.get(copy_url(gwe))
    assert dict(page.context["form"].fields["clients"].choices) == {
        key(bare): "Interaction Workspace “Bare”: has none",
        key(desk_app): "Interaction Workspace “Desk”: not the same: user-id, password",
    }
    assert page.context["form"]["clients"].value() == [key(desk_app)]
    assert WORD not in page.content.decode()
    answer = browser.post(copy_url(gwe), {"clients": [key(desk_app)], "reason": "rotated"})
    assert messages_of(answer, browser) == "Copied to Interaction Workspace “Desk”."
    copied = workspace_pair(desk_app)
    assert (copied.scheme, copied.user_id, copied.password) == ("Basic", *PAIR)
    changes = Change.objects.filter(reason="rotated", object_type="options")
    assert sorted(changes.values_list("object_name", flat=True)) == ["gwe:security/password", "gwe:security/user-id"]
    assert {each.actor_name for each in changes} == {"t100\\alice"}
    assert WORD not in str(list(Change.objects.values()))
    assert not workspace_pair(bare).is_set
    assert workspace_pair(same).is_basic
    assert findings() == []


def test_the_answer_names_the_strategies_that_go_on_with_the_old_pair(gwe: Application, alice: User) -> None:
    strategy = strategy_create(application=gwe, user="old", password="old-word-1")
    browser = admin_of(alice)
    answer = browser.post(copy_url(gwe), {"clients": [f"strategy-{strategy.pk}"]})
    assert messages_of(answer, browser) == (
        "Copied to engagement strategy “GWE default”. "
        "Still to be regenerated and deployed: engagement strategy “GWE default”."
    )


def test_where_no_client_has_one_each_is_proposed(gwe: Application, alice: User, t100: ContactCenter) -> None:
    bare, other = workspace("Bare", t100), workspace("Other", t100)
    browser = admin_of(alice)
    page = browser.get(copy_url(gwe))
    assert set(page.context["form"]["clients"].value()) == {key(bare), key(other)}
    browser.post(copy_url(gwe), {"clients": [key(bare), key(other)]})
    assert [workspace_pair(each).is_basic for each in (bare, other)] == [True, True]
    assert "Every client has what this server demands." in browser.get(copy_url(gwe)).content.decode()


def test_nothing_chosen_and_strangers_chosen_write_nothing(
    gwe: Application, desk_app: Application, alice: User, t200: ContactCenter
) -> None:
    theirs = workspace("Theirs", t200, ("x", "y"))
    browser = admin_of(alice)
    for chosen in ([], [key(theirs)], ["application-0"]):
        page = browser.post(copy_url(gwe), {"clients": chosen})
        assert (page.status_code, bool(page.context["form"].errors)) == (200, True)
    assert workspace_pair(desk_app).user_id == "old"
    assert workspace_pair(theirs).user_id == "x"


@pytest.mark.parametrize("name", ["auth-scheme", "user-id", "password"])
def test_a_partial_set_is_not_copied(gwe: Application, desk_app: Application, alice: User, name: str) -> None:
    option_delete(holder=gwe, section="security", name=name)
    browser = admin_of(alice)
    for page in (browser.get(copy_url(gwe)), browser.post(copy_url(gwe), {"clients": [key(desk_app)]})):
        words = f"The set of GWE cannot be copied (missing: security/{name}). Set it first."
        assert words in page.content.decode()
    assert workspace_pair(desk_app).user_id == "old"


def test_an_open_server_has_nothing_to_copy(gwe: Application, desk_app: Application, alice: User) -> None:
    put(gwe, "auth-scheme", "none")
    assert "demands no credentials: there is nothing to copy" in admin_of(alice).get(copy_url(gwe)).content.decode()


def test_one_client_that_cannot_be_written_undoes_all(
    gwe: Application, desk_app: Application, alice: User, t100: ContactCenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from history.services import clients

    workspace("Later", t100, ("old", "old-word-2"))
    real = clients.options_set_many

    def refusing(**words: Any) -> Any:
        if words["holder"].name == "Later":
            raise Forbidden("Not this one.")
        return real(**words)

    monkeypatch.setattr(clients, "options_set_many", refusing)
    browser = admin_of(alice)
    chosen = [value for value, _label in browser.get(copy_url(gwe)).context["form"].fields["clients"].choices]
    page = browser.post(copy_url(gwe), {"clients": chosen})
    assert "Not this one." in page.content.decode()
    assert workspace_pair(desk_app).user_id == "old"


def test_pages_are_closed_to_others(
    gwe: Application, desk_app: Application, eve: User, alice: User, t100: ContactCenter, make_user: Callable[..., User]
) -> None:
    role = Role.objects.create(
        name="READER", contact_center=t100, privileges=["applications:read", "options:read", "contact-centers:read"]
    )
    reader = make_user("rita", t100, roles=[role])
    for who in (eve, reader):
        browser = admin_of(who)
        assert browser.get(copy_url(gwe)).status_code == 403
        assert browser.post(copy_url(gwe), {"clients": [key(desk_app)]}).status_code == 403
    assert admin_of(eve).get(url(desk_app, "export")).status_code == 403
    # Of the right type only, and only what there is.
    browser = admin_of(alice)
    for closed in (copy_url(desk_app), url(gwe, "export"), url(gwe, "nothing")):
        assert browser.get(closed).status_code == 403
    assert "/page/" not in admin_of(reader).get(f"{APPLICATIONS}{gwe.pk}/change/").content.decode()


def test_the_export_is_exactly_the_section(desk_app: Application, alice: User) -> None:
    browser = admin_of(alice)
    assert url(desk_app, "export") in browser.get(f"{APPLICATIONS}{desk_app.pk}/change/").content.decode()
    page = browser.get(url(desk_app, "export"))
    assert ("old-word-1" in page.content.decode(), "no-store" in page["Cache-Control"]) == (False, True)
    answer = browser.post(url(desk_app, "export"), {"password": PASSWORD, "reason": "for CS"})
    assert answer.content.decode() == "[gwe:security]\nauth-scheme=Basic\nuser-id=old\npassword=old-word-1\n"
    assert answer["Content-Disposition"] == 'attachment; filename="Desk.cfg"'
    assert "no-store" in answer["Cache-Control"]
    event = SecurityEvent.objects.get(name="option-secrets-exported")
    assert (event.outcome, event.actor_name) == ("ok", "t100\\alice")
    assert event.contact_center_id == desk_app.contact_center_id
    assert event.detail == {"application": "Desk", "section": "gwe:security", "reason": "for CS"}
    assert "old-word-1" not in str(list(SecurityEvent.objects.values()))


def test_a_wrong_password_is_told_counted_and_locks_as_a_sign_in_does(desk_app: Application, alice: User) -> None:
    browser = admin_of(alice)
    target = url(desk_app, "export")
    for _ in range(10):
        page = browser.post(target, {"password": "wrong", "reason": "x"})
        assert page.context["form"].errors == {"password": ["The password is wrong, or cannot be tried now."]}
    page = browser.post(target, {"password": PASSWORD, "reason": "x"})
    assert page.context["form"].errors
    assert FailureCounter.objects.get(kind=FailureCounter.Kind.PAIR).failures == 10
    assert not SecurityEvent.objects.filter(name="option-secrets-exported").exists()
    assert "wrong" not in {event.refusal for event in SecurityEvent.objects.all()}


@pytest.mark.parametrize("form", [{}, {"password": PASSWORD}, {"reason": "x"}, {"password": PASSWORD, "reason": " "}])
def test_password_and_reason_are_both_needed(desk_app: Application, alice: User, form: dict[str, str]) -> None:
    page = admin_of(alice).post(url(desk_app, "export"), form)
    assert (page.status_code, bool(page.context["form"].errors)) == (200, True)
    assert not SecurityEvent.objects.filter(name="option-secrets-exported").exists()


def test_without_the_privilege_there_is_no_export(
    desk_app: Application, t100: ContactCenter, make_user: Callable[..., User]
) -> None:
    held = ["applications:write", "options:write", "contact-centers:read", "applications:read", "options:read"]
    role = Role.objects.create(name="WRITER", contact_center=t100, privileges=held)
    browser = admin_of(make_user("will", t100, roles=[role]))
    for answer in (
        browser.get(url(desk_app, "export")),
        browser.post(url(desk_app, "export"), {"password": PASSWORD, "reason": "x"}),
    ):
        assert answer.status_code == 403
        assert "old-word-1" not in answer.content.decode()


def test_the_service_asks_for_itself_who_may_read_secrets(desk_app: Application, t100: ContactCenter) -> None:
    home = frozenset({t100.pk})
    writer = Principal(kind="user", name="will", contact_center_ids=home, privileges=frozenset({"options:write"}))
    with entered(RequestContext(principal=writer)), pytest.raises(Forbidden):
        workspace_export(desk_app, reason="x")
    assert not SecurityEvent.objects.exists()


def test_a_partial_set_is_not_exported(desk_app: Application, alice: User) -> None:
    option_delete(holder=desk_app, section="gwe:security", name="user-id")
    page = admin_of(alice).post(url(desk_app, "export"), {"password": PASSWORD, "reason": "x"})
    assert "Desk has no whole set to export (missing: gwe:security/user-id)." in page.content.decode()
    assert not SecurityEvent.objects.filter(name="option-secrets-exported").exists()


def test_a_file_name_holds_no_markup(desk_app: Application, alice: User) -> None:
    application_update(desk_app, name='De"sk;/ü.exe')
    answer = admin_of(alice).post(url(desk_app, "export"), {"password": PASSWORD, "reason": "x"})
    assert answer["Content-Disposition"] == 'attachment; filename="De_sk_.exe.cfg"'


def options_form(page: Any, section: str, **values: str) -> dict[str, str]:
    sent = {}
    for row in page.context["rows"]:
        sent[f"value:{row.key}"] = "" if row.is_secret else row.text
        sent[f"was:{row.key}"] = row.text
    return sent | {f"value:{section}/{name.replace('_', '-')}": value for name, value in values.items()}


def test_the_guides_two_procedures(alice: User, t100: ContactCenter) -> None:
    """seeds/000: Configuring Authentication in the Web Engagement Server, then in Interaction Workspace."""
    browser = admin_of(alice)
    for name, kind in (("GWE", "web-engagement-server"), ("IW", "interaction-workspace")):
        page = browser.get(f"{APPLICATIONS}add/")
        words = {"name": name, "type": kind, "contact_center": str(t100.pk)}
        assert browser.post(f"{APPLICATIONS}add/", filled(page, **words)).status_code == 302
    gwe, desk = Application.objects.get(name="GWE"), Application.objects.get(name="IW")
    assert ask().status_code == 200

    table = f"{APPLICATIONS}{gwe.pk}/options/"
    page = browser.get(table)
    values = {"auth_scheme": "Basic", "user_id": USER, "password": WORD}
    answer = browser.post(table, options_form(page, "security", **values) | {"_save": "Save & Close"})
    assert (answer.status_code, answer["Location"]) == (302, APPLICATIONS)
    assert (ask().status_code, ask(pair=PAIR).status_code) == (401, 200)

    table = f"{APPLICATIONS}{desk.pk}/options/"
    for name, value in (("user-id", USER), ("password", WORD), ("auth-scheme", "Basic")):
        new = {"section": "gwe:security", "name": name, "value": value, "_new": "OK"}
        assert browser.post(table, new).status_code == 302
    page = browser.get(table)
    shown = {row.key: row.text for row in page.context["rows"] if row.option}
    names = {"gwe:security/auth-scheme": "Basic", "gwe:security/password": "", "gwe:security/user-id": USER}
    assert shown == names
    assert "••••••••" in page.content.decode()
    assert WORD not in page.content.decode()
    assert Option.objects.get(application=desk, name="password").sealed
    assert findings() == []
