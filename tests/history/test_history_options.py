"""The three options of each side: by REST, in the admin, and in provisioning files; and who is told what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import BasicCredential, User
from accounts.services.credentials import credential_create
from activity.models import Change
from environment.models import Application, ContactCenter, Option
from environment.provision.faults import Faults
from environment.services import application_update
from history import options
from oauthapi.models import ApiClient
from tests.admin_client import admin_of
from tests.cast import PASSWORD, basic, by_code, new_code
from tests.environment.rest import Asker, refusal
from tests.history.asking import PAIR, USER, WORD, put, server, workspace

pytestmark = pytest.mark.django_db
SECTION = "security"


@pytest.fixture
def ops(db: None) -> Asker:
    credential_create(BasicCredential(name="ops"), password=PASSWORD)
    return Asker(basic("ops", PASSWORD))


def at(application: Application, section: str, name: str) -> str:
    return f"/applications/{application.name}/options/{section}/{name}"


def stored(application: Application) -> dict[str, str]:
    return {row.name: row.value for row in Option.objects.filter(application=application)}


def test_options_are_set_one_after_the_other_with_the_scheme_last(ops: Asker, t100: ContactCenter) -> None:
    application = server("App", t100)
    answer = ops("PUT", at(application, SECTION, "auth-scheme"), {"value": "basic"})
    assert refusal(answer)[0] == 400
    named = [each["status"]["detail"]["field"] for each in answer.json()["errors"]]
    assert named == [f"{SECTION}/user-id", f"{SECTION}/password"]
    assert not Option.objects.exists()
    ops.done("PUT", at(application, SECTION, "user-id"), {"value": USER})
    answer = ops("PUT", at(application, SECTION, "auth-scheme"), {"value": "Basic"})
    assert refusal(answer) == (400, 2, f"{SECTION}/password")
    ops.done("PUT", at(application, SECTION, "password"), {"value": ""})
    assert refusal(ops("PUT", at(application, SECTION, "auth-scheme"), {"value": "Basic"}))[2] == f"{SECTION}/password"
    ops.done("PUT", at(application, SECTION, "password"), {"value": WORD})
    ops.done("PUT", at(application, SECTION, "auth-scheme"), {"value": "BASIC"})
    assert stored(application)["auth-scheme"] == "BASIC"


def test_any_single_one_may_be_deleted_and_set_but_basic_not_named_again(ops: Asker, t100: ContactCenter) -> None:
    application = server("App", t100, PAIR)
    ops.done("DELETE", at(application, SECTION, "password"))
    ops.done("PUT", at(application, SECTION, "user-id"), {"value": ""})
    # Nothing would change by this, but it says Basic of a set that is none.
    answer = ops("PUT", at(application, SECTION, "auth-scheme"), {"value": "Basic"})
    assert refusal(answer)[0] == 400
    ops.done("PUT", at(application, SECTION, "auth-scheme"), {"value": "none"})
    ops.done("DELETE", at(application, SECTION, "auth-scheme"))


def test_the_clients_scheme_is_set_first_as_the_seed_does_it(ops: Asker, t100: ContactCenter) -> None:
    application = workspace("App", t100)
    for name, value in (("auth-scheme", "Basic"), ("user-id", USER), ("password", WORD)):
        ops.done("PUT", at(application, "gwe:security", name), {"value": value})


def test_a_list_is_judged_as_it_leaves_the_set(ops: Asker, t100: ContactCenter) -> None:
    application = server("App", t100)
    path = "/applications/App/options"
    whole = [{"name": f"security/{name}", "value": value} for name, value in
             (("auth-scheme", "Basic"), ("user-id", USER), ("password", WORD))]  # fmt: skip
    assert refusal(ops("PATCH", path, whole[:2]))[2] == "security/password"
    assert not stored(application)
    ops.done("PATCH", path, whole)
    away = [whole[0], {"name": "security/user-id", "value": None}]
    assert refusal(ops("PATCH", path, away))[2] == "security/user-id"
    assert stored(application)["user-id"] == USER
    ops.done("PATCH", path, away[1:])
    # What is wrong by itself is told by itself.
    broken = [{"name": "security/auth-scheme", "value": "Digest"}, {"name": "security/user-id", "value": "a:b"}]
    assert ops("PATCH", path, broken).status_code == 400


@pytest.mark.parametrize("value", ["a:b", ":", "a\tb", "a\x7fb", "a\x85b", "a\nb"])
def test_a_user_id_that_no_header_can_carry_is_refused(ops: Asker, t100: ContactCenter, value: str) -> None:
    application = server("App", t100)
    assert ops("PUT", at(application, "security", "user-id"), {"value": value}).status_code == 400
    clean = value.replace(":", "")
    status = ops("PUT", at(application, "security", "password"), {"value": value}).status_code
    assert status == (200 if clean != value else 400)


@pytest.mark.parametrize("value", ["everybody", "10.0.0.0/33", "127.0.0.1, x", "1.2.3"])
def test_open_networks_are_networks(ops: Asker, t100: ContactCenter, value: str) -> None:
    application = server("App", t100)
    answer = ops("PUT", at(application, "security", "history-open-networks"), {"value": value})
    assert refusal(answer)[0] == 400
    ops.done("PUT", at(application, "security", "history-open-networks"), {"value": "10.0.0.0/8, ::1, 192.0.2.1"})


@pytest.mark.parametrize("value", ["a key", "a/b", "ä", "x" * 129, "a\n"])
def test_a_site_key_is_url_safe(ops: Asker, t100: ContactCenter, value: str) -> None:
    application = server("App", t100)
    assert ops("PUT", at(application, "tracker", "site-key"), {"value": value}).status_code == 400
    ops.done("PUT", at(application, "tracker", "site-key"), {"value": "Ab-9._~"})


def told(asker: Asker, application: Application) -> dict[str, Any]:
    rows = asker.get(f"/applications/{application.name}/options")
    return next(row for row in rows if row["option"] == "password")


@pytest.fixture
def hers(make_client: Callable[..., ApiClient], alice: User) -> Asker:
    """alice, who may read secret options of contact center one."""
    client = make_client("tool", trusted=True, grants=["authorization_code"], scopes=["*", "configuration"])
    given = by_code(client, new_code(client, alice, scope="* configuration")).json()
    return Asker(f"Bearer {given['access_token']}")


def test_the_clients_password_is_told_to_those_who_may_read_secrets(
    ops: Asker, hers: Asker, t100: ContactCenter
) -> None:
    theirs = workspace("Client", t100, PAIR)
    hidden = {"name": "gwe:security/password", "section": "gwe:security", "option": "password", "secret": True}
    assert told(ops, theirs) == hidden
    assert told(hers, theirs) == hidden | {"value": WORD}


def test_the_servers_password_is_told_to_nobody(ops: Asker, hers: Asker, t100: ContactCenter) -> None:
    ours = server("Server", t100, PAIR)
    for asker in (ops, hers):
        row = told(asker, ours)
        assert ("value" in row, row["secret"]) == (False, True)
        answer = asker("PUT", at(ours, "security", "password"), {"value": WORD})
        assert (answer.status_code, WORD in answer.content.decode()) == (200, False)
    # Nor under another type, where nobody declares it.
    for kind in (Application.Type.OTHER, options.WORKSPACE, Application.Type.TWO_FACTOR):
        application_update(ours, type=kind)
        assert "value" not in told(hers, ours)


def test_no_change_row_knows_a_password(ops: Asker, t100: ContactCenter) -> None:
    server("Server", t100, PAIR)
    workspace("Client", t100, PAIR)
    assert WORD not in str(list(Change.objects.values()))
    assert WORD not in str(list(Option.objects.values()))


def form(page: Any, **values: str) -> dict[str, str]:
    sent = {}
    for row in page.context["rows"]:
        sent[f"value:{row.key}"] = "" if row.is_secret else row.text
        sent[f"was:{row.key}"] = row.text
    return sent | {f"value:security/{name.replace('_', '-')}": value for name, value in values.items()}


def test_the_admins_form_tells_at_the_row_what_is_missing(alice: User, t100: ContactCenter) -> None:
    application = server("Server", t100)
    browser = admin_of(alice)
    url = f"/admin/environment/application/{application.pk}/options/"
    page = browser.post(url, form(browser.get(url), auth_scheme="Basic", user_id=USER))
    wrong = {row.key: row.errors for row in page.context["rows"] if row.errors}
    assert wrong == {"security/password": ["security/auth-scheme Basic needs security/password, which is not set."]}
    assert not Option.objects.exists()
    answer = browser.post(url, form(browser.get(url), auth_scheme="Basic", user_id=USER, password=WORD))
    assert answer.status_code == 302
    assert browser.post(url, form(browser.get(url), user_id="another")).status_code == 302
    page = browser.get(url)
    assert WORD not in page.content.decode()


FILE = """
applications:
  - name: Server
    type: web-engagement-server
    contact-center: t100
    options:
      security/auth-scheme: Basic
      security/user-id: apiuserid
"""


@pytest.mark.parametrize("take_away", [{"remove:security/password": "on"}, {"value:security/user-id": ""}])
def test_the_admins_form_leaves_no_part_of_a_set_that_demands_basic(
    alice: User, t100: ContactCenter, take_away: dict[str, str]
) -> None:
    application = server("App", t100, PAIR)
    before = stored(application)
    url = f"/admin/environment/application/{application.pk}/options/"
    table = {
        "value:security/auth-scheme": "Basic",
        "was:security/auth-scheme": "Basic",
        "value:security/user-id": USER,
        "was:security/user-id": USER,
        "value:security/password": "",
        "_save": "Save & Close",
    }
    answer = admin_of(alice).post(url, table | take_away)
    assert answer.status_code == 200
    assert "needs security/" in answer.content.decode()
    assert stored(application) == before


def test_a_file_with_a_partial_set_is_refused_at_its_line(provision: Callable[[str], Any], t100: ContactCenter) -> None:
    with pytest.raises(Faults) as refused:
        provision(FILE)
    (fault,) = refused.value.faults
    assert fault.message == "security/auth-scheme Basic needs security/password, which is not set."
    assert (fault.line, fault.path) == (7, "applications[0].options")
    provision(FILE + f"      security/password: {WORD}\n")
    provision(FILE)  # the password that is there counts
    put(Application.objects.get(), "password", "")
    with pytest.raises(Faults):
        provision(FILE)


def test_a_plan_compares_the_servers_password_without_telling_it(
    provision: Callable[[str], Any], t100: ContactCenter
) -> None:
    whole = FILE + f"      security/password: {WORD}\n"
    first = provision(whole)
    assert [step.action for step in first.steps] == ["add"]
    assert not provision(whole).todo
    other = provision(FILE + "      security/password: another-word-9\n")
    (step,) = other.todo
    assert [(diff.field, diff.shown) for diff in step.diffs] == [("options security/password", "•••• → ••••")]
    assert WORD not in repr(first.todo[0].diffs)


def test_a_file_that_does_not_repeat_the_type_is_judged_by_the_stored_one(
    provision: Callable[[str], Any], t100: ContactCenter
) -> None:
    server("Server", t100)
    with pytest.raises(Faults) as refused:
        provision(FILE.replace("    type: web-engagement-server\n", ""))
    assert [fault.line for fault in refused.value.faults] == [6]
