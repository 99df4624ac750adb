"""GET and POST /api/v2/me without configuration: whose pair logs in, what is told, and what a wrong one costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.models import BasicCredential, FailureCounter, User
from accounts.options import LOCKOUT_THRESHOLD
from accounts.services.credentials import credential_create
from accounts.services.users import user_update
from activity.models import SecurityEvent
from environment.models import ContactCenter, Place
from environment.services import contact_center_update
from oauthapi.models import ApiClient
from screenrec import options
from screenrec.models import RecorderSession
from tests.cast import PASSWORD, SECRET, alter, basic, by_password
from tests.oauthapi.browser import Browser
from tests.screenrec.desktop import ME, ORIGIN, SEAT, Desktop, put, refused


def test_a_login_tells_who_the_agent_is_and_sets_an_http_only_cookie(bob: User, t100: ContactCenter) -> None:
    answer = Desktop(bob).log_in()
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["statusCode"] == 0
    assert list(body) == ["statusCode", "user"]
    user = body["user"]
    assert user == {
        "id": user["id"],
        "userName": "t100\\bob",
        "firstName": "Bob",
        "lastName": "Burns",
        "emailAddress": "bob@one.example.com",
        "roles": ["ROLE_AGENT"],
        "enabled": True,
        "changePasswordOnFirstLogin": False,
        "contactCenterId": str(t100.pk),
        "uri": user["uri"],
        "path": f"/users/{user['id']}",
        "password": "",
    }
    assert len(user["id"]) == 32
    assert urlsplit(user["uri"]).path == f"/api/v2{user['path']}"
    cookie = answer.cookies["deskgate_recorder"]
    assert cookie["httponly"]
    assert cookie.value != RecorderSession.objects.get().key_hash
    assert answer["Cache-Control"] == "no-store"
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert not {"X-CSRF-HEADER", "X-CSRF-TOKEN"} & set(answer.headers)


def test_a_post_without_a_body_or_with_an_empty_array_logs_in_too(desktop: Desktop) -> None:
    bodies: list[Any] = [b"", b"  \n", []]
    for body in bodies:
        assert desktop.log_in(body).json()["user"]["userName"] == "t100\\bob"
    assert RecorderSession.objects.count() == 1


def test_over_https_the_cookie_is_for_pages_of_other_sites(bob: User) -> None:
    plain, secure = Desktop(bob), Desktop(bob)
    cookie = plain.log_in().cookies["deskgate_recorder"]
    assert (cookie["samesite"], cookie["secure"]) == ("", "")
    secure.secure = True
    cookie = secure.log_in().cookies["deskgate_recorder"]
    assert (cookie["samesite"], cookie["secure"], cookie["httponly"]) == ("None", True, True)


def test_a_browser_at_this_machine_gets_the_same_over_http(desktop: Desktop) -> None:
    cookie = desktop.log_in(**{"Sec-Fetch-Site": "cross-site"}).cookies["deskgate_recorder"]
    assert (cookie["samesite"], cookie["secure"]) == ("None", True)


def test_subresources_are_told_when_asked_for(desktop: Desktop, places: dict[str, Place]) -> None:
    desktop.log_in(SEAT)
    whole = desktop.ask("GET", f"{ME}?subresources=*").json()["user"]
    assert whole["place"] == {"name": "Place_1"}
    assert [each["dn"] for each in whole["devices"]] == ["7001", "7002"]
    assert whole["settings"] == {"screen-recording-client": {"pingTimeout": 60}}
    some = desktop.ask("GET", f"{ME}?subresources=devices,skills").json()["user"]
    assert "devices" in some
    assert not {"place", "settings", "skills"} & set(some)
    assert "devices" not in desktop.ask("GET", ME).json()["user"]


def test_a_changed_role_and_a_demanded_password_change_are_told_at_once(bob: User, logged_in: Desktop) -> None:
    alter(bob, must_change_password=True)
    user_update(User.objects.get(pk=bob.pk), roles=[])
    told = logged_in.ask("GET", ME).json()["user"]
    assert (told["roles"], told["changePasswordOnFirstLogin"]) == ([], True)


def test_a_bare_name_is_enough_where_one_agent_has_it(bob: User, eve: User, make_user: Any, t200: Any) -> None:
    assert Desktop("bob").log_in().status_code == 200
    make_user("bob", t200)
    refused(Desktop("bob").log_in(), 401, 20)
    put(options.TENANT, "t200")
    assert Desktop("bob").log_in().json()["user"]["userName"] == "t200\\bob"
    assert Desktop("t100\\bob").log_in().json()["user"]["userName"] == "t100\\bob"


def test_a_wrong_pair_is_401_with_a_challenge_that_opens_no_box(bob: User) -> None:
    answer = Desktop(bob, password="wrong").log_in()
    refused(answer, 401, 20)
    assert answer["WWW-Authenticate"].startswith("xBasic ")
    assert "deskgate_recorder" not in answer.cookies


@pytest.fixture
def pairs(bob: User, root: User, desk: ApiClient, t100: ContactCenter, agents: Any) -> dict[str, str]:
    """Proofs that are good elsewhere, as an Authorization header."""
    credential_create(BasicCredential(name="script", contact_center=t100, role=agents), password=PASSWORD)
    credential_create(BasicCredential(name="ops"), password=PASSWORD)
    return {
        "an administrator of the installation": basic("root", PASSWORD),
        "a client": basic("desk", SECRET),
        "a Basic credential": basic("script", PASSWORD),
        "the ops credential": basic("ops", PASSWORD),
        "a bearer": f"Bearer {by_password(desk, bob)['access_token']}",
        "nobody": basic("nobody", PASSWORD),
        "an empty name": basic("", PASSWORD),
        "an empty password": basic("t100\\bob", ""),
        "another tenant": basic("t999\\bob", PASSWORD),
        "another scheme": "Digest " + basic("t100\\bob", PASSWORD).partition(" ")[2],
        "the word alone": "Basic",
        "no Base64": "Basic t100\\bob:violet",
        "no colon": "Basic Ym9i",
        "a NUL": basic("t100\\bob\x00", PASSWORD),
        "5 KB": basic("b" * 5000, "p" * 5000),
        "quotes": basic('\'";--\\"', "' OR 1=1 --"),
        "unicode": basic("t100\\b\u0153b\U0001f600", "p\u0153"),
        "Latin-1": "Basic ZOlzazrp6ek=",
        "nothing": "",
    }


@pytest.mark.parametrize(
    "who",
    [
        "an administrator of the installation", "a client", "a Basic credential", "the ops credential", "a bearer",
        "nobody", "an empty name", "an empty password", "another tenant", "another scheme", "the word alone",
        "no Base64", "no colon", "a NUL", "5 KB", "quotes", "unicode", "Latin-1", "nothing",
    ],
)  # fmt: skip
def test_only_an_agents_own_pair_logs_in(who: str, pairs: dict[str, str]) -> None:
    page = Desktop()
    page.pair = pairs[who]
    start = {"operationName": "StartContactCenterSession", "channels": ["voice"]}
    for method, path, body in (("GET", ME, None), ("POST", ME, []), ("GET", "/ping", None), ("POST", ME, start)):
        answer = page.ask(method, path, body, pair=bool(page.pair))
        refused(answer, 401, 20)
        assert answer["WWW-Authenticate"].startswith("xBasic ")
    assert not RecorderSession.objects.exists()


@pytest.mark.parametrize("who", ["a bearer", "no Base64", "the word alone", "another scheme"])
def test_what_is_no_pair_stands_in_the_way_of_the_cookie(who: str, pairs: dict[str, str], logged_in: Desktop) -> None:
    refused(logged_in.ping(Authorization=pairs[who]), 401, 20)
    assert logged_in.ping().status_code == 200


def test_a_sign_in_cookie_is_no_proof(bob: User) -> None:
    browser = Browser().signed_in(bob)
    client = browser.http
    assert client.get("/auth/v3/ping").status_code == 200
    for path in (ME, "/ping"):
        refused(client.get(path, headers={"Origin": ORIGIN}), 401, 20)


def disable_user(bob: User) -> None:
    bob.enabled = False
    user_update(bob)


def disable_contact_center(bob: User) -> None:
    contact_center_update(ContactCenter.objects.get(pk=str(bob.contact_center_id)), enabled=False)


def lock(bob: User) -> None:
    for _ in range(3):
        Desktop(bob, password="wrong").log_in()


@pytest.mark.parametrize("stop", [disable_user, disable_contact_center, lock])
def test_locked_and_disabled_agents_are_refused_in_the_words_of_a_wrong_password(
    stop: Callable[[User], None], bob: User, t100: ContactCenter
) -> None:
    put(LOCKOUT_THRESHOLD, "3", t100)
    wrong = Desktop("t100\\nobody").log_in().json()
    stop(bob)
    answer = Desktop(bob).log_in()
    refused(answer, 401, 20)
    assert answer.json() == wrong


CALLS: list[tuple[str, str, Any]] = [("GET", ME, None), ("POST", ME, []), ("GET", "/ping", None)] + [
    ("POST", ME, {"operationName": name, "channels": ["voice"]})
    for name in ("StartContactCenterSession", "EndContactCenterSession")
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
@pytest.mark.parametrize("name", ["t100\\bob", "bob", "one.example.com\\BOB"])
def test_a_wrong_try_is_counted_once_on_the_account(method: str, path: str, body: Any, name: str, bob: User) -> None:
    refused(Desktop(name, password="wrong").ask(method, path, body, pair=True), 401, 20)
    assert set(FailureCounter.objects.values_list("kind", "failures")) == {
        (kind, 1) for kind in FailureCounter.objects.values_list("kind", flat=True)
    }
    assert FailureCounter.objects.filter(kind=FailureCounter.Kind.ACCOUNT, subject="t100\\bob").count() == 1
    assert SecurityEvent.objects.filter(outcome="refused").count() == 1


def test_a_right_pair_costs_one_hash_a_minute(desktop: Desktop, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.cast import counted_hashes

    with counted_hashes(monkeypatch) as hashes:
        desktop.log_in()
        for _ in range(3):
            assert desktop.ask("GET", "/ping", pair=True).status_code == 200
        assert hashes.all == 1


def test_logins_leave_events_that_name_agent_and_seat(desktop: Desktop, places: dict[str, Place]) -> None:
    desktop.log_in(SEAT)
    event = SecurityEvent.objects.get(name="recorder-login")
    assert (event.user_name, event.detail["place"], event.detail["taken over"]) == ("t100\\bob", "Place_1", False)
