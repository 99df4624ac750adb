"""Security events of refusals that oauthlib never hears of: raised by us, recorded first, told by the public words."""

from __future__ import annotations

from typing import TypeVar

from accounts.models import User
from activity.services import event_record
from config.http.errors import Refusal

R = TypeVar("R", bound=Refusal)


def recorded(refusal: R, *, client_id: str, user: User) -> R:
    """The refusal, once its security event is written."""
    event_record(
        name="token",
        outcome="refused",
        refusal=refusal.reason,
        client_id=client_id,
        user_name=str(user),
        contact_center_id=user.contact_center_id,
    )
    return refusal
