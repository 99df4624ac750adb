"""The demo's outbox: contents sealed to their rows."""

from __future__ import annotations

import json

from config.encryption import unseal
from twofactor.models import OutboxMessage


def outbox_content(message: OutboxMessage) -> dict[str, str]:
    """``to``, ``text`` and ``code``. Raises SealBroken."""
    found: dict[str, str] = json.loads(unseal(message.content, **outbox_place(message.pk)))
    return found


def outbox_place(key: str) -> dict[str, str]:
    """What the content of the row of this key is sealed to."""
    return {"purpose": "two-factor-outbox", "table": "twofactor_outboxmessage", "field": "content", "row": key}
