"""Gateway "outbox": the demo's, which sends nothing and shows what it would have sent."""

from __future__ import annotations

from django.conf import settings

from config.outgoing.wire import Deadline
from twofactor.delivery.messages import CodeMessage
from twofactor.delivery.outcomes import Outcome, Tried
from twofactor.services.outbox import outbox_add


def by_outbox(message: CodeMessage, *, text: str, delivery_id: str, deadline: Deadline) -> Tried:
    """Keep it, in demo mode only."""
    if settings.DESKGATE_MODE != "demo":
        return Tried(Outcome.CONFIGURATION, "the outbox exists in the demo only")
    kept = outbox_add(
        application=message.application, channel=message.method, to=message.to, text=text, code=message.code
    )
    return Tried(Outcome.ACCEPTED, provider_id=kept.pk)
