"""Codes: tried and used up, or burnt. Each of these is one conditional UPDATE (reference part E.6).

*Reserve* counts a try before anything is compared; *compare* is constant-time, outside of any transaction; *consume*
lets exactly one right try through. What was counted stays counted, whatever happens afterwards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from config.encryption import keyed_hash, keyed_hash_matches
from twofactor.models import Challenge, FlowSession
from twofactor.services.budgets import check_refused
from twofactor.services.guards import guards_failed, guards_passed, guards_released, guards_reserve

_PURPOSE = "two-factor-code"


class Refused(StrEnum):
    """Why a code was not even looked at."""

    DEAD = "dead"
    """There is no code that could be right: expired, used up, superseded, consumed, or none."""
    LOCKED = "locked"
    """A counter of the account or of the calling number refuses it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A try that may be compared: the ``attempt``-th of its challenge."""

    challenge: Challenge
    attempt: int

    @property
    def is_last(self) -> bool:
        """Whether no other try of this code follows."""
        return self.attempt >= self.challenge.max_attempts


def challenge_burn(challenge: Challenge) -> None:
    """No try of it can be right any more. In the caller's transaction."""
    Challenge.objects.filter(pk=challenge.pk, burnt_at__isnull=True).update(burnt_at=timezone.now())


def session_codes_burn(session: FlowSession) -> None:
    """As ``challenge_burn``, for all codes of a session. In the caller's transaction."""
    live_codes(session).update(burnt_at=timezone.now())


def live_codes(session: FlowSession) -> QuerySet[Challenge]:
    """The codes that nothing has ended; their time and tries may be over."""
    return Challenge.objects.filter(
        session_id=session.pk, consumed_at__isnull=True, superseded_at__isnull=True, burnt_at__isnull=True
    )


def challenge_now(session: FlowSession) -> Challenge | None:
    """The one that a try is about: the newest that was sent, or, before any was, the newest."""
    codes = sorted(live_codes(session), key=lambda one: (one.sent_at is not None, one.ordinal))
    return codes[-1] if codes else None


def has_expired(session: FlowSession) -> bool:
    """Whether the code that a try would be about is past its time."""
    challenge = challenge_now(session)
    return challenge is not None and challenge.expires_at <= timezone.now()


def try_reserve(session: FlowSession, *, from_own_phone: bool) -> Trial | Refused:
    """Count a try of the present code, and of its account: or nothing, when one of them refuses it.

    Call it outside of any transaction.
    """
    challenge = challenge_now(session)
    if challenge is None:
        return Refused.DEAD
    now = timezone.now()
    with transaction.atomic():
        reserved = (
            live_codes(session)
            .filter(pk=challenge.pk, attempts__lt=F("max_attempts"), expires_at__gt=now)
            .update(attempts=F("attempts") + 1, tried_at=now)
        )
        if not reserved:
            return Refused.DEAD
        if not guards_reserve(session, from_own_phone=from_own_phone) or check_refused(session)[0]:
            transaction.set_rollback(True)
            return Refused.LOCKED
        attempt = Challenge.objects.values_list("attempts", flat=True).get(pk=challenge.pk)
    return Trial(challenge, attempt)


def code_is_right(challenge: Challenge, destination: str, typed: str) -> bool:
    """Compare, in constant time; only what ``try_reserve`` let through. ``typed`` is ASCII digits."""
    return keyed_hash_matches(challenge.code_mac, _material(challenge, destination, typed), purpose=_PURPOSE)


def compare_nothing(typed: str) -> None:
    """The work of ``code_is_right`` where there is nothing to compare with."""
    keyed_hash_matches("", typed.encode(errors="backslashreplace"), purpose=_PURPOSE)


def try_passed(session: FlowSession, challenge: Challenge, *, path: str) -> bool:
    """Use the code up and end the session with ``path``; False when another try was first, or the call has ended."""
    now = timezone.now()
    with transaction.atomic():
        # The session's row before its codes', as every writer of both: else two of them wait for each other.
        ended = FlowSession.objects.filter(pk=session.pk).exclude(state=FlowSession.State.ENDED)
        state = FlowSession.State.ENDED
        if not ended.update(state=state, path=path, authenticated_at=now, ended_at=now, step=F("step") + 1):
            return False
        if not live_codes(session).filter(pk=challenge.pk).update(consumed_at=now):
            transaction.set_rollback(True)
            return False
        session_codes_burn(session)
        guards_passed(session)
    return True


def try_missed(session: FlowSession, trial: Trial, *, from_own_phone: bool) -> None:
    """The try was wrong. The last one of a code burns it."""
    with transaction.atomic():
        if trial.is_last:
            challenge_burn(trial.challenge)
        guards_failed(session, from_own_phone=from_own_phone)


def try_unknown(session: FlowSession, *, from_own_phone: bool) -> None:
    """Nobody knows whether the try was right: the code's own count stands, the account's failure is taken back."""
    with transaction.atomic():
        guards_released(session, from_own_phone=from_own_phone)


def session_codes_end(session: FlowSession) -> None:
    """No try of the session's codes can be right any more."""
    with transaction.atomic():
        session_codes_burn(session)


def code_mac(challenge: Challenge, destination: str, code: str) -> str:
    """What is kept of a code: a keyed hash, good for its own call, method and destination only."""
    return keyed_hash(_material(challenge, destination, code), purpose=_PURPOSE)


def _material(challenge: Challenge, destination: str, code: str) -> bytes:
    # JSON keeps the borders of the parts. A code is good for its own call, method and destination only.
    return json.dumps([challenge.pk, challenge.session_id, challenge.method, destination, code]).encode()
