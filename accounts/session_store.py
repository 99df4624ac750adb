"""Sessions as rows (``settings.SESSION_ENGINE``): only a hash of the key is kept, epochs are compared at every load.

Idle and absolute ends are options. A desk's session and an administrator's are of different kinds: a key of one kind
opens nothing as the other (``kind`` is set by ``config.http.cookies`` before the first load).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import options
from accounts.models import Session, User
from accounts.selectors import installation_epoch
from config.context import current

_TOUCH_EVERY = timedelta(minutes=1)
_ANONYMOUS_LIFE = timedelta(hours=1)


def key_hash(key: str) -> str:
    """SHA-256 of a session key, hex."""
    return hashlib.sha256(key.encode()).hexdigest()


class SessionStore(SessionBase):
    """Django's session interface over ``accounts.Session``."""

    kind: str = Session.Kind.DESK

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        row = self._live_row()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row.data)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(pk=key_hash(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = secrets.token_urlsafe(32)
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        user_id = int(data["_auth_user_id"]) if "_auth_user_id" in data else None
        fields: dict[str, Any] = {"data": self.encode(data), "last_seen_at": timezone.now()}
        if must_create or user_id is not None:
            fields |= self._who(user_id, data)
        if must_create:
            self._insert(fields)
        elif not self._sign_in_row(fields) and not self._row().update(**fields):
            raise UpdateError
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(pk=key_hash(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Done by the periodic job in bounded slices (``accounts.periodic``)."""

    def _who(self, user_id: int | None, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "user_id": user_id,
            "user_epoch": data.get("user_epoch"),
            "installation_epoch": data.get("installation_epoch"),
            "proved_at": datetime.fromisoformat(data["proved_at"]) if data.get("proved_at") else None,
        }

    def _row(self) -> QuerySet[Session]:
        return Session.objects.filter(pk=key_hash(self.session_key or ""))

    def _sign_in_row(self, fields: dict[str, Any]) -> int:
        """Django makes the row before it knows the user: his sign-in sets the absolute end, once."""
        user_id = fields.get("user_id")
        nobodys = self._row().filter(user__isnull=True)
        if user_id is None or not nobodys.exists():
            return 0
        return nobodys.update(**fields, ends_at=timezone.now() + _life_of(user_id))

    def _insert(self, fields: dict[str, Any]) -> None:
        try:
            with transaction.atomic():
                Session.objects.create(
                    pk=key_hash(self.session_key or ""),
                    kind=self.kind,
                    # Somebody's already when a password change gives his session a new key.
                    ends_at=timezone.now() + _life_of(fields["user_id"]),
                    address=current().address,
                    **fields,
                )
        except IntegrityError as error:
            raise CreateError from error

    def _live_row(self) -> Session | None:
        """The row, when it is of our kind, not ended, and proven under epochs that still hold."""
        if not self.session_key or not 20 <= len(self.session_key) <= 64:
            return None
        rows = Session.objects.select_related("user__contact_center")
        row = rows.filter(pk=key_hash(self.session_key), kind=self.kind, ends_at__gt=timezone.now()).first()
        if row is None or not self._holds(row):
            return None
        self._touch(row)
        return row

    def _holds(self, row: Session) -> bool:
        if row.user is None:
            return True
        idle = timedelta(minutes=options.SESSION_IDLE.of(row.user.contact_center_id))
        if timezone.now() - row.last_seen_at > idle or not row.user.is_active:
            return False
        return row.user_epoch == row.user.epoch and row.installation_epoch == installation_epoch()

    def _touch(self, row: Session) -> None:
        """Note that it lives, at most once a minute, and only if nobody else just did."""
        now = timezone.now()
        idle = timedelta(minutes=options.SESSION_IDLE.of(row.user.contact_center_id if row.user else None))
        # A short idle time is refreshed more often, or a session in use would end.
        if now - row.last_seen_at > min(_TOUCH_EVERY, idle / 4):
            Session.objects.filter(pk=row.pk, last_seen_at=row.last_seen_at).update(last_seen_at=now)


def _life_of(user_id: int | None) -> timedelta:
    """How long a session may live at most: an option of the user's contact center; an hour while it is nobody's."""
    if user_id is None:
        return _ANONYMOUS_LIFE
    contact_center_id = User.objects.values_list("contact_center_id", flat=True).get(pk=user_id)
    return timedelta(hours=options.SESSION_ABSOLUTE.of(contact_center_id))
