"""Who is asking, when no API authenticator said so: the browser's session."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from accounts.models import User
from accounts.selectors import principal_of_user
from config.principal import ANONYMOUS, Principal


def principal_of_session(request: HttpRequest) -> Principal:
    """The signed-in user of this browser, or nobody (``settings.DESKGATE_SESSION_PRINCIPAL``)."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return ANONYMOUS
    proved_at = request.session.get("proved_at")
    return principal_of_user(user, proof="session", proved_at=datetime.fromisoformat(proved_at) if proved_at else None)
