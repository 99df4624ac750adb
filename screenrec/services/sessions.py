"""Recorder sessions: begun by a login, kept by pings, taken over by the same agent, ended for good."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.selectors import installation_epoch
from activity.services import event_record
from config.context import current
from config.encryption import seal
from config.http.errors import Busy
from config.policy import require
from config.stamps import new_stamp
from screenrec import options
from screenrec.models import RecorderSession
from screenrec.selectors import cause_of_death, key_hash
from screenrec.services.seats import Seat, seat_give_back, seat_take

End = RecorderSession.End
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Agent:
    """Who was proven. ``key`` is the same for all his logins; the epochs are those of the rows that proved him.

    ``user`` is None when another server proved him; ``profile`` is then what it told.
    """

    key: str
    name: str
    user: User | None = None
    contact_center_id: UUID | None = None
    user_epoch: int | None = None
    installation_epoch: int | None = None
    profile: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upstream:
    """The Recording Web Services that proved the agent, the other one, and the cookie of the session there."""

    server: str
    peer_server: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Channels:
    """What ``StartContactCenterSession`` says beside the place."""

    names: tuple[str, ...]
    login_code: str = ""
    queue: str = ""


def session_open(
    agent: Agent,
    *,
    csrf: bool,
    origin: str,
    seat: Seat | None,
    upstream: Upstream | None = None,
    channels: Channels | None = None,
) -> tuple[RecorderSession, str]:
    """The agent's session and its new key: a new one, or his open one taken over, whose old key ends.

    Without a seat he keeps what he holds, without channels those noted. Raises DeviceInUse, UnknownSeat, Busy, with
    nothing changed.
    """
    _lapse_in_the_way(agent.key, seat)
    for _ in range(_TRIES):
        try:
            return _open(agent, csrf=csrf, origin=origin, seat=seat, upstream=upstream, channels=channels)
        except IntegrityError:
            # Another login of his came between: its row is there now, unless a logout came after it.
            continue
    raise Busy(reason=f"{_TRIES} other logins of {agent.name} came between")


def session_start_channels(session: RecorderSession, *, seat: Seat | None, channels: Channels) -> bool:
    """Note what ``StartContactCenterSession`` says and take the seat; False when the session ended meanwhile.

    Raises DeviceInUse, UnknownSeat, with nothing changed.
    """
    _lapse_in_the_way(None, seat)
    with transaction.atomic():
        row = _locked(session)
        if row is None:
            return False
        _note(row, seat, channels)
        row.save()
        if seat:
            seat_take(row, seat)
    return True


def session_ping(session: RecorderSession, *, server: str | None = None) -> bool:
    """Restart the timer (and note which server answered); False when the session ended meanwhile."""
    told: dict[str, Any] = {"last_ping_at": timezone.now()}
    if server is not None and server != session.server:
        told |= {"server": server, "peer_server": session.server}
    rows = RecorderSession.objects.filter(pk=session.pk, key_hash=session.key_hash, ended_at__isnull=True)
    return bool(rows.update(**told))


def session_end(session: RecorderSession, because: RecorderSession.End) -> bool:
    """End it, give its devices back and record it; False when it had ended, or was taken over, already."""
    with transaction.atomic():
        row = _locked(session)
        if row is None:
            return False
        _close(row, because)
    return True


def session_revoke(session: RecorderSession, *, reason: str) -> bool:
    """An administrator ends it; it is refused on its next call. Raises Forbidden."""
    require("write", session)
    with transaction.atomic():
        row = _locked_rows().filter(pk=session.pk).first()
        if row is None:
            return False
        _close(row, End.REVOKED, reason=reason)
    return True


def sessions_due(limit: int) -> list[RecorderSession]:
    """Open sessions whose time is over, or whose agent changed, at most ``limit``."""
    now = timezone.now()
    due = Q(last_ping_at__lt=now - timedelta(seconds=options.PING_TIMEOUT.of())) | Q(ends_at__lte=now)
    stale = ~Q(user_epoch=F("user__epoch")) | ~Q(installation_epoch=installation_epoch())
    changed = Q(user__isnull=False) & (stale | Q(contact_center__enabled=False))
    return list(RecorderSession.objects.filter(due | changed, ended_at__isnull=True).order_by("pk")[:limit])


def session_lapse(session: RecorderSession) -> bool:
    """End a session that was found dead: its devices are free at once. False when it lives after all, or had ended."""
    with transaction.atomic():
        row = _locked(session)
        # Under its lock: a ping may have come between.
        because = cause_of_death(row, timezone.now()) if row else None
        if row is None or because is None:
            return False
        _close(row, because)
    return True


def _lapse_in_the_way(agent_key: str | None, seat: Seat | None) -> None:
    """End dead sessions that a login meets, each in a transaction of its own: the agent's and his devices' holders'.

    So a hold changes hands only under its session's lock, where a ping that came in time is seen, and no transaction
    locks devices twice.
    """
    now = timezone.now()
    rows = RecorderSession.objects.select_related("user__contact_center").filter(ended_at__isnull=True)
    found = [] if agent_key is None else list(rows.filter(agent_key=agent_key))
    if seat and seat.device_ids:
        found += rows.filter(held__device__in=seat.device_ids).distinct()
    for each in found:
        if cause_of_death(each, now):
            session_lapse(each)


def _open(
    agent: Agent, *, csrf: bool, origin: str, seat: Seat | None, upstream: Upstream | None, channels: Channels | None
) -> tuple[RecorderSession, str]:
    key, now = secrets.token_urlsafe(32), timezone.now()
    with transaction.atomic():
        row = _locked_rows().filter(agent_key=agent.key).first()
        dead = cause_of_death(row, now) if row else None
        if row is not None and dead:
            _close(row, dead)
            row = None
        taken_over = row is not None
        row = row or RecorderSession(agent_key=agent.key, started_at=now)
        _fill(row, agent, key, now, upstream)
        row.csrf, row.origin = csrf, origin[:255]
        _note(row, seat, channels)
        row.save()
        if seat:
            seat_take(row, seat)
        event_record(
            name="recorder-login",
            user_name=agent.name,
            contact_center_id=agent.contact_center_id,
            detail={"taken over": taken_over, "server": row.server, "place": row.place_name},
        )
    return row, key


def _fill(row: RecorderSession, agent: Agent, key: str, now: datetime, upstream: Upstream | None) -> None:
    row.user, row.user_name, row.contact_center_id = agent.user, agent.name[:512], agent.contact_center_id
    row.user_epoch, row.installation_epoch, row.profile = agent.user_epoch, agent.installation_epoch, agent.profile
    row.key_hash, row.login_stamp, row.address = key_hash(key), new_stamp(), current().address
    row.server = upstream.server if upstream else ""
    row.peer_server = upstream.peer_server if upstream else ""
    row.rws_cookie_sealed = seal(upstream.cookie, **seal_place(row.key_hash)) if upstream else ""
    # The timer runs from the login on.
    row.logged_in_at = row.last_ping_at = now
    row.ends_at = now + timedelta(hours=options.SESSION_HOURS.of())


def seal_place(key_hash_: str) -> dict[str, str]:
    """What the cookie of the session at Recording Web Services is sealed for: this very login."""
    return {"purpose": "recorder", "table": "recorder_session", "field": "rws_cookie", "row": key_hash_}


def _note(row: RecorderSession, seat: Seat | None, channels: Channels | None) -> None:
    if channels:
        # Desktops of Recording Web Services do not ping: their timer begins when they do.
        row.last_ping_at = None
        row.channels, row.login_code, row.queue = list(channels.names), channels.login_code, channels.queue
    if seat:
        row.place_name, row.devices = seat.place_name, [device.told() for device in seat.devices]


def _locked(session: RecorderSession) -> RecorderSession | None:
    """The open row that this login is about, locked; None when it ended or was taken over since."""
    return _locked_rows().filter(pk=session.pk, key_hash=session.key_hash).first()


def _locked_rows() -> QuerySet[RecorderSession]:
    """Open sessions, each locked as it is read; what ``cause_of_death`` asks comes along unlocked."""
    rows = RecorderSession.objects.select_for_update(of=("self",)).select_related("user__contact_center")
    return rows.filter(ended_at__isnull=True)


def _close(row: RecorderSession, because: RecorderSession.End, *, reason: str = "") -> None:
    row.ended_at, row.ended_because = timezone.now(), because
    row.rws_cookie_sealed = ""
    row.save(update_fields=["ended_at", "ended_because", "rws_cookie_sealed"])
    seat_give_back(row)
    event_record(
        name="recorder-logout",
        user_name=row.user_name,
        contact_center_id=row.contact_center_id,
        detail={"because": str(because.label), "reason": reason},
    )
