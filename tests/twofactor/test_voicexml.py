"""Calls through the VoiceXML face: a caller's keys in a small interpreter, codes by a real SMTP receiver and gateway.

Every document that comes is read by the standard's table (``Call`` does it).
"""

from __future__ import annotations

from typing import Any

import pytest

from environment.models import Application
from tests.twofactor.mail_server import Inbox
from tests.twofactor.playing import by_outbox, last_code, messages
from tests.twofactor.sending import EMAIL, PHONE
from tests.twofactor.vxml_caller import Call, matches
from tests.twofactor.vxml_cast import call_at, configure, customer, listening, mailed, post, wrong
from twofactor.models import Challenge, FlowSession

pytestmark = pytest.mark.django_db
ALL = {"CustomerEmail": EMAIL, "CustomerPhone": PHONE}


def session() -> FlowSession:
    return FlowSession.objects.get()


def test_a_caller_chooses_by_a_key_and_enters_the_code(office: Application, inbox: Inbox, entry: str) -> None:
    customer(office)
    configure(office, reveal_values="true")
    call = call_at(entry)
    assert call.prompt.startswith("Press 1 to receive the code by e-mail to j…@c….example. Press 2 to receive")
    assert inbox.got == []
    call.presses("1")
    assert (
        "by e-mail to j…@c….example. Please enter the 6 digits of the code. To get another code, press star."
        in call.prompt
    )
    assert inbox.recipients == [EMAIL]
    call.presses(mailed(inbox))
    assert call.returned is not None
    assert call.returned == {"path": "success", "TwoFactorAuthSelectedMethod": "Email", **ALL}
    row = session()
    assert (row.face, row.path, row.account, row.call_id, row.cli, row.dnis, row.test_call) == (
        "vxml", "success", "4711", "c1", PHONE, "800", False,
    )  # fmt: skip
    assert row.authenticated_at is not None


def test_text_messages_are_the_other_key(office: Application, entry: str, settings: Any) -> None:
    settings.DESKGATE_MODE = "demo"
    by_outbox(office)
    customer(office)
    call = call_at(entry).presses("2#")
    assert "by text message to …42" in call.prompt
    ((channel, to),) = [(sent["channel"], sent["to"]) for sent in messages()]
    assert (channel, to) == ("sms", PHONE)
    call.presses(last_code())
    assert call.returned == {"path": "success", "TwoFactorAuthSelectedMethod": "SMS"}


def test_with_one_method_there_is_no_menu(office: Application, inbox: Inbox, entry: str) -> None:
    customer(office, phone="")
    call = call_at(entry)
    assert len(inbox.got) == 1
    assert call.presses(mailed(inbox)).returned is not None
    assert len(call.documents) == 2


def test_nobody_known_takes_the_path_at_once(office: Application, entry: str) -> None:
    configure(office, no_method_path="agent")
    assert call_at(entry).returned == {"path": "agent"}


def test_a_wrong_code_is_asked_again_and_the_right_one_passes(office: Application, inbox: Inbox, entry: str) -> None:
    customer(office, phone="")
    call = call_at(entry)
    code = mailed(inbox)
    call.presses(wrong(code))
    assert call.prompt.startswith("That is not right.")
    # The same keys once more are another try, not a repeat of the request.
    call.presses(wrong(code))
    assert Challenge.objects.get().attempts == 2
    # A platform that writes an utterance with blanks.
    assert call.presses(" ".join(code)) is call
    call._variables["authCode_nbest1"] = " ".join(code)
    assert Challenge.objects.get().attempts == 2
    assert "did not get that" in call.prompt
    call._run(call._one("form", "field", "filled"))
    assert call.returned is not None
    assert call.returned["path"] == "success"


def test_after_the_last_wrong_code_the_path_of_the_settings_is_taken(
    office: Application, inbox: Inbox, entry: str
) -> None:
    configure(office, max_verify=2, max_verify_path="agent")
    customer(office, phone="")
    call = call_at(entry)
    code = mailed(inbox)
    call.presses(wrong(code)).presses(wrong(code))
    assert call.returned is not None
    assert call.returned["path"] == "agent"


def test_star_brings_another_code_and_the_first_one_is_dead(office: Application, inbox: Inbox, entry: str) -> None:
    customer(office, phone="")
    call = call_at(entry)
    first = mailed(inbox)
    call.presses("*")
    assert len(inbox.got) == 2
    assert "code 2" in call.prompt
    second = mailed(inbox)
    if first != second:
        call.presses(first)
        assert call.prompt.startswith("That is not right.")
    assert call.presses(second).returned is not None


def test_star_too_early_sends_nothing_and_later_it_does(office: Application, inbox: Inbox, entry: str) -> None:
    configure(office, section="two-factor-limits", resend_cool_down=60)
    customer(office, phone="")
    call = call_at(entry).presses("*").presses("*")
    assert call.prompt.startswith("Please wait a moment before you ask for another code.")
    assert len(inbox.got) == 1
    # The prompt was the same one, three times; its answer is not a repeat of the one that came too early.
    configure(office, section="two-factor-limits", resend_cool_down=0)
    call.presses("*")
    assert len(inbox.got) == 2
    assert call.presses(mailed(inbox)).returned is not None


@pytest.mark.parametrize("at_menu", [True, False])
def test_silence_ends_after_as_many_rounds_as_are_allowed(
    office: Application, inbox: Inbox, entry: str, at_menu: bool
) -> None:
    configure(office, max_input_rounds=3)
    customer(office, phone=PHONE if at_menu else "")
    call = call_at(entry).waits().waits()
    assert call.prompt.startswith("We did not get that.")
    assert call.returned is None
    call.waits()
    assert call.returned is not None
    assert call.returned["path"] == "maxnoinput"
    assert len(inbox.got) == (0 if at_menu else 1)


@pytest.mark.parametrize("at_menu", [True, False])
def test_keys_that_are_none_of_those_end_likewise(office: Application, inbox: Inbox, entry: str, at_menu: bool) -> None:
    configure(office, max_input_rounds=2)
    customer(office, phone=PHONE if at_menu else "")
    call = call_at(entry).presses("9")
    assert call.prompt.startswith("We did not get that.")
    call.presses("12345678901")
    assert call.returned is not None
    assert call.returned["path"] == "maxnomatch"
    assert not Challenge.objects.filter(attempts__gt=0).exists()


@pytest.mark.parametrize("at_menu", [True, False])
def test_a_hang_up_ends_the_session_and_burns_its_code(
    office: Application, inbox: Inbox, entry: str, at_menu: bool
) -> None:
    customer(office, phone=PHONE if at_menu else "")
    call = call_at(entry).hangs_up()
    assert call.returned is not None
    assert call.returned["path"] == "hangup"
    assert (session().state, session().path) == ("ended", "hangup")
    assert not Challenge.objects.filter(burnt_at=None).exists()
    # A second one changes nothing, and a late key neither.
    assert b"'hangup'" in call.repeats().content
    call.returned = None
    submit = call.sent[-1][0].replace("/hangup", "/method" if at_menu else "/code")
    call._submit(submit, {"step": "1", "choice": "1", "authCode_nbest1": "123456"})
    assert call.returned is not None
    assert call.returned["path"] == "hangup"


EXTERNAL = {
    "check": "<checkVerifiedContactMethods><status>success</status><methods><method name='authenticator'/>"
    "</methods></checkVerifiedContactMethods>",
    "send": "<sendAuthenticationCode><status>success</status></sendAuthenticationCode>",
    "verify": "<codeAuthentication><status>incorrect code</status></codeAuthentication>",
}


def test_external_codes_have_as_many_digits_as_the_grammar_says(office: Application, entry: str) -> None:
    with listening(**EXTERNAL) as services:
        urls = {f"{name}_url": services.at(name) for name in EXTERNAL}
        tests = {f"{name}_test": "http://127.0.0.1:9/" for name in urls}
        configure(office, code_generation="external", prompt_wording="Google Authenticator", **urls, **tests)
        call = call_at(entry)
        assert "Google Authenticator" in call.prompt
        assert "Finish with the pound key." in call.prompt
        taken = [length for length in range(1, 25) if matches(call.grammar, "1" * length)]
        assert taken == [4, 5, 6, 7, 8, 9, 10]
        call.presses("123").presses("1234#")
        assert call.prompt.startswith("That is not right.")
        services.answers["verify"] = EXTERNAL["verify"].replace("incorrect code", "success")
        call.presses("0123456789")
        verified = [form["authCode_nbest1"] for name, form in services.forms if name == "verify"]
    assert verified == ["1234", "0123456789"]
    assert call.returned is not None
    assert call.returned["path"] == "success"


def test_the_number_of_digits_changes_prompt_and_grammar_at_once(office: Application, inbox: Inbox, entry: str) -> None:
    customer(office, phone="")
    for number, digits in enumerate((6, 8, 4)):
        configure(office, digits=digits)
        call = call_at(entry, callId=f"c{number}")
        assert f"Please enter the {digits} digits of the code." in call.prompt
        assert [size for size in range(1, 12) if matches(call.grammar, "5" * size)] == [digits]
        assert len(mailed(inbox)) == digits
        assert call.presses(mailed(inbox)).returned is not None


def test_a_variable_with_any_characters_comes_back_whole(office: Application, entry: str) -> None:
    # An address all the same, by RFC 5321's quoted form.
    nasty = '"o\'brien\\"]]></vxml>&lt;\\\\"@x.example'
    check = EXTERNAL["check"].replace("name='authenticator'", "name='authenticator'/><method name='email' value='@'")
    escaped = nasty.replace("&", "&amp;").replace("'", "&apos;").replace('"', "&quot;").replace("<", "&lt;")
    with listening(**EXTERNAL | {"check": check.replace("'@'", f"'{escaped}'")}) as services:
        urls = {f"{name}_url": services.at(name) for name in EXTERNAL}
        tests = {f"{name}_test": "http://127.0.0.1:9/" for name in urls}
        configure(office, code_generation="external", email_variable="Mail", **urls, **tests)
        call = call_at(entry).hangs_up()
    assert call.returned is not None
    assert call.returned["path"] == "hangup"
    assert call.returned.get("Mail") == nasty


def test_test_calls_are_told_apart(office: Application, entry: str) -> None:
    customer(office, phone="")
    configure(office, test_destinations=f"{EMAIL}=246813")
    call = call_at(entry, testCall="true").presses("246813")
    assert call.returned is not None
    assert call.returned["path"] == "success"
    assert session().test_call


def test_the_proof_of_the_entry_goes_along_with_every_submit(office: Application, inbox: Inbox, entry: str) -> None:
    customer(office)
    call = call_at(entry).presses("1").presses(mailed(inbox))
    assert {address.partition("/twofactor/")[0] for address, _ in call.sent} == {entry.partition("/twofactor/")[0]}
    assert len(call.sent) == 3


def test_a_fetch_that_fails_gives_the_caller_back_with_the_error_path(
    office: Application, inbox: Inbox, entry: str
) -> None:
    customer(office)
    call = call_at(entry)
    office.enabled = False
    office.save()
    call.presses("1")
    assert call.statuses[-1] == 404
    assert call.returned == {"path": "error"}
    assert Call(post, entry).begins(account="4711").returned == {"uncaught": "error.badfetch.http.404"}
