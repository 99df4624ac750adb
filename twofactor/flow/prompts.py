"""What callers are told. A wrong, an expired and a locked code have the same words; no destination is told whole."""

from __future__ import annotations

from collections.abc import Mapping

from environment.models import Application
from twofactor.flow.answers import Choice, Prompt
from twofactor.masking import mask
from twofactor.models import Challenge, FlowSession, Method
from twofactor.options import external, internal
from twofactor.services.private import Private

AUTHENTICATOR_DIGITS, RECOVERY_DIGITS = 6, 10
"""Of our own authenticator's codes, and of those for whoever lost it."""
WRONG = "That is not right."
NOTHING_HEARD = "We did not get that."
WAIT = "Please wait a moment before you ask for another code."
NOT_SENT = "We could not send the code that way."
_BY = {Method.EMAIL: "by e-mail", Method.SMS: "by text message"}


def digits_of(application: Application, session: FlowSession) -> tuple[int, int]:
    """The fewest and the most digits of the code that is waited for."""
    if session.external:
        return external.ENTER_MIN.of(application), external.ENTER_MAX.of(application)
    if session.method == Method.AUTHENTICATOR:
        return AUTHENTICATOR_DIGITS, RECOVERY_DIGITS
    digits = internal.DIGITS.of(application)
    return digits, digits


def code_typed(sent: str) -> str:
    """What the caller entered; blanks and one ``#`` at the end do not count."""
    return "".join(sent.split(" ")).removesuffix("#")


def takes(application: Application, session: FlowSession, typed: str) -> bool:
    """Whether ``typed`` has the form of a code: ASCII digits, as many as are waited for."""
    fewest, most = digits_of(application, session)
    if not (typed.isascii() and typed.isdigit()):
        return False
    if session.method == Method.AUTHENTICATOR and not session.external:
        return len(typed) in (fewest, most)
    return fewest <= len(typed) <= most


def menu(session: FlowSession, private: Private, *, before: str = "") -> Prompt:
    """The choice of a method, in the order of the service."""
    app_name = external.PROMPT_WORDING.of(session.application)
    choices = []
    spoken = []
    for place, method in enumerate(session.offered, 1):
        label = label_of(method, private.destinations, app_name)
        choices.append(Choice(str(place), method, label))
        how = f"use {label}" if method == Method.AUTHENTICATOR else f"receive the code {label}"
        spoken.append(f"Press {place} to {how}.")
    return Prompt(text=" ".join([before, *spoken]).strip(), input="menu", choices=tuple(choices))


def label_of(method: str, destinations: Mapping[str, str], app_name: str) -> str:
    """A method, with its destination masked."""
    if method == Method.AUTHENTICATOR:
        return app_name
    hidden = mask(method, destinations.get(method, ""))
    return f"{_BY[Method(method)]} to {hidden}" if hidden else _BY[Method(method)]


def ask_code(session: FlowSession, challenge: Challenge | None, *, before: str = "", is_fresh: bool = False) -> Prompt:
    """The code, after it was sent or (authenticator) without that."""
    application = session.application
    fewest, most = digits_of(application, session)
    usual = 0 if session.external else fewest
    if session.method == Method.AUTHENTICATOR:
        ask = f"Please enter the code that {external.PROMPT_WORDING.of(application)} shows."
        words = f"{before} {ask}".strip()
        return Prompt(text=words, input="digits", fewest=fewest, most=most, length=usual, can_resend=False)
    number = f" {challenge.ordinal}" if challenge is not None and challenge.ordinal > 1 else ""
    where = f" to {challenge.destination_mask}" if challenge is not None and challenge.destination_mask else ""
    what = f"code{number}" if number else "a code"
    sent = f"We sent {what} {_BY[Method(session.method)]}{where}." if is_fresh else ""
    length = f"{fewest} digits" if fewest == most else f"{fewest} to {most} digits"
    ask = f"Please enter the {length} of {f'code{number}' if number else 'the code'}."
    if challenge is not None and challenge.undelivered:
        before = f"{before} The message could not be delivered. You may ask for another code.".strip()
    words = " ".join(filter(None, [before, sent, ask]))
    return Prompt(text=words, input="digits", fewest=fewest, most=most, length=usual)
