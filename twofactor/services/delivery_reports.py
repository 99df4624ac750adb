"""What Twilio reports about a message afterwards. Reports come in any order, some twice."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from twofactor.models import Challenge, Delivery

FINAL = 10
RANKS = {
    "accepted": 1, "scheduled": 1, "queued": 2, "sending": 3, "sent": 4, "partially_delivered": 5,
    "delivered": FINAL, "undelivered": FINAL, "failed": FINAL, "canceled": FINAL, "read": FINAL,
}  # fmt: skip
"""How far along a status is (reference part D.4). One that is not here tells nothing."""
_LOST = frozenset({"undelivered", "failed", "canceled"})


def delivery_report(*, delivery: Delivery, status: str, provider_id: str, provider_code: str) -> bool:
    """Keep a status if it is further along than the one that is kept; a final one stays whatever comes.

    A message that will not arrive marks its code, so that the next prompt can offer another method. Returns whether
    anything changed.
    """
    rank = RANKS.get(status, 0)
    news: dict[str, object] = {"status": status, "status_rank": rank, "status_at": timezone.now()}
    if provider_id and not delivery.provider_id:
        news["provider_id"] = provider_id[:64]
    if provider_code:
        news["provider_code"] = provider_code[:64]
    with transaction.atomic():
        changed = Delivery.objects.filter(pk=delivery.pk, status_rank__lt=rank).update(**news)
        if changed and status in _LOST and delivery.challenge_id:
            Challenge.objects.filter(pk=delivery.challenge_id).update(undelivered=True)
    return bool(changed)
