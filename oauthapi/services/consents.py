"""What users allow clients that are not trusted."""

from __future__ import annotations

from accounts.models import User
from activity.services import event_record
from oauthapi.models import ApiClient, Consent


def consent_give(*, user: User, client: ApiClient, scopes: tuple[str, ...]) -> None:
    """Remember what was allowed, beside what was allowed before."""
    row = Consent.objects.filter(user=user, client=client).first()
    known = frozenset(row.scope.split()) if row else frozenset()
    Consent.objects.update_or_create(
        user=user, client=client, defaults={"scope": " ".join(sorted(known | frozenset(scopes)))}
    )
    event_record(
        name="consent",
        user_name=str(user),
        client_id=client.client_id,
        contact_center_id=user.contact_center_id,
        detail={"scope": " ".join(scopes)},
    )
