"""What is wrong with a request of the VoiceXML face, rather than with the call, is a fault of HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import BasicCredential, Role
from environment.models import Application, ContactCenter
from oauthapi.models import ApiClient
from tests.accounts.configuring import register
from tests.cast import SECRET, alter, basic, post_token
from tests.twofactor.sending import two_factor
from tests.twofactor.vxml_cast import ENTRY, call_at, configure, customer, ivr_entry
from twofactor.models import Caller, FlowSession

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
TURNS = ("method", "code", "resend", "hangup")


@pytest.fixture
def entry(office: Application) -> str:
    customer(office)
    configure(office, test_destinations="jo@customer.example=246813")
    return ivr_entry(office)


PAIR = {"Authorization": basic("ivr", f"{SECRET}:@/")}


def ask(path: str, form: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
    return Client(raise_request_exception=False).generic(
        "POST", path, form, headers=PAIR if headers is None else headers, **{"content_type": FORM} | more
    )


def turn(name: str) -> str:
    return f"{ENTRY}/sessions/{FlowSession.objects.get().pk}/{name}"


def told(answer: Any) -> tuple[int, str, list[str]]:
    """Status, word and fields; in the dialect, stored by nobody."""
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    body = json.loads(answer.content)
    assert set(body) == {"code", "errors"}
    return answer.status_code, body["code"], [each["field"] for each in body["errors"]]


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("", ["account"]),
        ("account=", ["account"]),
        ("account=+", ["account"]),
        ("callId=c1", ["account"]),
        ("account=4711&account=4712", ["account"]),
        (f"account={'7' * 256}", ["account"]),
        ("account=4711%0d%0ax", ["account"]),
        ("account=4711%00", ["account"]),
        ("account=4711%C2%85x", ["account"]),
        (f"account=4711&cli={'1' * 65}", ["cli"]),
        ("account=4711&testCall=perhaps", ["testCall"]),
        ("account=%ff", [""]),
        ("&".join(f"f{number}=1" for number in range(300)), [""]),
    ],
)
def test_a_form_that_cannot_be_read_is_400(entry: str, form: str, fields: list[str]) -> None:
    assert told(ask(ENTRY, form)) == (400, "validation_error", fields)
    assert not FlowSession.objects.exists()


def test_fields_of_the_platforms_own_are_ignored(entry: str) -> None:
    assert ask(f"{ENTRY}/", "account=4711&session.callerid=x&session.callerid=y&testCall=1").status_code == 200
    assert FlowSession.objects.get().test_call


@pytest.mark.parametrize("media", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_only_forms_are_read(entry: str, media: str) -> None:
    assert told(ask(ENTRY, "account=4711", content_type=media))[:2] == (415, "unsupported_media_type")


def test_a_charset_beside_the_media_type_does_not_matter(entry: str) -> None:
    assert ask(ENTRY, "account=4711", content_type=f"{FORM}; charset=UTF-8").status_code == 200


def test_a_form_without_end_is_413(entry: str) -> None:
    assert told(ask(ENTRY, "account=4711&x=" + "x" * 20_000))[:2] == (413, "payload_too_large")


@pytest.mark.parametrize("headers", [{}, {"Authorization": basic("ivr", "wrong")}, {"Authorization": "Bearer x"}])
def test_without_a_proof_it_is_401(entry: str, headers: dict[str, str]) -> None:
    ask(ENTRY, "account=4711")
    for path in (ENTRY, *map(turn, TURNS)):
        answer = ask(path, "account=4711&step=1", headers)
        assert told(answer)[0] == 401
        assert answer["WWW-Authenticate"]


def test_an_application_that_is_not_bound_to_the_credential_is_404(
    entry: str, t100: ContactCenter, t200: ContactCenter
) -> None:
    two_factor(t100, "Second")
    two_factor(t200, "Foreign")
    register(t100, Role.objects.get(name="Administrator"), "unbound", password=SECRET)
    for name in ("Second", "Foreign", "Nothing", "%20", "x%2Fy"):
        assert told(ask(f"/twofactor/vxml/{name}", "account=4711"))[0] == 404
    assert told(ask(ENTRY, "account=4711", {"Authorization": basic("unbound")}))[0] == 404


def test_a_session_answers_only_who_opened_it_and_only_at_its_application(
    entry: str, office: Application, t100: ContactCenter
) -> None:
    call_at(entry)
    ivr_entry(office, "other")
    second = two_factor(t100, "Second")
    Caller.objects.create(application=second, credential=BasicCredential.objects.get(name="ivr"))
    for name in TURNS:
        path = turn(name)
        theirs = ask(path, "step=1&choice=1&authCode_nbest1=1", {"Authorization": basic("other", f"{SECRET}:@/")})
        assert told(theirs)[0] == 404
        assert told(ask(path.replace("TwoFactor", "Second"), "step=1&choice=1&authCode_nbest1=1"))[0] == 404
        nobodys = path.replace(FlowSession.objects.get().pk, "0" * 32)
        assert told(ask(nobodys, "step=1&choice=1&authCode_nbest1=1"))[0] == 404
    assert FlowSession.objects.get().state == "select"


@pytest.mark.parametrize(
    ("name", "form", "field"),
    [
        ("method", "choice=1", "step"),
        ("method", "step=1", "choice"),
        ("method", "step=one&choice=1", "step"),
        ("method", "step=-1&choice=1", "step"),
        ("method", "step=1234567&choice=1", "step"),
        ("method", "step=1&event=cancel", "event"),
        ("code", "step=1", "authCode_nbest1"),
        ("code", f"step=1&authCode_nbest1={'1' * 65}", "authCode_nbest1"),
        ("resend", "", "step"),
    ],
)
def test_a_turn_that_says_nothing_or_not_to_what_is_400(entry: str, name: str, form: str, field: str) -> None:
    call_at(entry)
    assert told(ask(turn(name), form)) == (400, "validation_error", [field])
    assert FlowSession.objects.get().state == "select"


@pytest.mark.parametrize(
    ("name", "form"), [("code", "step=1&authCode_nbest1=123456"), ("resend", "step=1"), ("method", "step=7&choice=1")]
)
def test_what_is_out_of_order_is_a_document_with_the_error_path(entry: str, name: str, form: str) -> None:
    call = call_at(entry)
    call._submit(entry.partition("/twofactor")[0] + turn(name), dict(one.split("=") for one in form.split("&")))
    assert call.statuses == [200, 200]
    assert call.returned == {"path": "error"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_405(entry: str, method: str) -> None:
    ask(ENTRY, "account=4711")
    for path in (ENTRY, *map(turn, TURNS)):
        answer = Client().generic(method, path, headers=PAIR)
        assert (told(answer)[0], answer["Allow"]) == (405, "POST, OPTIONS")


def test_a_clients_own_bearer_needs_the_scope_and_the_contact_center(
    entry: str, desk: ApiClient, t100: ContactCenter
) -> None:
    def bearer(scope: str) -> dict[str, str]:
        alter(desk, scopes=[scope], grants=["client_credentials"])
        given = post_token(desk, grant_type="client_credentials", scope=scope).json()
        return {"Authorization": f"Bearer {given['access_token']}"}

    assert told(ask(ENTRY, "account=4711", bearer("twofactor")))[0] == 404
    desk.contact_centers.add(t100)
    answer = ask(ENTRY, "account=4711", bearer("twofactor"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/voicexml+xml")
    assert FlowSession.objects.get().opener == f"client:{desk.client_id}"
    assert told(ask(ENTRY, "account=4711", bearer("*")))[:2] == (403, "insufficient_scope")
    # The credential's session is not the client's.
    assert told(ask(turn("hangup"), "step=1"))[0] == 404
