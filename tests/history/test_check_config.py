"""``manage.py check_config`` and the same words on pages of the admin: which state of the two sides says what."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Role, User
from environment.findings import Finding, findings
from environment.models import Application, ContactCenter, Option
from environment.services import application_update, contact_center_update, option_delete
from tests.admin_client import admin_of
from tests.history.asking import PAIR, WORD, demand, put, server, workspace

pytestmark = pytest.mark.django_db


def check(*words: str) -> tuple[int, str]:
    """(exit status, what it prints)."""
    out = StringIO()
    try:
        call_command("check_config", *words, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def of(application: Application | None) -> list[str]:
    return [f"{one.level}: {one.words}" for one in findings() if one.holder == application]


def only() -> Finding:
    (one,) = findings()
    return one


@pytest.fixture
def gwe(t100: ContactCenter) -> Application:
    return server("GWE", t100, PAIR)


@pytest.fixture
def desk_app(t100: ContactCenter) -> Application:
    return workspace("Desk", t100, PAIR)


def test_nothing_is_found_where_there_is_nothing(t100: ContactCenter) -> None:
    workspace("Desk", t100)
    assert findings() == []
    assert check("--json")[0] == 0


def test_two_sides_that_agree_are_fine(gwe: Application, desk_app: Application) -> None:
    assert findings() == []


def test_an_open_door_is_a_warning_that_names_the_networks(t100: ContactCenter) -> None:
    gwe = server("GWE", t100)
    assert of(gwe) == ["warning: The History API of GWE demands no credentials and answers 127.0.0.0/8, ::1."]
    put(gwe, "history-open-networks", "10.0.0.0/8")
    assert of(gwe) == ["warning: The History API of GWE demands no credentials and answers 10.0.0.0/8."]
    put(gwe, "auth-scheme", "none")
    status, told = check()
    assert (status, "answers 10.0.0.0/8" in told) == (0, True)


@pytest.mark.parametrize("name", ["auth-scheme", "user-id", "password"])
def test_a_partial_set_is_a_fault_that_names_what_is_missing(gwe: Application, name: str) -> None:
    option_delete(holder=gwe, section="security", name=name)
    assert only().words == f"GWE refuses every request to the History API (missing: security/{name})."
    status, told = check()
    assert (status, f"fault: {only().words}" in told) == (1, True)


def test_a_set_that_cannot_be_read_is_a_fault(gwe: Application, t100: ContactCenter) -> None:
    Option.objects.filter(name="password").update(value="v9:AAAA")
    contact_center_update(t100, name="with new stamps")
    assert only().words == "GWE refuses every request to the History API (not readable: security/password)."
    put(gwe, "auth-scheme", "none")
    put(gwe, "password", WORD)
    Option(application=gwe, section="security", name="history-open-networks", value="what").save(force_insert=True)
    contact_center_update(t100, name="with newer stamps")
    assert only().words == "GWE answers nobody: security/history-open-networks cannot be read."


DIFFERENCES: list[tuple[dict[str, str | None], str]] = [
    ({"password": "another-word-1"}, "not the same: password"),
    ({"user-id": "another", "password": "another-word-1"}, "not the same: user-id, password"),
    ({"auth-scheme": "none"}, "auth-scheme is none, not Basic"),
    ({"password": None}, "missing: gwe:security/password"),
    ({"auth-scheme": None}, "missing: gwe:security/auth-scheme"),
]


@pytest.mark.parametrize(("changes", "words"), DIFFERENCES)
def test_sides_that_disagree_are_a_fault_that_names_both(
    gwe: Application, desk_app: Application, changes: dict[str, str | None], words: str
) -> None:
    for name, value in changes.items():
        if value is None:
            option_delete(holder=desk_app, section="gwe:security", name=name)
        else:
            put(desk_app, name, value, section="gwe:security")
    told = f"Interaction Workspace “Desk” does not agree with Web Engagement Server “GWE” ({words})."
    assert (only().level, only().words) == ("fault", told)
    status, printed = check()
    assert (status, told in printed) == (1, True)
    assert not {WORD, "another-word-1"} & set(printed.split())
    (line,) = json.loads(check("--json")[1])
    assert line["about"] == [{"type": "application", "name": "Desk"}, {"type": "application", "name": "GWE"}]


def test_credentials_for_an_open_door_disagree_too(t100: ContactCenter, desk_app: Application) -> None:
    server("GWE", t100)
    assert [one.level for one in findings()] == ["fault", "warning"]
    assert "(auth-scheme is Basic, not none)" in findings()[0].words


def test_a_client_without_the_section_matters_while_no_other_one_is_right(
    gwe: Application, t100: ContactCenter
) -> None:
    bare = workspace("Bare", t100)
    words = "Interaction Workspace “Bare” has no credentials, and Web Engagement Server “GWE” demands Basic."
    assert of(bare) == [f"warning: {words}"]
    other = workspace("Desk", t100, PAIR)
    assert of(bare) == []
    application_update(other, enabled=False)
    assert of(bare) == [f"warning: {words}"]


def test_clients_of_other_contact_centers_and_disabled_ones_do_not_count(
    gwe: Application, t100: ContactCenter, t200: ContactCenter
) -> None:
    workspace("Two", t200, ("x", "y"))
    off = workspace("Off", t100, ("x", "y"))
    application_update(off, enabled=False)
    assert findings() == []


def test_a_client_of_two_doors_needs_to_agree_with_one(
    gwe: Application, desk_app: Application, t100: ContactCenter
) -> None:
    second = server("Second", t100, ("second", "second-word-2"))
    put(None, "default-application", "GWE", section="history")
    assert findings() == []
    demand(desk_app, "third", "third-word-3", section="gwe:security")
    assert only().beside == (gwe, second)


def test_the_default_door(t100: ContactCenter, t200: ContactCenter) -> None:
    paths = "fault: /server/data and /backend/data answer 503"
    first = server("First", t100, PAIR)
    assert of(None) == []
    server("Second", t200, PAIR)
    told = "history/default-application is not set, and 2 Web Engagement Server applications are enabled."
    assert of(None) == [f"{paths}: {told}"]
    assert check()[0] == 1
    put(None, "default-application", "First", section="history")
    assert of(None) == []
    application_update(first, enabled=False)
    (unusable,) = of(None)
    assert unusable.startswith(f"{paths}: history/default-application names “First”, which is no enabled")
    put(None, "default-application", "", section="history")
    assert of(None) == []
    contact_center_update(t200, enabled=False)
    assert of(None) == [f"{paths}: history/default-application is not set, and no such one is enabled."]


def test_what_only_looks_like_a_door_is_a_warning(db: None, t100: ContactCenter) -> None:
    server("A/B", t100, PAIR)
    shared = server("Shared", None, PAIR)
    assert of(shared) == ["warning: Shared belongs to no contact center: its History API answers nobody."]
    assert any("A/B has a slash" in one.words for one in findings())


def test_a_disabled_server_is_not_looked_at(gwe: Application) -> None:
    option_delete(holder=gwe, section="security", name="password")
    application_update(gwe, enabled=False)
    assert all(one.holder is None for one in findings())


def page(user: User, path: str) -> str:
    return str(admin_of(user).get(path).content.decode())


def test_findings_stand_on_the_pages_of_what_they_are_about(
    gwe: Application, desk_app: Application, alice: User
) -> None:
    put(desk_app, "password", "another-word-1", section="gwe:security")
    words = "Interaction Workspace “Desk” does not agree with Web Engagement Server “GWE” (not the same: password)."
    for application in (gwe, desk_app):
        for tab in ("change", "options"):
            assert words in page(alice, f"/admin/environment/application/{application.pk}/{tab}/")
    browser = admin_of(alice)
    index = browser.get("/admin/").content.decode()
    assert words in index
    assert f"/admin/environment/application/{desk_app.pk}/options/" in index
    assert words not in browser.get("/admin/environment/").content.decode()


def test_on_the_start_page_everybody_sees_his_own(
    gwe: Application, t200: ContactCenter, alice: User, eve: User, root: User, make_user: Any
) -> None:
    two = server("Two", t200, PAIR)
    for each in (gwe, two):
        option_delete(holder=each, section="security", name="password")
    lines = {name: f"{name} refuses every request" for name in ("GWE", "Two")}
    reader = Role.objects.create(name="READER", contact_center=t200, privileges=["users:read"])
    nobody = make_user("nina", t200, roles=[reader])
    seen = {user.user_name: page(user, "/admin/") for user in (alice, eve, root, nobody)}
    told = {who: {name for name, line in lines.items() if line in text} for who, text in seen.items()}
    assert told == {"alice": {"GWE"}, "eve": {"Two"}, "root": {"GWE", "Two"}, "nina": set()}
    default = {who for who, text in seen.items() if "default-application" in text}
    assert default == {"root"}
    assert "/admin/environment/installation/options/" in seen["root"]


def test_a_name_is_no_markup(t100: ContactCenter, alice: User) -> None:
    server("<b>GWE</b>", t100)
    text = page(alice, "/admin/")
    assert "<b>GWE</b>" not in text
    assert "&lt;b&gt;GWE" in text
