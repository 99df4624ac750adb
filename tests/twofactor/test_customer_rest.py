"""``/twofactor/v1/customers``: who may ask, what is told, everything that is wrong in one answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from accounts.models import Role, User
from activity.models import Change
from environment.models import ContactCenter
from oauthapi.models import ApiClient
from tests.accounts.configuring import ask, register
from tests.cast import alter, basic, by_code, by_password, new_code
from tests.oauthapi.ops import ops_asker
from tests.twofactor.customer_cast import EMAIL, PHONE, a_customer, enrolled
from twofactor.models import Authenticator, Customer
from twofactor.selectors.enrolments import pending_by

pytestmark = pytest.mark.django_db
CUSTOMERS = "/twofactor/v1/customers"
JANE = {"account": "A-1001", "email": EMAIL, "phone": "+1 (415) 555-0142"}
MASKED = {"account": "A-1001", "email": "j…@d….com", "phone": "…42", "authenticator": False, "enabled": True}


@pytest.fixture
def pair(t100: ContactCenter, administrators: Role) -> str:
    """A Basic credential of contact center one."""
    register(t100, administrators, "script")
    return basic("script", "open-sesame-42")


@pytest.fixture
def other(t200: ContactCenter) -> str:
    """One of contact center two."""
    role = Role.objects.create(name="R", contact_center=t200, privileges=["customers:write"])
    register(t200, role, "foreign")
    return basic("foreign", "open-sesame-42")


def faults(answer: Any) -> dict[str, str]:
    return {each["field"]: each["code"] for each in answer.json()["errors"]}


def test_a_customer_is_made_read_changed_and_deleted(pair: str) -> None:
    made = ask("POST", CUSTOMERS, pair, JANE)
    assert (made.status_code, made.json()) == (201, MASKED)
    assert made["Location"] == f"{CUSTOMERS}/A-1001"
    assert made["Cache-Control"] == "no-store"
    row = Customer.objects.get()
    assert (row.email, row.phone) == (EMAIL, PHONE)
    # Accounts are the same in any case.
    assert ask("GET", f"{CUSTOMERS}/a-1001", pair).json() == MASKED
    changed = ask("PATCH", f"{CUSTOMERS}/A-1001", pair, {"phone": "+44 20 7946 0958"})
    assert changed.json() == MASKED | {"phone": "…58"}
    assert Customer.objects.get().email == EMAIL
    assert ask("DELETE", f"{CUSTOMERS}/A-1001", pair).status_code == 204
    assert ask("GET", f"{CUSTOMERS}/A-1001", pair).status_code == 404


def test_what_was_told_can_be_sent_back_and_changes_nothing(pair: str) -> None:
    ask("POST", CUSTOMERS, pair, JANE)
    told = ask("GET", f"{CUSTOMERS}/A-1001", pair).json()
    before = Change.objects.count()
    for method in ("PUT", "PATCH"):
        assert ask(method, f"{CUSTOMERS}/A-1001", pair, told).json() == told
    assert Change.objects.count() == before
    row = Customer.objects.get()
    assert (row.email, row.phone) == (EMAIL, PHONE)
    # The mask of another address is none.
    answer = ask("PATCH", f"{CUSTOMERS}/A-1001", pair, {"email": "j…@x….com", "phone": "…43"})
    assert faults(answer) == {"email": "invalid", "phone": "invalid"}


def test_put_writes_it_whole_and_patch_what_is_sent(pair: str) -> None:
    ask("POST", CUSTOMERS, pair, JANE | {"enabled": False})
    assert ask("PATCH", f"{CUSTOMERS}/A-1001", pair, {"email": None}).json()["email"] == ""
    assert ask("GET", f"{CUSTOMERS}/A-1001", pair).json() == MASKED | {"email": "", "enabled": False}
    put = ask("PUT", f"{CUSTOMERS}/A-1001", pair, {"account": "a-1001", "email": "x@example.org"})
    assert put.json() == {
        "account": "a-1001", "email": "x…@e….org", "phone": "", "authenticator": False, "enabled": True,
    }  # fmt: skip


def test_everything_that_is_wrong_is_told_at_once_and_never_quoted(pair: str) -> None:
    sent = {
        "account": " blank", "email": "jane roe at home", "phone": "0151 2345678", "enabled": "yes",
        "authenticator": True, "nickname": "J",
    }  # fmt: skip
    answer = ask("POST", CUSTOMERS, pair, sent)
    assert answer.status_code == 400
    assert faults(answer) == {
        "account": "invalid", "email": "invalid", "phone": "invalid", "enabled": "invalid",
        "authenticator": "invalid", "nickname": "unknown",
    }  # fmt: skip
    assert "jane" not in answer.content.decode()
    assert "0151" not in answer.content.decode()
    assert faults(ask("POST", CUSTOMERS, pair, {})) == {"account": "required"}
    assert faults(ask("POST", CUSTOMERS, pair, {"account": 7, "email": ["x"]})) == {
        "account": "invalid", "email": "invalid",
    }  # fmt: skip
    assert faults(ask("POST", CUSTOMERS, pair, {"account": "A" * 256})) == {"account": "max_length"}
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "phone",
    [
        "4155550142", "004915123456789", "+49", "+1 800 FLOWERS", "+999123456789", "+1415555014\uff12",
        "+14155550142;ext=5", "tel:+14155550142", "+" + "1" * 30,
    ],
)  # fmt: skip
def test_a_number_is_not_guessed(pair: str, phone: str) -> None:
    assert faults(ask("POST", CUSTOMERS, pair, {"account": "A", "phone": phone})) == {"phone": "invalid"}


@pytest.mark.parametrize(
    "body", ["[]", "{", '"x"', '{"account": "a", "account": "b"}', '{"account": "\\u0000"}', "x" * 20_000]
)
def test_what_is_no_object_is_refused(pair: str, body: str) -> None:
    assert ask("POST", CUSTOMERS, pair, body).status_code in (400, 413)
    assert not Customer.objects.exists()


def test_an_account_is_there_once(pair: str) -> None:
    ask("POST", CUSTOMERS, pair, JANE)
    answer = ask("POST", CUSTOMERS, pair, {"account": "a-1001"})
    assert (answer.status_code, answer.json()["code"]) == (409, "exists")
    assert [each["field"] for each in answer.json()["errors"]] == ["account"]
    assert faults(ask("PATCH", f"{CUSTOMERS}/A-1001", pair, {"account": "A-1002"})) == {"account": "invalid"}


@pytest.mark.parametrize("account", ["12/34", "é ü", "100%", "a?b#c", "customers", "…", "a+b", ".."])
def test_an_account_may_hold_anything(pair: str, account: str) -> None:
    made = ask("POST", CUSTOMERS, pair, {"account": account})
    assert made.status_code == 201, made.content
    assert ask("GET", made["Location"], pair).json()["account"] == account
    assert ask("POST", f"{made['Location']}/authenticator", pair).status_code == 201
    assert ask("DELETE", made["Location"], pair).status_code == 204


def test_nobody_touches_the_customers_of_others(pair: str, other: str, t100: ContactCenter, bob: User) -> None:
    a_customer(t100)
    where = f"{CUSTOMERS}/A-1001"
    for authorization, status in ((None, 401), (basic("script", "wrong"), 401), (other, 404)):
        for method, path, body in (
            ("GET", where, None), ("PUT", where, JANE), ("PATCH", where, {}), ("DELETE", where, None),
            ("POST", f"{where}/authenticator", None), ("DELETE", f"{where}/authenticator", None),
            ("GET", f"{CUSTOMERS}?contactCenter=100", None), ("POST", f"{CUSTOMERS}?contactCenter=t100", JANE),
        ):  # fmt: skip
            assert ask(method, path, authorization, body).status_code == status, (method, path)
    assert ask("GET", CUSTOMERS, other).json()["items"] == []
    assert Customer.objects.count() == 1
    assert not Authenticator.objects.exists()


def test_reading_is_another_right_than_writing(t100: ContactCenter) -> None:
    a_customer(t100)
    role = Role.objects.create(name="READER", contact_center=t100, privileges=["customers:read"])
    register(t100, role, "reader")
    reader = basic("reader", "open-sesame-42")
    assert ask("GET", f"{CUSTOMERS}/A-1001", reader).status_code == 200
    for method, body in (("PUT", JANE), ("PATCH", {}), ("DELETE", None)):
        assert ask(method, f"{CUSTOMERS}/A-1001", reader, body).status_code == 403
    for method in ("POST", "DELETE"):
        assert ask(method, f"{CUSTOMERS}/A-1001/authenticator", reader).status_code == 403
    assert ask("POST", CUSTOMERS, reader, {}).status_code == 403
    role.privileges = ["users:read"]
    role.save()
    assert ask("GET", CUSTOMERS, reader).status_code == 403


def test_a_bearer_needs_the_scope(alice: User, desk: ApiClient, t100: ContactCenter) -> None:
    token = by_password(desk, alice, scope="*")["access_token"]
    assert ask("GET", CUSTOMERS, f"Bearer {token}").status_code == 403
    alter(desk, scopes=["*", "configuration"])
    token = by_code(desk, new_code(desk, alice, scope="configuration")).json()["access_token"]
    assert ask("POST", CUSTOMERS, f"Bearer {token}", JANE).status_code == 201
    assert Customer.objects.get().contact_center == t100


def test_the_ops_credential_names_the_contact_center(t100: ContactCenter, t200: ContactCenter) -> None:
    ops = ops_asker().headers["Authorization"]
    for method, path in (("GET", CUSTOMERS), ("POST", CUSTOMERS), ("GET", f"{CUSTOMERS}/A")):
        answer = ask(method, path, ops, JANE if method == "POST" else None)
        assert (answer.status_code, set(faults(answer))) == (400, {"contactCenter"})
    for written in ("100", str(t100.pk), "T100", "one.example.com"):
        assert ask("GET", f"{CUSTOMERS}?contactCenter={written}", ops).status_code == 200
    for written in ("999", "t999", "0100", "\x00", "é"):
        assert ask("GET", f"{CUSTOMERS}?contactCenter={quote(written)}", ops).status_code in (400, 404)
    assert ask("POST", f"{CUSTOMERS}?contactCenter=200", ops, JANE).status_code == 201
    assert Customer.objects.get().contact_center == t200


def test_a_list_comes_by_pages_and_by_account(pair: str, t100: ContactCenter, t200: ContactCenter) -> None:
    for number in range(7):
        a_customer(t100, f"{'aA'[number % 2]}-{number}", email="", phone="")
    a_customer(t200, "foreign")
    enrolled(Customer.objects.get(account="a-2"))
    pages = [ask("GET", f"{CUSTOMERS}?page={page}&pageSize=3", pair).json() for page in (1, 2, 3, 4)]
    assert [[row["account"] for row in page["items"]] for page in pages] == [
        ["a-0", "A-1", "a-2"], ["A-3", "a-4", "A-5"], ["a-6"], [],
    ]  # fmt: skip
    assert {(page["total"], page["pageSize"]) for page in pages} == {(7, 3)}
    assert [row["authenticator"] for row in pages[0]["items"]] == [False, False, True]
    assert [row["account"] for row in ask("GET", f"{CUSTOMERS}?account=a-3", pair).json()["items"]] == ["A-3"]
    assert ask("GET", f"{CUSTOMERS}?account=a-", pair).json()["items"] == []
    wrong = ask("GET", f"{CUSTOMERS}?page=0&pageSize=1001", pair)
    assert faults(wrong) == {"page": "invalid", "pageSize": "invalid"}


def test_a_link_to_enrol_by_and_a_reset(pair: str, t100: ContactCenter) -> None:
    jane = a_customer(t100)
    where = f"{CUSTOMERS}/A-1001/authenticator"
    made = ask("POST", where, pair)
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    assert set(made.json()) == {"url", "expiresAt"}
    begun = pending_by(made.json()["url"].rpartition("/")[2])
    assert begun is not None
    assert begun.customer == jane
    assert ask("GET", f"{CUSTOMERS}/A-1001", pair).json()["authenticator"] is False
    enrolled(jane)
    assert ask("GET", f"{CUSTOMERS}/A-1001", pair).json()["authenticator"] is True
    assert ask("DELETE", where, pair).status_code == 204
    assert ask("DELETE", where, pair).status_code == 404
    assert not Authenticator.objects.exists()


def test_no_change_row_tells_an_address(pair: str) -> None:
    ask("POST", CUSTOMERS, pair, JANE)
    ask("PATCH", f"{CUSTOMERS}/A-1001", pair, {"email": "other@example.org"})
    ask("DELETE", f"{CUSTOMERS}/A-1001", pair)
    rows = Change.objects.filter(object_type="customers").order_by("pk")
    assert [row.action for row in rows] == ["create", "update", "delete"]
    assert {row.actor_name for row in rows} == {"script"}
    told = " ".join(f"{row.before} {row.after} {row.object_name}" for row in rows)
    for part in ("jane", "dental", "0142", "other@"):
        assert part not in told
    assert rows[1].after == {"email": "changed"}
