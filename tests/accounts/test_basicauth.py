"""POST, GET, PUT and DELETE /configuration/basicauth: what a script registers works as a Basic pair, and ends."""

import base64
import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import BasicCredential, Role, Session
from accounts.services import verified
from accounts.services.credentials import credential_update
from activity.models import Change
from environment.services import contact_center_update, option_set
from tests.accounts.configuring import BASICAUTH, SEED, ask, bearer, register, temporary_token
from tests.admin_client import sign_in
from tests.cast import basic, by_code, counted_hashes, new_code
from tests.oauthapi.browser import SIGN_IN, Browser

READ = "/environment/v3/contact-centers"


@pytest.fixture
def alices(alice, t100, configuration_keys) -> str:
    """Her temporary token, as a header."""
    return bearer(temporary_token(alice, t100))


def opens(name: str, password: str) -> bool:
    """Whether the pair is taken; what is not is refused with 401 and nothing else."""
    status = ask("GET", READ, basic(name, password)).status_code
    assert status in (200, 401)
    return status == 200


def post(authorization: str, **changed: object) -> object:
    return ask("POST", BASICAUTH, authorization, SEED | changed)


def test_the_seeds_body_is_registered_on_a_fresh_contact_center(alices):
    answer = ask("POST", BASICAUTH, alices, SEED, headers={"Accept": "application/json"})
    assert answer.status_code == 201, answer.content
    row = BasicCredential.objects.get()
    told = answer.json()
    created = told.pop("createdAt")
    assert told == {
        "id": row.pk,
        "username": "customer_manager",
        "context": "ContactCenter",
        "contextId": "100",
        "userRole": "Administrator",
        "dateExpiry": "2030-05-19T12:20:57.310Z",
        "enabled": True,
    }
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created)
    assert answer["Location"] == f"{BASICAUTH}/{row.pk}"
    assert answer["Cache-Control"] == "no-store"
    assert row.password.startswith("argon2$argon2id$")
    assert row.role.contact_center_id is None
    assert opens("customer_manager", "customer_manager@123")


def test_the_stray_dollar_of_the_seed_opens_nothing(alices):
    assert post(alices).status_code == 201
    assert not opens("customer_manager", "customer_manager@123$")


def test_a_trailing_slash_is_the_same(alices):
    assert ask("POST", f"{BASICAUTH}/", alices, SEED).status_code == 201
    assert ask("GET", f"{BASICAUTH}/", alices).json()["total"] == 1


def test_the_contact_center_is_named_by_its_id_too(alices, t100):
    assert post(alices, contextId=str(t100.pk)).json()["contextId"] == "100"


def test_a_registration_is_recorded_without_the_password(alices):
    post(alices)
    change = Change.objects.get(object_type="basic-credentials")
    assert (change.action, change.actor_name, change.object_name) == ("create", "t100\\alice", "customer_manager")
    assert "customer_manager@123" not in str(change.after)


def test_a_bearer_with_the_scope_does_as_well(make_client, root, alice, t100, t200):
    tool = make_client("tool", scopes=["*", "configuration"], trusted=True)
    for user, places in ((alice, {"100": 201, "200": 403}), (root, {"100": 201, "200": 201})):
        token = by_code(tool, new_code(tool, user, scope="configuration", code=f"code-of-{user.user_name}")).json()[
            "access_token"
        ]
        for place, status in places.items():
            answer = post(bearer(token), username=f"{user.user_name}-{place}", contextId=place)
            assert answer.status_code == status, answer.content


def test_without_an_expiry_the_option_says_when(alices, t100):
    sent = {name: value for name, value in SEED.items() if name != "dateExpiry"}
    told = ask("POST", BASICAUTH, alices, sent).json()["dateExpiry"]
    row = BasicCredential.objects.get()
    assert abs(row.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=1)
    assert told == row.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    option_set(holder=t100, section="basic-credentials", name="default-lifetime-days", value="7")
    ask("POST", BASICAUTH, alices, sent | {"username": "second", "dateExpiry": None})
    row = BasicCredential.objects.get(name="second")
    assert abs(row.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("2030-05-19T12:20:57.310Z", "2030-05-19T12:20:57.310Z"),
        ("2030-05-19T17:50:57.310+05:30", "2030-05-19T12:20:57.310Z"),
        ("2030-05-19T04:20:57-0800", "2030-05-19T12:20:57.000Z"),
        ("2030-05-19t12:20:57.3109999z", "2030-05-19T12:20:57.310Z"),
        ("2030-05-19 12:20+00:00", "2030-05-19T12:20:00.000Z"),
    ],
)
def test_an_expiry_with_any_offset_is_kept_to_the_millisecond(alices, sent, told):
    assert post(alices, dateExpiry=sent).json()["dateExpiry"] == told
    assert BasicCredential.objects.get().expires_at.isoformat(timespec="milliseconds") == told.replace("Z", "+00:00")


def test_the_pair_works_until_that_very_instant(alices, monkeypatch):
    post(alices)
    end = BasicCredential.objects.get().expires_at
    for before, works in ((timedelta(microseconds=1), True), (timedelta(), False)):
        monkeypatch.setattr(timezone, "now", lambda before=before: end - before)
        assert opens("customer_manager", "customer_manager@123") is works


@pytest.mark.parametrize(
    "password",
    [
        "with:a:colon-inside",
        ":begins-with-one",
        "pässwörd-пароль-密码密码",
        "emoji-🔑🔑🔑🔑🔑🔑🔑",
        "  spaces around it  ",
        "x%20+&=/\\\"'<>" * 2,
    ],
)
def test_a_password_of_any_characters_works(alices, password):
    assert post(alices, password=password).status_code == 201
    assert opens("customer_manager", password)
    assert not opens("customer_manager", password.strip() + "x")


def test_two_long_passwords_that_differ_after_byte_72_are_two(alices):
    head = "k" * 80
    assert post(alices, password=f"{head}1").status_code == 201
    assert not opens("customer_manager", f"{head}2")
    assert not opens("customer_manager", head)
    assert opens("customer_manager", f"{head}1")


def test_only_strict_base64_is_read(alices):
    post(alices)
    good = base64.b64encode(b"customer_manager:customer_manager@123").decode()
    assert ask("GET", READ, f"basic {good}").status_code == 200
    bad = (f"{good[:8]}\n{good[8:]}", f"{good[:8]} {good[8:]}", f"{good}====x", good.rstrip("=") + "*", good[:-3])
    for text in bad:
        answer = ask("GET", READ, f"Basic {text}")
        assert answer.status_code == 401, text
        assert answer["WWW-Authenticate"] == 'Basic realm="Deskgate", charset="UTF-8"'


@pytest.mark.parametrize("name", ["customer_manager", "CUSTOMER_Manager"])
@pytest.mark.parametrize("whose", ["own", "another's", "ops"])
def test_a_name_taken_anywhere_in_any_case_is_a_conflict(alices, t100, t200, agents, name, whose):
    if whose == "own":
        register(t100, agents, "customer_manager")
    elif whose == "another's":
        register(t200, Role.objects.get(name="Agent"), "customer_manager")
    else:
        register(None, None, "customer_manager")
    answer = post(alices, username=name)
    assert answer.status_code == 409
    assert answer.json()["code"] == "credential_exists"
    assert [each["field"] for each in answer.json()["errors"]] == ["username"]
    assert BasicCredential.objects.count() == 1


def test_a_taken_name_costs_no_hash(alices, t100, agents, monkeypatch):
    register(t100, agents, "customer_manager")

    def never(*_: object) -> str:
        raise AssertionError("hashed")

    monkeypatch.setattr("accounts.services.credentials.make_password", never)
    assert post(alices).status_code == 409


def test_users_and_credentials_may_share_a_name(alices):
    assert post(alices, username="alice").status_code == 201


def test_the_list_is_paged(alices, t100, agents):
    rows = [register(t100, agents, f"script-{number}", encoded="x") for number in range(5)]
    answer = ask("GET", f"{BASICAUTH}?limit=2&offset=1", alices)
    told = answer.json()
    assert [item["id"] for item in told.pop("items")] == [row.pk for row in rows[1:3]]
    assert told == {"total": 5, "limit": 2, "offset": 1}
    assert answer["Cache-Control"] == "no-store"
    told = ask("GET", BASICAUTH, alices).json()
    assert (len(told["items"]), told["limit"], told["offset"]) == (5, 100, 0)
    assert ask("GET", f"{BASICAUTH}?offset=9", alices).json()["items"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "limit=٣", "offset=-1", "offset=99999999999"])
def test_a_page_that_cannot_be_is_refused(alices, query):
    answer = ask("GET", f"{BASICAUTH}?{query}", alices)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_the_list_costs_a_fixed_number_of_statements(alices, t100, agents):
    def statements() -> int:
        with CaptureQueriesContext(connection) as taken:
            assert ask("GET", BASICAUTH, alices).status_code == 200
        return len(taken)

    register(t100, agents, "script", encoded="x")
    statements()
    of_one = statements()
    for number in range(7):
        register(t100, agents, f"script-{number}", encoded="x")
    assert statements() == of_one
    assert len(ask("GET", BASICAUTH, alices).json()["items"]) == 8


def test_one_is_read_rotated_and_deleted(alices, t100, agents):
    row = register(t100, agents, password="open-sesame-42")
    one = f"{BASICAUTH}/{row.pk}"
    assert ask("GET", one, alices).json()["username"] == "script"
    answer = ask("PUT", f"{one}/password", alices, {"password": "another-sesame-43"})
    assert (answer.status_code, answer.json()["id"], answer["Cache-Control"]) == (200, row.pk, "no-store")
    assert "sesame" not in answer.content.decode()
    assert not opens("script", "open-sesame-42")
    change = Change.objects.get(object_type="basic-credentials", object_id=str(row.pk), action="update")
    assert (change.actor_name, list(change.after)) == ("t100\\alice", ["password"])
    assert "sesame" not in f"{change.before}{change.after}"
    answer = ask("DELETE", one, alices)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not opens("script", "another-sesame-43")
    for method, path in (("GET", one), ("DELETE", one), ("PUT", f"{one}/password")):
        assert ask(method, path, alices, {"password": "another-sesame-43"}).status_code == 404


@pytest.mark.parametrize("text", ["x", "0", "-1", "1.0", "٣", "9" * 30, "%00", "a%0A"])
def test_an_id_that_is_none_is_not_found(alices, text):
    assert ask("GET", f"{BASICAUTH}/{text}", alices).status_code == (400 if text == "%00" else 404)


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/basicauth/1/2", "/basicauth/1/password/x", "/token/x"])
def test_an_unknown_path_is_not_found_in_the_dialect(db, path):
    answer = ask("GET", f"/configuration{path}", None)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_another_method_is_told_what_is_allowed(db):
    answer = ask("PATCH", BASICAUTH, None)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, HEAD, OPTIONS")
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("case", ["disabled", "expired", "rotated", "deleted", "contact center"])
def test_what_ends_a_credential_ends_it_on_the_next_call(alices, t100, agents, case):
    row = register(t100, Role.objects.get(name="Administrator"), password="open-sesame-42")
    assert opens("script", "open-sesame-42")
    if case == "disabled":
        row.enabled = False
        credential_update(row)
    elif case == "expired":
        row.expires_at = timezone.now()
        credential_update(row)
    elif case == "rotated":
        ask("PUT", f"{BASICAUTH}/{row.pk}/password", alices, {"password": "another-sesame-43"})
    elif case == "deleted":
        ask("DELETE", f"{BASICAUTH}/{row.pk}", alices)
    else:
        contact_center_update(t100, enabled=False)
    assert not opens("script", "open-sesame-42")


def test_a_thousand_calls_cost_one_hash(alices, t100, monkeypatch):
    register(t100, Role.objects.get(name="Administrator"), password="open-sesame-42")
    with counted_hashes(monkeypatch) as hashes:
        begun = time.monotonic()
        assert all(opens("script", "open-sesame-42") for _ in range(1_000))
        windows = 1 + (time.monotonic() - begun) // verified.SECONDS
    assert 1 <= hashes.all <= windows


def test_every_use_is_stamped(alices, t100):
    row = register(t100, Role.objects.get(name="Administrator"), password="open-sesame-42")
    assert row.last_used_at is None
    opens("script", "open-sesame-42")
    row.refresh_from_db()
    assert timezone.now() - row.last_used_at < timedelta(minutes=1)


def test_a_credential_is_no_login(alices, desk):
    from tests.cast import post_token

    post(alices)
    for name in ("customer_manager", "t100\\customer_manager"):
        answer = post_token(desk, grant_type="password", username=name, password=SEED["password"])
        assert answer.status_code == 400
        browser = Browser()
        refused = browser.sign_in(browser.follow(browser.open(SIGN_IN)), name, str(SEED["password"]))
        assert refused.status_code == 400
        assert sign_in(name, str(SEED["password"]))[1].status_code == 200
    assert not Session.objects.filter(user__isnull=False).exists()
