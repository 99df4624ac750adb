"""Two-factor authentication: a caller proves that he is the customer, for an IVR and for other platforms."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

from demo.tour.visitor import Visitor

TITLE = "Two-factor authentication: a caller proves who he is"
ORDER = 60
IVR = ("ivr", "demo-ivr-pass-1!")
OPS = ("ops", "demo-ops-1!")
SESSIONS = "/twofactor/v1/sessions"
SERVICES = "/twofactor/services/key/demo-capability-key-0000000000000001"
SEED = "JBSWY3DPEHPK3PXP"
STEP = 30
"""Seconds that an authenticator shows a code."""


def walk(visitor: Visitor) -> None:
    """A call with a menu; one by authenticator; the three XML services; the first VoiceXML document."""
    _by_text(visitor)
    _by_authenticator(visitor)
    _by_services(visitor)
    entry = {"account": "1002", "callId": f"tour-{secrets.token_hex(4)}"}
    words = "The same flow as VoiceXML: a customer with one method is not asked which"
    page = visitor.ask(words, "POST", "/twofactor/vxml/Self_Service", user=IVR, form=entry)
    visitor.expect(b'<vxml xmlns="http://www.w3.org/2001/vxml"' in page.body, "that is no VoiceXML document")


def _by_text(visitor: Visitor) -> None:
    call = {
        "application": "Self_Service",
        "account": "1000",
        "callId": f"tour-{secrets.token_hex(4)}",
        "cli": "+14155550123",
    }
    begun = visitor.ask("An IVR holds a caller", "POST", SESSIONS, user=IVR, data=call, status=201).json
    choices = [each["method"] for each in begun["prompt"]["choices"]]
    visitor.expect(choices == ["email", "sms", "authenticator"], "the menu has other methods")
    here = f"{SESSIONS}/{begun['id']}"
    visitor.ask("He presses 2", "POST", f"{here}/method", user=IVR, data={"choice": "2"})
    code = _code_of_outbox(visitor, "The demo sends nothing: its outbox has the message")
    wrong = "0" * len(code) if code != "0" * len(code) else "1" * len(code)
    answer = visitor.ask("A wrong code", "POST", f"{here}/code", user=IVR, data={"code": wrong}).json
    visitor.expect(answer["state"] == "enter", "the call does not wait for another try")
    answer = visitor.ask("The right one", "POST", f"{here}/code", user=IVR, data={"code": code}).json
    visitor.expect(answer["path"] == "success", "the call has another path")
    again = visitor.ask("In the same call he is not asked again", "POST", SESSIONS, user=IVR, data=call, status=201)
    visitor.expect(again.json["path"] == "success", "he is asked again")


def _by_authenticator(visitor: Visitor) -> None:
    call = {"application": "Self_Service", "account": "1001"}
    words = "A customer who has an authenticator alone"
    begun = visitor.ask(words, "POST", SESSIONS, user=IVR, data=call, status=201).json
    here = f"{SESSIONS}/{begun['id']}/code"
    # No code is good twice. Was it used a moment ago, by another tour, then the next one holds already.
    for ahead, words in ((0, "What the app shows"), (1, "That one was used"), (1, "That one too, half a minute later")):
        if words.startswith("That one too"):
            time.sleep(STEP - time.time() % STEP)
        code = {"code": _code_at(int(time.time()) // STEP + ahead)}
        answer = visitor.ask(words, "POST", here, user=IVR, data=code).json
        if answer["path"]:
            break
    visitor.expect(answer["path"] == "success", "the authenticator's code is not taken")


def _by_services(visitor: Visitor) -> None:
    who = {"AccountNumber": "1000", "sessionId": f"tour-{secrets.token_hex(4)}"}
    words = "For platforms with a MicroApp of their own: three services, a key in the address"
    methods = visitor.ask(words, "POST", f"{SERVICES}/checkVerifiedContactMethods", form=who)
    visitor.expect(b"<status>success</status>" in methods.body, "the customer is not found")
    send = who | {"TwoFactorAuthSelectedMethod": "Email"}
    sent = visitor.ask("Send a code by e-mail", "POST", f"{SERVICES}/sendAuthenticationCode", form=send)
    visitor.expect(b"<status>success</status>" in sent.body, "the code is not sent")
    code = _code_of_outbox(visitor, "The message")
    verify = who | {"authCode_nbest1": code}
    told = visitor.ask("Check it", "POST", f"{SERVICES}/codeAuthentication", form=verify)
    visitor.expect(b"<status>success</status>" in told.body, "the code is not taken")
    told = visitor.ask("No code is good twice", "POST", f"{SERVICES}/codeAuthentication", form=verify)
    visitor.expect(b"<status>incorrect code</status>" in told.body, "the code is taken twice")


def _code_of_outbox(visitor: Visitor, words: str) -> str:
    return str(visitor.ask(words, "GET", "/demo/outbox?limit=1", user=OPS).json[0]["code"])


def _code_at(step: int) -> str:
    """RFC 6238, with the standard library alone."""
    digest = hmac.new(base64.b32decode(SEED), step.to_bytes(8), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"
