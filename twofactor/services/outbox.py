"""The demo's outbox: contents sealed to their rows."""

from __future__ import annotations

import json

from django.db import transaction

from config.encryption import seal, unseal
from environment.models import Application
from twofactor.models import OutboxMessage
from twofactor.models.sessions import new_id


def outbox_add(*, application: Application, channel: str, to: str, text: str, code: str) -> OutboxMessage:
    """Keep one message."""
    key = new_id()
    content = seal(json.dumps({"to": to, "text": text, "code": code}), **_place(key))
    with transaction.atomic():
        return OutboxMessage.objects.create(id=key, application=application, channel=channel, content=content)


def outbox_content(message: OutboxMessage) -> dict[str, str]:
    """``to``, ``text`` and ``code``. Raises SealBroken."""
    found: dict[str, str] = json.loads(unseal(message.content, **_place(message.pk)))
    return found


def _place(key: str) -> dict[str, str]:
    return {"purpose": "two-factor-outbox", "table": "twofactor_outboxmessage", "field": "content", "row": key}
