"""How calls go: what callers do, and what gateways answer."""

from __future__ import annotations

from collections.abc import Callable

from twofactor.demo.past_call import PastCall, Try
from twofactor.models import Delivery, Method

Story = Callable[[PastCall], None]
_ALL = (Method.EMAIL, Method.SMS, Method.AUTHENTICATOR)
_MAIL = Try("smtp", ms=310, told={"http_status": 250})
_TEXT = Try("http", ms=420, told={"http_status": 200})
_BUSY = {"http_status": 503, "detail": "the gateway failed, or has too much to do"}
_DELIVERED = {"http_status": 201, "status": "delivered", "status_rank": 10}


def by_text(call: PastCall) -> None:
    """Passes at once."""
    call.offer(*_ALL)
    call.choose(Method.SMS)
    call.send(_TEXT)
    call.enter(after=19)


def by_mail(call: PastCall) -> None:
    """One method alone: its code is on its way at once."""
    call.offer(Method.EMAIL)
    call.choose(Method.EMAIL, after=0)
    call.send(_MAIL)
    call.enter(after=41)


def by_app(call: PastCall) -> None:
    """Passes with the authenticator."""
    call.offer(*_ALL)
    call.choose(Method.AUTHENTICATOR)
    call.ask_app()
    call.enter(after=9)


def mistyped(call: PastCall) -> None:
    """Passes at the second try."""
    call.offer(*_ALL)
    call.choose(Method.SMS)
    call.send(_TEXT)
    call.mistype()
    call.enter(after=12)


def asked_again(call: PastCall) -> None:
    """The e-mail was slow: another code, by text message."""
    call.offer(*_ALL)
    call.choose(Method.EMAIL)
    call.send(_MAIL)
    call.choose(Method.SMS, after=48)
    call.send(_TEXT)
    call.enter(after=22)


def failed_over(call: PastCall) -> None:
    """The first gateway has too much to do; the second one delivers."""
    call.offer(*_ALL)
    call.choose(Method.SMS)
    busy = Try("http", Delivery.Outcome.TRANSIENT, 180, _BUSY)
    call.send(busy, busy, Try("twilio", ms=350, told=_DELIVERED))
    call.enter(after=24)


def bounced(call: PastCall) -> None:
    """No such mailbox: nothing is left to try."""
    call.offer(Method.EMAIL)
    call.choose(Method.EMAIL, after=0)
    gone = {"http_status": 550, "detail": "refused at: recipient"}
    call.send(Try("smtp", Delivery.Outcome.PERMANENT, 130, gone))
    call.end("error")


def unanswered(call: PastCall) -> None:
    """The gateway did not answer in time, and the message arrived nevertheless."""
    call.offer(*_ALL)
    call.choose(Method.SMS)
    call.send(Try("http", Delivery.Outcome.UNKNOWN, 5_000, {"detail": "no answer in time"}))
    call.enter(after=31)


def guessed(call: PastCall) -> None:
    """Three wrong codes, another one, and three more: somebody guesses."""
    call.offer(*_ALL)
    call.choose(Method.SMS)
    for after in (0.05, 0.1, 0.1):
        call.send(_TEXT, after=after)
        for _number in range(3):
            call.mistype(after=6)
    call.end("error")


def silent(call: PastCall) -> None:
    """Says nothing, three times."""
    call.offer(*_ALL)
    call.end("maxnoinput", after=36)


def hung_up(call: PastCall) -> None:
    """Hangs up while the code is on its way."""
    call.offer(*_ALL)
    call.choose(Method.EMAIL)
    call.send(_MAIL)
    call.end("hangup", after=14)


def without_method(call: PastCall) -> None:
    """The account has nothing that is verified."""
    call.note("methods.checked", outcome="success", offered=[], dropped=[])
    call.end("error")


def came_back(call: PastCall) -> None:
    """Passed earlier in the same call, and is not asked again."""
    call.note("skip.used")
    call.session.skipped, call.session.authenticated_at = True, call.clock
    call.end("success")


ACCOUNTS: dict[Story, str] = {by_mail: "1002", bounced: "1002", without_method: "1003"}
"""Whose calls go so; all others are of 1000."""
OFTEN: tuple[tuple[Story, int], ...] = (
    (by_text, 10), (by_mail, 6), (by_app, 5), (mistyped, 4), (asked_again, 2), (failed_over, 3), (bounced, 1),
    (unanswered, 1), (guessed, 1), (silent, 2), (hung_up, 2), (without_method, 1), (came_back, 2),
)  # fmt: skip
"""How often, of forty calls."""
