"""The traps at the end of reference part F that are the flow's, through the REST face.

Parallel codes: test_races.py. Bodies, headers and numbers of gateways: test_delivery_http.py. Answers of web services:
test_faults.py, test_xml_reading.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config import encryption
from tests.cast import post_token
from tests.config.listening import answer, listening
from tests.twofactor import twilio_server as fake
from tests.twofactor.playing import Ivr, expire, ivr_of, last_code, messages, other_than, row_of, steps_of
from tests.twofactor.sending import EMAIL, PHONE, setting
from tests.twofactor.services_cast import put
from twofactor.flow.actions import verifying
from twofactor.models import Challenge, Customer, Delivery, FlowSession

pytestmark = pytest.mark.django_db
STRANGER = "+14155550199"


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was really compared with a code."""
    made: list[str] = []
    real: Callable[..., bool] = verifying.code_is_right

    def counted(challenge: Challenge, destination: str, typed: str) -> bool:
        made.append(typed)
        return real(challenge, destination, typed)

    monkeypatch.setattr(verifying, "code_is_right", counted)
    return made


def wrongly(ivr: Ivr, session: dict[str, Any]) -> dict[str, Any]:
    return ivr.does(session, "code", code=other_than(last_code()))


def fails(ivr: Ivr, times: int, **words: Any) -> None:
    """So many wrong codes, in one call after another."""
    for _ in range(times):
        wrongly(ivr, ivr.calls("1002", **words))


# --- whose code, and how often ---


def test_the_code_of_one_call_is_wrong_in_another(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = ivr.calls("1002"), ivr.calls("1002")
    of_one, of_other = (each["code"] for each in messages())
    if of_one == of_other:
        pytest.skip("one time in a million both are the same")
    assert ivr.does(other, "code", code=of_one)["state"] == "enter"
    assert ivr.does(one, "code", code=of_one)["path"] == "success"
    assert ivr.does(other, "code", code=of_other)["path"] == "success"


def test_the_same_digits_in_two_calls_are_kept_as_two_things(ivr: Ivr) -> None:
    put(ivr.application, digits="4")
    one, other = ivr.calls("1002"), ivr.calls("1002")
    first = Challenge.objects.get(session=one["id"])
    # Whoever can write rows cannot carry a code over: it is bound to its own call.
    Challenge.objects.filter(session=other["id"]).update(code_mac=first.code_mac)
    assert ivr.does(other, "code", code=messages()[0]["code"])["state"] == "enter"


def test_a_code_is_good_for_its_own_destination_only(ivr: Ivr) -> None:
    session = ivr.does(ivr.calls("1000"), "method", method="email")
    Challenge.objects.update(method="sms")
    assert ivr.does(session, "code", code=last_code())["state"] == "enter"


def test_a_code_that_was_used_is_refused(ivr: Ivr, comparisons: list[str]) -> None:
    session = ivr.calls("1002")
    code = last_code()
    assert ivr.does(session, "code", code=code)["path"] == "success"
    again = ivr.post(f"/{session['id']}/code", {"code": code})
    assert (again.status_code, again.json()["code"]) == (409, "ended")
    assert comparisons == [code]
    # Nor by a session that somebody opened again.
    FlowSession.objects.update(state="enter", path="")
    assert ivr.does(session, "code", code=code)["state"] == "enter"
    assert comparisons == [code]


def test_a_right_code_after_the_lock_is_not_even_compared(ivr: Ivr, comparisons: list[str]) -> None:
    setting(ivr.application, "failures-before-wait", 2, "two-factor-limits")
    put(ivr.application, max_verify_path="agent", max_verify="10")
    session = ivr.calls("1002")
    for _ in range(2):
        wrongly(ivr, session)
    told = ivr.does(session, "code", code=last_code())
    assert (told["state"], told["path"]) == ("ended", "agent")
    assert len(comparisons) == 2
    assert row_of(session).authenticated_at is None


def test_a_lock_lasts_over_calls_and_ends_with_its_time(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    setting(ivr.application, "failures-before-wait", 2, "two-factor-limits")
    fails(ivr, 2)
    session = ivr.calls("1002")
    assert ivr.does(session, "code", code=last_code())["path"] == "error"
    now = timezone.now() + timedelta(seconds=31)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert ivr.does(ivr.calls("1002"), "code", code=last_code())["path"] == "success"


# --- resends ---


def test_the_first_code_is_wrong_once_the_second_was_sent(ivr: Ivr, comparisons: list[str]) -> None:
    session = ivr.does(ivr.calls("1002"), "resend")
    first, second = (each["code"] for each in messages())
    if first == second:
        pytest.skip("one time in a million both are the same")
    assert ivr.does(session, "code", code=first)["state"] == "enter"
    assert Challenge.objects.get(ordinal=1).attempts == 0
    assert ivr.does(session, "code", code=second)["path"] == "success"


def test_a_resend_that_failed_leaves_the_first_code_good(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    first = last_code()
    setting(ivr.application, "Email.Gateways", "smtp")  # has no host: a sure failure
    session = ivr.does(session, "resend")
    assert (session["state"], len(messages())) == ("enter", 1)
    assert session["prompt"]["text"].startswith("We could not send the code that way.")
    assert ivr.does(session, "code", code=first)["path"] == "success"


@pytest.mark.parametrize(("status", "lost"), [("delivered", False), ("undelivered", True)])
def test_a_gateway_that_timed_out_may_have_sent_and_its_report_says_so(
    ivr: Ivr, settings: Any, status: str, lost: bool
) -> None:
    settings.DESKGATE_PUBLIC_URL = "https://desk.bank.example"
    Customer.objects.filter(account="1002").update(email="", phone=fake.SILENT)
    put(ivr.application, "server-settings", **{"SMS.Gateways": "twilio", "SMS.Timeout": "1500"})
    put(ivr.application, "server-settings", **{"SMS.Twilio.AccountSid": fake.SID, "SMS.Twilio.AuthToken": fake.TOKEN})
    put(ivr.application, sms_from="+15005550006")
    with fake.twilio_server() as twilio:
        setting(None, "SMS.Twilio.URL", f"http://127.0.0.1:{twilio.port}")
        session = ivr.calls("1002")
    assert (session["state"], row_of(session).sends_used, len(twilio.forms)) == ("enter", 1, 1)
    row = Delivery.objects.get()
    assert row.outcome == "unknown"
    url = f"https://desk.bank.example/twofactor/callbacks/twilio/{row.pk}"
    assert fake.report(url, status, MessageSid="SM" + "b" * 32).status_code == 204
    prompt = ivr.get(f"/{session['id']}").json()["prompt"]["text"]
    assert ("could not be delivered" in prompt) == lost
    code = twilio.forms[0]["Body"].partition("code is ")[2][:6]
    assert ivr.does(session, "code", code=code)["path"] == "success"


# --- paths, prompts, calls ---


def test_a_path_that_the_link_block_has_not_is_not_taken(ivr: Ivr) -> None:
    body = b"<checkVerifiedContactMethods><status>VIP Desk</status></checkVerifiedContactMethods>"
    with listening(answer(body)) as server:
        url = f"http://127.0.0.1:{server.port}/"
        put(ivr.application, check_url=url, check_url_test=url)
        assert ivr.calls("1002")["path"] == "error"
        put(ivr.application, paths="VIP Desk")
        assert ivr.calls("1002")["path"] == "VIP Desk"


def test_a_single_method_gives_no_prompt(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    assert (session["state"], session["prompt"]["choices"]) == ("enter", [])
    assert ivr.post(f"/{session['id']}/method", {"choice": "1"}).status_code == 409


@pytest.mark.parametrize("second", [{"callId": "c-2"}, {"callId": ""}, {"callId": "C-1"}, {}])
def test_who_passed_in_one_call_is_asked_in_the_second(ivr: Ivr, second: dict[str, str]) -> None:
    ivr.does(ivr.calls("1002", callId="c-1"), "code", code=last_code())
    assert ivr.calls("1002", **second)["state"] == "enter"


def test_two_calls_without_an_id_are_two(ivr: Ivr) -> None:
    ivr.does(ivr.calls("1002"), "code", code=last_code())
    assert ivr.calls("1002")["state"] == "enter"


def test_who_passed_by_one_ivr_is_asked_by_another(ivr: Ivr, encoded_password: str) -> None:
    ivr.does(ivr.calls("1002", callId="c-1"), "code", code=last_code())
    other = ivr_of(ivr.application, encoded_password, "other")
    assert other.calls("1002", callId="c-1")["state"] == "enter"


# --- time ---


@pytest.mark.parametrize(("milliseconds", "path"), [(-1, "success"), (0, None), (1, None)])
def test_a_code_is_good_until_the_very_millisecond(
    ivr: Ivr, monkeypatch: pytest.MonkeyPatch, comparisons: list[str], milliseconds: int, path: str | None
) -> None:
    put(ivr.application, code_expiration="3")
    issued = timezone.now()
    moment = {"now": issued}
    monkeypatch.setattr(timezone, "now", lambda: moment["now"])
    session = ivr.calls("1002")
    moment["now"] = issued + timedelta(minutes=3, milliseconds=milliseconds)
    assert ivr.does(session, "code", code=last_code())["path"] == path
    assert len(comparisons) == (1 if path else 0)
    assert len(messages()) == (1 if path else 2)


@pytest.mark.parametrize(("milliseconds", "status"), [(-1, 200), (0, 409)])
def test_a_call_is_open_until_the_very_millisecond(
    ivr: Ivr, monkeypatch: pytest.MonkeyPatch, milliseconds: int, status: int
) -> None:
    put(ivr.application, session_minutes="2")
    began = timezone.now()
    moment = {"now": began}
    monkeypatch.setattr(timezone, "now", lambda: moment["now"])
    session = ivr.calls("1002")
    moment["now"] = began + timedelta(minutes=2, milliseconds=milliseconds)
    assert ivr.post(f"/{session['id']}/code", {"code": last_code()}).status_code == status


# --- who may go on ---


def test_a_session_of_another_opener_is_not_there(ivr: Ivr, encoded_password: str) -> None:
    session = ivr.calls("1000")
    other = ivr_of(ivr.application, encoded_password, "other")
    nowhere = other.get(f"/{'0' * 32}")
    bodies = {"method": {"choice": "1"}, "code": {"code": "123456"}, "resend": {}, "hangup": {}}
    refused = [other.get(f"/{session['id']}")]
    refused += [other.post(f"/{session['id']}/{what}", body) for what, body in bodies.items()]
    assert {(each.status_code, each.content) for each in refused} == {(404, nowhere.content)}
    assert ivr.get(f"/{session['id']}").json()["state"] == "select"


@pytest.mark.parametrize("wanted", ["twofactor", "twofactor *"])
def test_a_clients_own_bearer_with_the_scope_runs_a_call(ivr: Ivr, make_client: Any, wanted: str) -> None:
    tool = make_client("tool", grants=["client_credentials"], scopes=["twofactor", "*"])
    tool.contact_centers.add(ivr.application.contact_center)
    token = post_token(tool, grant_type="client_credentials", scope=wanted).json()
    bearer = Ivr(ivr.application)
    bearer.headers = {"Authorization": f"Bearer {token['access_token']}"}
    session = bearer.calls("1002")
    assert ivr.get(f"/{session['id']}").status_code == 404
    assert bearer.does(session, "code", code=last_code())["path"] == "success"
    assert row_of(session).opener == "client:tool"


@pytest.mark.parametrize("has_center", [True, False])
def test_a_bearer_without_the_scope_or_the_contact_center_runs_none(
    ivr: Ivr, make_client: Any, has_center: bool, t200: Any
) -> None:
    tool = make_client("tool", grants=["client_credentials"], scopes=["twofactor", "*"])
    tool.contact_centers.add(ivr.application.contact_center if has_center else t200)
    token = post_token(tool, grant_type="client_credentials", scope="*" if has_center else "twofactor").json()
    bearer = Ivr(ivr.application)
    bearer.headers = {"Authorization": f"Bearer {token['access_token']}"}
    refused = bearer.post("", {"application": ivr.application.name, "account": "1002"})
    assert refused.status_code == (403 if has_center else 404)
    assert messages() == []


# --- the same words and the same work ---


def _looked(ivr: Ivr, session: dict[str, Any], *, why: str) -> tuple[str, str]:
    """Make the state ``why`` speaks of, and what is entered then."""
    wrong = other_than(last_code())
    if why == "expired":
        expire(session)
    elif why == "used up":
        Challenge.objects.update(attempts=3)
    elif why == "superseded":
        Challenge.objects.update(superseded_at=timezone.now())
    elif why == "locked":
        setting(ivr.application, "failures-before-stop", 1, "two-factor-limits")
        other = ivr.calls("1002")
        wrongly(ivr, other)
    return session["id"], wrong


@pytest.mark.parametrize("why", ["wrong", "expired", "used up", "superseded", "locked"])
def test_whatever_was_wrong_one_keyed_hash_was_made(ivr: Ivr, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    put(ivr.application, max_sends="1", max_sends_path="agent", max_verify_path="agent")
    session_id, code = _looked(ivr, ivr.calls("1002"), why=why)
    made: list[str] = []
    real = encryption._digest

    def counted(key: Any, data: bytes, purpose: str) -> str:
        made.append(purpose)
        return real(key, data, purpose)

    monkeypatch.setattr(encryption, "_digest", counted)
    assert ivr.post(f"/{session_id}/code", {"code": code}).status_code == 200
    assert made.count("two-factor-code") == 1


def test_wrong_expired_used_up_and_superseded_have_the_same_words(ivr: Ivr) -> None:
    told = {}
    for why in ("wrong", "expired", "used up", "superseded"):
        Challenge.objects.all().delete()
        session_id, code = _looked(ivr, ivr.calls("1002"), why=why)
        told[why] = ivr.post(f"/{session_id}/code", {"code": code}).json()["prompt"]["text"]
    assert {text.partition(".")[0] for text in told.values()} == {"That is not right"}
    # Only what was sent anew is told beside.
    assert told["wrong"].startswith("That is not right. Please enter")
    assert told["expired"].startswith("That is not right. We sent code 2")


def test_a_lock_is_told_as_the_last_wrong_code_is(ivr: Ivr) -> None:
    put(ivr.application, max_verify="1", max_verify_path="agent")
    by_code = wrongly(ivr, ivr.calls("1002"))
    setting(ivr.application, "failures-before-stop", 1, "two-factor-limits")
    session = ivr.calls("1002")
    by_lock = wrongly(ivr, session)
    assert "verify.locked" in steps_of(session)
    assert by_lock | {"id": ""} == by_code | {"id": ""}


def test_an_unknown_account_is_told_as_one_without_methods(ivr: Ivr) -> None:
    put(ivr.application, no_method_path="agent")
    told = [ivr.calls(account) | {"id": ""} for account in ("1003", "nobody", "1002'--")]
    assert told[0] == told[1] == told[2]
    assert told[0]["path"] == "agent"
    assert EMAIL not in str(told)
    assert PHONE not in str(told)
