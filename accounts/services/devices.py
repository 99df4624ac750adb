"""Devices that signed in before: a signed cookie, so that a flood of failures elsewhere does not lock its owner out."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from config.encryption import derived_keys

COOKIE = "deskgate_device"
_AGE = 180 * 24 * 3600
_SALT = "deskgate.devices"
_MOST = 8


def remembered_users(request: HttpRequest) -> frozenset[int]:
    """The ids of users who signed in from this device before; none for a missing or forged cookie."""
    value = request.COOKIES.get(COOKIE, "")
    for key in derived_keys("device-cookie"):
        try:
            known = signing.loads(value, key=key.hex(), salt=_SALT, max_age=_AGE)
        except signing.BadSignature:
            continue
        return frozenset(known) if isinstance(known, list) and all(isinstance(pk, int) for pk in known) else frozenset()
    return frozenset()


def device_remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Add the user to those this device is known for."""
    known = [user.pk, *sorted(remembered_users(request) - {user.pk})][:_MOST]
    value = signing.dumps(known, key=derived_keys("device-cookie")[0].hex(), salt=_SALT)
    response.set_cookie(
        COOKIE, value, max_age=_AGE, path="/", httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
