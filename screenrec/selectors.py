"""Reads of this room: the session behind a key or an agent, what is told of a user, which origins are let in."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import authorities_of, installation_epoch
from config.encryption import derived_keys
from config.http.cors import canonical_origin, origin_matches
from environment.models import Option
from environment.selectors import stamps_of
from screenrec import options
from screenrec.models import RecorderSession

CSRF_HEADER = "X-CSRF-TOKEN"
_KEY_LENGTH = 43
End = RecorderSession.End
_NAMESPACE = uuid.UUID("3f0f6c0e-6d6b-4d0e-9b53-0d5b0f3a7a10")


def key_hash(key: str) -> str:
    """SHA-256 of a session's key, hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def session_of_key(key: str) -> RecorderSession | None:
    """The session of a cookie's value that was not ended yet; whether it lives says ``cause_of_death``."""
    if len(key) != _KEY_LENGTH or not key.isascii():
        return None
    return _not_ended(RecorderSession.objects.filter(key_hash=key_hash(key)))


def session_of_agent(agent_key: str) -> RecorderSession | None:
    """The same by ``Agent.key``."""
    return _not_ended(RecorderSession.objects.filter(agent_key=agent_key))


def cause_of_death(session: RecorderSession, now: datetime) -> RecorderSession.End | None:
    """Why an open session is none any more; None while it lives.

    A login counts as the first ping; where there was none, no timer runs. A user who changed his password, signed out
    everywhere or was disabled has no session.
    """
    if session.ends_at <= now:
        return End.EXPIRED
    if session.last_ping_at is not None and now - session.last_ping_at > _timeout():
        return End.TIMEOUT
    return None if _account_stands(session) else End.ACCOUNT


def csrf_token(session: RecorderSession) -> str:
    """The session's CSRF token, a GUID; made from its key, so that nothing of it is kept."""
    return _token(derived_keys("recorder-csrf")[0], session.key_hash)


def csrf_matches(session: RecorderSession, sent: str) -> bool:
    """Whether this is the session's token, under any key of the ring."""
    tokens = [_token(key, session.key_hash) for key in derived_keys("recorder-csrf")]
    return any(hmac.compare_digest(token.encode(), sent.strip().lower().encode()) for token in tokens)


def user_record(user: User) -> dict[str, Any]:
    """``user`` of the answer (facts C.3)."""
    identity = uuid.uuid5(_NAMESPACE, user.subject).hex
    path = f"/users/{identity}"
    return {
        "id": identity,
        "userName": str(user),
        "firstName": user.first_name,
        "lastName": user.last_name,
        "emailAddress": user.email,
        "roles": [each.name for each in authorities_of(user.pk, user.stamp, user.contact_center_id)],
        "enabled": user.enabled,
        "changePasswordOnFirstLogin": user.must_change_password,
        "contactCenterId": str(user.contact_center_id or ""),
        "uri": f"{settings.DESKGATE_PUBLIC_URL}/api/v2{path}",
        "path": path,
        "password": "",
    }


def subresources(session: RecorderSession, wanted: frozenset[str]) -> dict[str, Any]:
    """Those of devices, place and settings that are wanted by name, or all by ``*``; others are passed by."""
    told = {
        "devices": session.devices,
        "place": {"name": session.place_name} if session.place_name else None,
        "settings": {"screen-recording-client": {"pingTimeout": options.PING_TIMEOUT.of()}},
    }
    return {name: value for name, value in told.items() if "*" in wanted or name in wanted}


def contact_centers_of_origin(origin: str) -> list[UUID]:
    """The enabled contact centers whose own list lets this origin in."""
    option = options.ALLOWED_ORIGINS
    rows = Option.objects.filter(
        section=option.section, name=option.name, contact_center__enabled=True, application=None
    )
    lists = rows.order_by("contact_center").values_list("contact_center", "value")
    return [home for home, text in lists if home and _matches_any(option.split(text), origin)]


def origin_is_allowed(origin: str, contact_center_id: UUID | None) -> bool:
    """Whether pages of this origin are let in for agents of this contact center: its list and the installation's."""
    if not origin or _matches_any(_own_patterns(), origin):
        return True
    if contact_center_id is None or not stamps_of(contact_center_id).contact_center_enabled:
        return False
    return _matches_any(options.ALLOWED_ORIGINS.of(contact_center_id), origin)


def _own_patterns() -> tuple[str, ...]:
    own = canonical_origin(settings.DESKGATE_PUBLIC_URL)
    return (*options.ALLOWED_ORIGINS.of(), *((own,) if own else ()))


def _matches_any(patterns: tuple[str, ...], origin: str) -> bool:
    return any(origin_matches(pattern, origin) for pattern in patterns)


def _not_ended(rows: QuerySet[RecorderSession]) -> RecorderSession | None:
    return rows.select_related("user__contact_center").filter(ended_at__isnull=True).order_by().first()


def _account_stands(session: RecorderSession) -> bool:
    user = session.user
    if user is None:
        return True
    return user.is_active and session.user_epoch == user.epoch and session.installation_epoch == installation_epoch()


def _timeout() -> timedelta:
    return timedelta(seconds=options.PING_TIMEOUT.of())


def _token(key: bytes, hashed: str) -> str:
    return str(uuid.UUID(bytes=hmac.digest(key, hashed.encode(), hashlib.sha256)[:16], version=4))
