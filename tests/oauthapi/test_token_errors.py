"""POST /auth/v3/oauth/token: every refusal (RFC 6749 §5.2) with the vendor's number, in both dialects at once."""

import base64
from urllib.parse import quote_plus

import pytest
from django.test import Client

from accounts.models import FailureCounter
from activity.models import SecurityEvent
from config.context import RequestContext, current, entered
from environment.services import option_set
from oauthapi.client_secrets import secret_encode
from oauthapi.selectors import client_facts
from oauthapi.validation.clients import _introduce
from tests.cast import SECRET, TOKEN, alter, basic, counted_hashes, get, post_token

FORM = "application/x-www-form-urlencoded"


def send(body: str | bytes, content_type: str = FORM, **headers: str):
    return Client(raise_request_exception=False).post(TOKEN, body, content_type=content_type, headers=headers)


def is_refused(answer, status: int, error: str, code: int) -> None:
    body = answer.json()
    assert (answer.status_code, body["error"], body["status"]["code"]) == (status, error, code), body
    assert body["error_description"]
    assert body["status"]["message"]
    assert body["status"]["detail"] is not None
    assert answer["Content-Type"].startswith("application/json")
    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")


@pytest.mark.parametrize(
    ("body", "error", "code"),
    [
        ("", "invalid_request", 1),
        ("scope=*", "invalid_request", 1),
        ("grant_type=", "invalid_request", 1),
        ("grant_type=nonsense", "unsupported_grant_type", 2),
        ("grant_type=implicit", "unsupported_grant_type", 2),
        ("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type", 2),
        ("grant_type=password&grant_type=password", "invalid_request", 2),
        ("grant_type=client_credentials&scope=*&scope=*", "invalid_request", 2),
        ("grant_type=client_credentials&unknown=1&unknown=2", "invalid_request", 2),
        ("grant_type=client_credentials&x=%ff", "invalid_request", 2),
        ("grant_type=client_credentials&x=%00", "invalid_request", 2),
        ("grant_type=password&username=x", "invalid_request", 1),
        ("&".join(f"p{n}=1" for n in range(51)), "invalid_request", 2),
    ],
)
def test_a_malformed_form_is_400(desk, body, error, code):
    is_refused(send(body, Authorization=basic("desk")), 400, error, code)


def test_a_percent_sign_alone_is_read_as_it_stands(desk, bob):
    answer = send("grant_type=password&username=t100%zz&password=%", Authorization=basic("desk"))
    is_refused(answer, 400, "invalid_grant", 2)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_a_body_of_another_type_is_400(desk, kind):
    is_refused(send(b'{"grant_type":"password"}', kind, Authorization=basic("desk")), 400, "invalid_request", 2)


def test_an_empty_body_said_to_be_json_is_not_parsed(desk):
    is_refused(send(b"", "application/json", Authorization=basic("desk")), 400, "invalid_request", 1)


def test_a_form_with_charset_is_a_form(desk):
    answer = send("grant_type=client_credentials", f"{FORM}; charset=UTF-8", Authorization=basic("desk"))
    assert answer.status_code == 200


def test_unknown_parameters_cannot_set_what_the_server_decides(desk, bob):
    form = "grant_type=client_credentials&user=1&client=2&claims=x&proof=1&facts=1"
    body = send(form, Authorization=basic("desk")).json()
    assert get("/auth/v3/userinfo", body["access_token"]).json()["username"] == "desk"


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head"])
def test_other_methods_are_405_and_name_the_allowed(db, method):
    answer = getattr(Client(), method)(TOKEN)
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    assert "GET" not in answer["Allow"]
    if method != "head":
        assert answer.json()["error"] == "invalid_request"


def test_the_secret_in_the_address_is_refused(desk):
    http = Client(raise_request_exception=False)
    answer = http.post(
        f"{TOKEN}?client_secret={SECRET}&client_id=desk", "grant_type=client_credentials", content_type=FORM
    )
    is_refused(answer, 400, "invalid_request", 2)


def test_credentials_in_the_address_count_for_nothing(desk):
    http = Client(raise_request_exception=False)
    answer = http.post(f"{TOKEN}?grant_type=client_credentials&client_id=desk", "", content_type=FORM)
    is_refused(answer, 400, "invalid_request", 1)


@pytest.mark.parametrize("path", [f"{TOKEN}/", f"{TOKEN}?"])
def test_a_trailing_slash_or_question_mark_is_fine(desk, path):
    answer = Client().post(
        path, "grant_type=client_credentials", content_type=FORM, headers={"Authorization": basic("desk")}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "application/x-www-form-urlencoded"])
def test_the_answer_is_json_whatever_is_accepted(desk, accept):
    answer = send("grant_type=client_credentials", Authorization=basic("desk"), Accept=accept)
    assert answer["Content-Type"].startswith("application/json")
    assert answer.status_code == 200


# --- client authentication --------------------------------------------------------------------------------------


def is_challenged(answer) -> None:
    is_refused(answer, 401, "invalid_client", 20)
    assert answer["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "header",
    [
        basic("desk", "wrong"),
        basic("nobody"),
        basic("desk", ""),
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"no-colon").decode(),
        "Bearer something",
        "bearer",
    ],
)
def test_bad_client_authentication_is_401_with_a_basic_challenge(desk, header):
    is_challenged(send("grant_type=client_credentials", Authorization=header))


@pytest.mark.parametrize(
    "form", ["client_id=desk", "client_id=nobody", "", "client_id=desk&client_secret=wrong", "client_secret=x"]
)
def test_absent_or_wrong_authentication_in_the_form_is_401(desk, form):
    is_challenged(send(f"grant_type=client_credentials&{form}"))


def test_a_public_client_with_a_secret_is_401(spa):
    is_challenged(send("grant_type=refresh_token&refresh_token=x&client_id=spa&client_secret=x"))


def test_an_equal_client_id_beside_basic_is_fine(desk):
    assert send("grant_type=client_credentials&client_id=desk", Authorization=basic("desk")).status_code == 200


def test_another_client_id_beside_basic_is_401(desk, partner):
    is_challenged(send("grant_type=client_credentials&client_id=partner", Authorization=basic("desk")))


def test_two_secrets_are_400(desk):
    form = f"grant_type=client_credentials&client_id=desk&client_secret={SECRET}"
    is_refused(send(form, Authorization=basic("desk")), 400, "invalid_request", 2)


@pytest.mark.parametrize("secret", ["a+b %c:d/ü", "100%", "a%2Bb", "with space"])
def test_basic_is_taken_raw_and_form_decoded(desk, secret):
    alter(desk, secret_hash=secret_encode(secret))
    raw = send("grant_type=client_credentials", Authorization=basic("desk", secret))
    decoded = send("grant_type=client_credentials", Authorization=basic("desk", quote_plus(secret)))
    assert (raw.status_code, decoded.status_code) == (200, 200)


def test_the_scheme_is_written_in_any_case(desk):
    assert (
        send("grant_type=client_credentials", Authorization=basic("desk").replace("Basic", "bAsIc")).status_code == 200
    )


@pytest.mark.parametrize("secret", ["wrong", "wr+ng", "wr%6Fng", "x" * 5000])
@pytest.mark.parametrize("client_id", ["", "other"])
def test_an_unknown_client_costs_the_hashes_of_a_known_one(desk, partner, monkeypatch, secret, client_id):
    counts = {}
    extra = f"&client_id={client_id}" if client_id else ""
    for name in ("desk", "nobody"):
        with counted_hashes(monkeypatch) as hashes:
            is_challenged(send(f"grant_type=client_credentials{extra}", Authorization=basic(name, secret)))
        counts[name] = hashes.secrets
    assert counts["desk"] == counts["nobody"] > 0


def test_an_empty_secret_costs_the_same_for_known_and_unknown(desk, monkeypatch):
    counts = {}
    for name in ("desk", "nobody"):
        with counted_hashes(monkeypatch) as hashes:
            is_challenged(send("grant_type=client_credentials", Authorization=basic(name, "")))
        counts[name] = hashes.secrets
    assert counts["desk"] == counts["nobody"]


def test_a_disabled_client_is_401_like_an_unknown_one(desk):
    alter(desk, enabled=False)
    disabled = send("grant_type=client_credentials", Authorization=basic("desk"))
    unknown = send("grant_type=client_credentials", Authorization=basic("nobody"))
    is_challenged(disabled)
    assert disabled.json() == unknown.json()


def test_a_client_of_a_disabled_contact_center_is_401(desk, t100):
    from environment.services import contact_center_update

    alter(desk, owner=t100)
    contact_center_update(t100, enabled=False)
    is_challenged(send("grant_type=client_credentials", Authorization=basic("desk")))


def test_fifty_failures_of_a_client_lock_it_for_this_address_only(desk, monkeypatch):
    monkeypatch.setattr("oauthapi.client_secrets._slow_compare", lambda *_: False)
    for _ in range(50):
        post_token("desk", secret="wrong", grant_type="client_credentials")
    monkeypatch.undo()
    is_challenged(post_token("desk", grant_type="client_credentials"))
    http = Client(REMOTE_ADDR="192.0.2.9")
    elsewhere = http.post(
        TOKEN, "grant_type=client_credentials", content_type=FORM, headers={"Authorization": basic("desk")}
    )
    assert elsewhere.status_code == 200


def test_a_locked_client_costs_no_hash_and_is_not_counted_again(desk, monkeypatch):
    FailureCounter.objects.all().delete()
    post_token("desk", secret="wrong", grant_type="client_credentials")
    FailureCounter.objects.update(failures=10_000)
    with counted_hashes(monkeypatch) as hashes:
        is_challenged(post_token("desk", grant_type="client_credentials"))
    assert hashes.all == 0
    assert set(FailureCounter.objects.values_list("failures", flat=True)) == {10_000}


def test_failures_of_made_up_clients_lock_their_address_as_often_as_those_of_accounts(desk, monkeypatch):
    option_set(holder=None, section="security", name="address-failures-per-10-minutes", value="3")
    for name in ("clients", "nobody", "nobody-else"):
        post_token(name, secret="wrong", grant_type="client_credentials")
    with counted_hashes(monkeypatch) as hashes:
        is_challenged(post_token("one-more", secret="wrong", grant_type="client_credentials"))
    assert hashes.all == 0
    row = FailureCounter.objects.get(locked_until__isnull=False)
    assert (row.kind, row.subject, row.failures) == ("address", "clients from 127.0.0.1", 3)
    assert SecurityEvent.objects.get(name="locked").refusal.startswith("address: clients from ")


def test_the_store_being_away_is_503_with_retry_after(desk, monkeypatch):
    from django.db import OperationalError

    def away(*_):
        raise OperationalError("database is locked")

    monkeypatch.setattr("oauthapi.validation.clients.client_facts", away)
    answer = send("grant_type=client_credentials", Authorization=basic("desk"))
    is_refused(answer, 503, "temporarily_unavailable", 4)
    assert int(answer["Retry-After"]) > 0


def test_a_full_hashing_queue_is_503_and_counts_no_failure(desk, bob, monkeypatch):
    from accounts import hashers
    from config.http.errors import Busy

    class Full:
        def passed(self):
            raise Busy

    monkeypatch.setattr(hashers, "_the_gate", Full())
    answer = post_token(desk, grant_type="password", username="t100\\bob", password="wrong")
    assert answer.status_code == 503
    assert not FailureCounter.objects.filter(failures__gt=0).exists()


def test_a_percent_encoded_client_id_is_counted_as_the_client_it_names(desk, monkeypatch):
    monkeypatch.setattr("oauthapi.client_secrets._slow_compare", lambda *_: False)
    for number in range(50):
        spelled = ("%64esk", "d%65sk", "de%73k")[number % 3]
        send("grant_type=client_credentials", Authorization=basic(spelled, "wrong"))
    monkeypatch.undo()
    is_challenged(post_token("desk", grant_type="client_credentials"))


def test_made_up_clients_lock_no_known_one_out_of_their_address(desk):
    from accounts.services.lockout import clients_limit, failure_count

    for _ in range(300):
        failure_count(clients_limit("127.0.0.1"))
    assert post_token("desk", grant_type="client_credentials").status_code == 200
    is_challenged(send("grant_type=client_credentials", Authorization=basic("made-up")))


@pytest.mark.parametrize(
    ("grant", "given", "missing"),
    [
        ("authorization_code", {}, "code"),
        ("password", {"password": "x"}, "username"),
        ("password", {"username": "bob"}, "password"),
        ("refresh_token", {}, "refresh_token"),
    ],
)
def test_a_parameter_that_the_grant_needs_is_named(desk, grant, given, missing):
    body = post_token(desk, grant_type=grant, **given).json()
    assert (body["error"], body["status"]["code"]) == ("invalid_request", 1)
    assert body["status"]["detail"] == {"field": missing}


@pytest.mark.parametrize(("name", "proof"), [("spa", "none"), ("desk", "basic")])
def test_a_public_client_is_introduced_as_proving_nothing(desk, spa, name, proof):
    facts = client_facts(name)
    with entered(RequestContext()):
        _introduce(facts)
        assert (current().principal.name, current().principal.proof) == (name, proof)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"grant_type": "password", "username": "t100\\bob", "password": "x"}, "grant"),
        ({"grant_type": "client_credentials", "scope": "nonsense"}, "invalid_scope"),
    ],
)
def test_what_the_clients_own_settings_forbid_is_found_by_the_answers_number(make_client, form, told):
    client = make_client("narrow", grants=["client_credentials"], redirect_uris=[])
    answer = post_token(client, **form)
    event = SecurityEvent.objects.get(request_id=answer["X-Request-ID"])
    assert (event.outcome, event.client_id, event.detail["grant_type"]) == ("refused", "narrow", form["grant_type"])
    assert told in event.refusal
