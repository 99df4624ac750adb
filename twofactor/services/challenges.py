"""Challenges: a code is reserved with its send, and told to be on its way or lost (reference part E.6, E.8).

Each of these is one conditional UPDATE; what was counted stays counted, whatever happens afterwards.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from twofactor.masking import mask
from twofactor.models import Challenge, FlowSession
from twofactor.services.budgets import send_refused
from twofactor.services.codes import challenge_burn, code_mac


@dataclass(frozen=True, slots=True)
class Wanted:
    """The send that a session asks for, and what it may take.

    Without ``cool_down`` nothing is sent (an authenticator): only ``max_sends`` counts. For an ``unasked`` code
    (step 6 of the seed) no pause is kept. ``private`` is the session's, sealed.
    """

    method: str
    life: timedelta
    max_sends: int
    max_verify: int
    cool_down: timedelta | None
    private: str = field(repr=False)
    destination: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    from_own_phone: bool = False
    unasked: bool = False

    @property
    def is_sent(self) -> bool:
        """Whether something goes out, which the budgets count."""
        return self.cool_down is not None


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


def challenge_make(session: FlowSession, *, wanted: Wanted) -> Made:
    """Reserve one send of the session and of every budget, and the challenge of its code, all or nothing.

    The session waits for the code from then on: whoever is cut off while it is on its way has lost nothing. Refusals
    are "sends" (the maximum), "cool-down", "state" (another request was first), or the name of a budget. Call it
    outside of any transaction.
    """
    now = timezone.now()
    with transaction.atomic():
        if not _send_reserve(session, wanted, now):
            return _why_not(session, wanted, now)
        if wanted.is_sent:
            session.method = wanted.method
            refused, wait = send_refused(
                session, wanted.destination, from_own_phone=wanted.from_own_phone, pause=not wanted.unasked
            )
            if refused:
                transaction.set_rollback(True)
                return Made(refused=refused, retry_after=wait)
        return Made(_challenge_create(session, wanted, now), wanted.code)


def challenge_sent(challenge: Challenge) -> None:
    """A gateway took it, or may have: from now on it is the one that counts, and older codes are superseded."""
    now = timezone.now()
    with transaction.atomic():
        # The session's row first, as every writer of its codes.
        FlowSession.objects.select_for_update().filter(pk=challenge.session_id).values_list("pk").first()
        Challenge.objects.filter(pk=challenge.pk).update(sent_at=now)
        older = Challenge.objects.filter(session_id=challenge.session_id, ordinal__lt=challenge.ordinal)
        older.filter(superseded_at__isnull=True, consumed_at__isnull=True).update(superseded_at=now)


def challenge_failed(challenge: Challenge, *, give_back: int) -> bool:
    """It was surely not delivered: burn it, and give its send back while at most ``give_back`` were; whether it was."""
    with transaction.atomic():
        mine = FlowSession.objects.filter(pk=challenge.session_id)
        given = mine.filter(delivery_failures__lt=give_back, sends_used__gt=0).update(
            sends_used=F("sends_used") - 1, delivery_failures=F("delivery_failures") + 1, last_sent_at=None
        )
        if not given:
            mine.update(delivery_failures=F("delivery_failures") + 1)
        challenge_burn(challenge)
    return bool(given)


def _send_reserve(session: FlowSession, wanted: Wanted, now: datetime) -> bool:
    """Take one of the session's sends and let it wait for the code; whether there was one to take."""
    free = FlowSession.objects.filter(pk=session.pk, state=session.state, sends_used__lt=wanted.max_sends)
    if wanted.cool_down:
        free = free.filter(Q(last_sent_at__isnull=True) | Q(last_sent_at__lte=now - wanted.cool_down))
    taken: dict[str, Any] = {"sends_used": F("sends_used") + 1, "input_rounds": 0, "step": F("step") + 1}
    if wanted.is_sent:
        taken["last_sent_at"] = now
    state = FlowSession.State.ENTER
    return bool(free.update(state=state, method=wanted.method, private=wanted.private, **taken))


def _challenge_create(session: FlowSession, wanted: Wanted, now: datetime) -> Challenge:
    challenge = Challenge(
        session=session,
        ordinal=Challenge.objects.filter(session=session).count() + 1,
        method=wanted.method,
        destination_mask=mask(wanted.method, wanted.destination),
        digits=len(wanted.code),
        issued_at=now,
        expires_at=now + wanted.life,
        max_attempts=wanted.max_verify,
        sent_at=None if wanted.is_sent else now,
    )
    challenge.code_mac = code_mac(challenge, wanted.destination, wanted.code) if wanted.code else ""
    challenge.save(force_insert=True)
    return challenge


def _why_not(session: FlowSession, wanted: Wanted, now: datetime) -> Made:
    state, used, last = FlowSession.objects.values_list("state", "sends_used", "last_sent_at").get(pk=session.pk)
    if state != session.state:
        return Made(refused="state")
    if used >= wanted.max_sends or not wanted.cool_down or last is None:
        return Made(refused="sends")
    left = (last + wanted.cool_down - now).total_seconds()
    return Made(refused="cool-down", retry_after=max(1, int(left) + 1))
