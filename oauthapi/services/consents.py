"""What users allow clients that are not trusted."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from activity.services import event_record
from oauthapi.models import ApiClient, Consent


def consent_give(*, user: User, client: ApiClient, scopes: tuple[str, ...]) -> None:
    """Remember what was allowed, beside what was allowed before."""
    with transaction.atomic():
        Consent.objects.bulk_create([Consent(user=user, client=client)], ignore_conflicts=True)
        row = Consent.objects.select_for_update().get(user=user, client=client)
        row.scope = " ".join(sorted(frozenset(row.scope.split()) | frozenset(scopes)))
        row.save()
        event_record(
            name="consent",
            user_name=str(user),
            client_id=client.client_id,
            contact_center_id=user.contact_center_id,
            detail={"scope": " ".join(scopes)},
        )
