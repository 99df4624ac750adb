"""One answer of a caller to one prompt, carried out once; and what a caller gets whose call is out of step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic, sleep

from config.encryption import keyed_hash
from environment.models import Application
from twofactor.errors import NoSuchSession, OutOfOrder, SessionEnded, StillAnswering
from twofactor.flow.answers import Answer
from twofactor.flow.engine import session_read
from twofactor.models import FlowSession
from twofactor.services.repeats import answered_once

NO_MATCH = "?" * 32
"""What the flow is told of keys that the grammar did not take: no choice, and no code of any length."""
_PURPOSE = "two-factor-vxml-turn"
# How long a repeat waits for the answer of the first one, and how often it looks.
_WAIT, _LOOK = 5.0, 0.2  # seconds


class _Unmoved(Exception):
    """The call stands where it stood: another code was asked for too early, say."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def heard(sent: str, event: str) -> str:
    """What the flow is told: the keys, "" for silence, ``NO_MATCH`` for others.

    Platforms may write keys with blanks between: the wording of an utterance is theirs (VoiceXML 2.0 §5.1.5).
    """
    if event == "nomatch":
        return NO_MATCH
    return "" if event == "noinput" else "".join(sent.split())


def session_check(session_id: str, *, application: Application) -> None:
    """Raise NoSuchSession unless this is a session of the application in the address."""
    if not FlowSession.objects.filter(pk=session_id, application=application).exists():
        raise NoSuchSession


def turn_take(session_id: str, *, opener: str, step: int, call: str, said: str, answer: Callable[[], Answer]) -> Answer:
    """The answer to what was ``said`` to the prompt ``step``; the same again, sent twice, gets the same answer.

    Something else said to an older prompt, or after the end, is a failure of the call, which the caller's dialog
    learns as a path, never as a fault of HTTP. Raises NoSuchSession, StillAnswering.
    """

    def at_this_step() -> Answer:
        now = session_read(session_id, opener=opener)
        if now.state != "ended" and now.step != step:
            raise OutOfOrder
        made = answer()
        if made.step == step:
            raise _Unmoved(made)
        return made

    # Of a code not even a plain hash is kept: six digits are found by trying.
    digest = keyed_hash(f"{call} {said}".encode(errors="backslashreplace"), purpose=_PURPOSE)
    key = f"vxml {session_id} {step} {digest}"
    end = monotonic() + _WAIT
    while True:
        try:
            return answered_once(opener=opener, key=key, request=digest, answer=at_this_step)
        except _Unmoved as unmoved:
            # Not kept: to the same prompt the same may be said again, later and with more success.
            return unmoved.answer
        except (OutOfOrder, SessionEnded):
            return ended_or_error(session_read(session_id, opener=opener))
        except StillAnswering:
            # A platform whose connection broke: a refusal would end the call, the answer is nearly there.
            if monotonic() > end:
                raise
            sleep(_LOOK)


def ended_or_error(answer: Answer) -> Answer:
    """The end that a call had; of one that goes on, and was told something out of its order: the error path."""
    return answer if answer.state == "ended" else replace(answer, state="ended", prompt=None, path="error")
