"""Codes: made, sent on their way, tried and used up. Each of these is one conditional UPDATE (reference part E.6).

*Reserve* counts a try before anything is compared; *compare* is constant-time, outside of any transaction; *consume*
lets exactly one right try through. What was counted stays counted, whatever happens afterwards.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from config.encryption import keyed_hash, keyed_hash_matches
from twofactor.masking import mask
from twofactor.models import Challenge, FlowSession
from twofactor.services.budgets import check_refused, send_refused
from twofactor.services.guards import guards_failed, guards_passed, guards_reserve

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


@dataclass(frozen=True, slots=True)
class Made:
    """A challenge that was reserved with its send, or why not: ``refused`` and the seconds to wait."""

    challenge: Challenge | None = None
    code: str = ""
    refused: str = ""
    retry_after: int = 0

    def __repr__(self) -> str:
        return f"Made({self.challenge!r}, refused={self.refused!r})"


def code_make(digits: int) -> str:
    """A random code of ``digits`` ASCII digits; leading zeros count."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def challenge_make(
    session: FlowSession,
    *,
    method: str,
    destination: str = "",
    code: str = "",
    life: timedelta,
    max_sends: int,
    max_verify: int,
    cool_down: timedelta | None,
    private: str,
    from_own_phone: bool = False,
) -> Made:
    """Reserve one send of the session and of every budget, and the challenge of ``code``, all or nothing.

    The session waits for the code from then on: whoever is cut off while it is on its way has lost nothing. Without
    ``cool_down`` nothing is sent (an authenticator): only the session's own maximum counts. One of no length is for a
    code that nobody asked for (step 6 of the seed): no pause is kept. Refusals are "sends" (the
    maximum), "cool-down", "state" (another request was first), or the name of a budget. Call it outside of any
    transaction.
    """
    now = timezone.now()
    with transaction.atomic():
        free = FlowSession.objects.filter(pk=session.pk, state=session.state, sends_used__lt=max_sends)
        if cool_down:
            free = free.filter(Q(last_sent_at__isnull=True) | Q(last_sent_at__lte=now - cool_down))
        taken = {"sends_used": F("sends_used") + 1, "method": method, "input_rounds": 0, "step": F("step") + 1}
        taken["private"] = private
        if cool_down is not None:
            taken["last_sent_at"] = now
        if not free.update(state=FlowSession.State.ENTER, **taken):
            return _why_not(session, max_sends, cool_down, now)
        if cool_down is not None:
            session.method = method
            refused, wait = send_refused(session, destination, from_own_phone=from_own_phone, pause=bool(cool_down))
            if refused:
                transaction.set_rollback(True)
                return Made(refused=refused, retry_after=wait)
        ordinal = Challenge.objects.filter(session=session).count() + 1
        challenge = Challenge(
            session=session,
            ordinal=ordinal,
            method=method,
            destination_mask=mask(method, destination),
            digits=len(code),
            issued_at=now,
            expires_at=now + life,
            max_attempts=max_verify,
            sent_at=now if cool_down is None else None,
        )
        challenge.code_mac = _mac(challenge, destination, code) if code else ""
        challenge.save(force_insert=True)
    return Made(challenge, code)


def challenge_sent(challenge: Challenge) -> None:
    """A gateway took it, or may have: from now on it is the one that counts, and older codes are superseded."""
    now = timezone.now()
    with transaction.atomic():
        Challenge.objects.filter(pk=challenge.pk).update(sent_at=now)
        older = Challenge.objects.filter(session_id=challenge.session_id, ordinal__lt=challenge.ordinal)
        older.filter(superseded_at__isnull=True, consumed_at__isnull=True).update(superseded_at=now)


def challenge_failed(challenge: Challenge, *, give_back: int) -> bool:
    """It was surely not delivered: burn it, and give its send back while at most ``give_back`` were; whether it was."""
    with transaction.atomic():
        challenge_burn(challenge)
        mine = FlowSession.objects.filter(pk=challenge.session_id)
        given = mine.filter(delivery_failures__lt=give_back, sends_used__gt=0).update(
            sends_used=F("sends_used") - 1, delivery_failures=F("delivery_failures") + 1, last_sent_at=None
        )
        if not given:
            mine.update(delivery_failures=F("delivery_failures") + 1)
    return bool(given)


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
    with transaction.atomic():
        reserved = (
            live_codes(session)
            .filter(pk=challenge.pk, attempts__lt=F("max_attempts"), expires_at__gt=timezone.now())
            .update(attempts=F("attempts") + 1)
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
    made = keyed_hash(typed.encode(), purpose=_PURPOSE)
    hmac.compare_digest(made, made)


def try_passed(session: FlowSession, challenge: Challenge, *, path: str) -> bool:
    """Use the code up and end the session with ``path``; False when another try was first, or the call has ended."""
    now = timezone.now()
    with transaction.atomic():
        if not live_codes(session).filter(pk=challenge.pk).update(consumed_at=now):
            return False
        ended = FlowSession.objects.filter(pk=session.pk).exclude(state=FlowSession.State.ENDED)
        state = FlowSession.State.ENDED
        if not ended.update(state=state, path=path, authenticated_at=now, ended_at=now, step=F("step") + 1):
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


def _why_not(session: FlowSession, max_sends: int, cool_down: timedelta | None, now: datetime) -> Made:
    state, used, last = FlowSession.objects.values_list("state", "sends_used", "last_sent_at").get(pk=session.pk)
    if state != session.state:
        return Made(refused="state")
    if used >= max_sends or not cool_down or last is None:
        return Made(refused="sends")
    left = (last + cool_down - now).total_seconds()
    return Made(refused="cool-down", retry_after=max(1, int(left) + 1))


def _mac(challenge: Challenge, destination: str, code: str) -> str:
    return keyed_hash(_material(challenge, destination, code), purpose=_PURPOSE)


def _material(challenge: Challenge, destination: str, code: str) -> bytes:
    # JSON keeps the borders of the parts. A code is good for its own call, method and destination only.
    return json.dumps([challenge.pk, challenge.session_id, challenge.method, destination, code]).encode()
