"""Token families: begun by an authorization, rotated by refreshes, revoked as one."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from activity.services import event_record
from config.policy import require
from oauthapi.models import AccessToken, ApiClient, AuthorizationCode, TokenFamily
from oauthapi.rules import REPEAT_WINDOW
from oauthapi.services.client_limits import require_same_height


def family_revoke(family_id: int, *, because: str) -> bool:
    """End every token of the family; True when this call did it."""
    return bool(
        TokenFamily.objects.filter(pk=family_id, revoked_at__isnull=True).update(
            revoked_at=timezone.now(), revoked_because=because[:64]
        )
    )


def family_revoke_by_administrator(family: TokenFamily, *, reason: str | None = None) -> None:
    """The same, asked for in the admin or by REST."""
    require("write", family)
    with transaction.atomic():
        if family_revoke(family.pk, because="administrator"):
            event_record(
                name="tokens-revoked",
                client_id=family.client.client_id,
                user_name=str(family.user or ""),
                contact_center_id=family.user.contact_center_id if family.user else None,
                detail={"reason": reason or ""},
            )


def family_rotate(family_id: int, *, presented_generation: int) -> str:
    """Advance the family by one. Returns "rotated", "repeated" or "reused"; one conditional update decides.

    "repeated": another call rotated this very token within ``REPEAT_WINDOW`` seconds of the database's clock and
    its successor is still the youngest. Anything else is reuse.
    """
    family = TokenFamily.objects.filter(pk=family_id, revoked_at__isnull=True)
    if family.filter(generation=presented_generation).update(generation=F("generation") + 1, rotated_at=Now()):
        return "rotated"
    recent = Now() - timedelta(seconds=REPEAT_WINDOW)
    if family.filter(generation=presented_generation + 1, rotated_at__gte=recent).exists():
        return "repeated"
    return "reused"


def family_restamp(family_id: int, *, proven_epoch: int, user_epoch: int) -> None:
    """A password change keeps the family it was made with: it learns the new epoch, if it had the one just proven."""
    TokenFamily.objects.filter(pk=family_id, user_epoch=proven_epoch).update(user_epoch=user_epoch)


def access_token_revoke(token_id: int) -> bool:
    """End one access token; True when this call did it."""
    return bool(AccessToken.objects.filter(pk=token_id, revoked_at__isnull=True).update(revoked_at=timezone.now()))


def own_tokens_revoke(client: ApiClient) -> int:
    """End every token that the client holds for itself; how many."""
    return AccessToken.objects.filter(client=client, user__isnull=True, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )


def client_tokens_revoke(client: ApiClient, *, reason: str | None = None) -> int:
    """End every token and code that the client was given, for itself and for users; how many families and own tokens.

    Consents stay: users need not agree again. Raises Forbidden.
    """
    require("write", client)
    require_same_height(ApiClient.objects.get(pk=client.pk))
    now = timezone.now()
    with transaction.atomic():
        # Marked as replayed: an exchange under way looks at this flag before it stores tokens (RFC 6749 §4.1.2).
        waiting = AuthorizationCode.objects.filter(client=client, expires_at__gt=now, replayed_at__isnull=True)
        waiting.update(replayed_at=now, used_at=Coalesce("used_at", now))
        ended = TokenFamily.objects.filter(client=client, revoked_at__isnull=True, ends_at__gt=now).update(
            revoked_at=now, revoked_because="administrator"
        )
        ended += own_tokens_revoke(client)
        event_record(
            name="tokens-revoked",
            client_id=client.client_id,
            contact_center_id=client.owner_id,
            detail={"ended": ended, "reason": reason or ""},
        )
    return ended
