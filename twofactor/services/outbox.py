"""The demo's outbox takes a message; ``selectors.outbox`` reads it."""

from __future__ import annotations

import json

from django.db import transaction

from config.encryption import seal
from environment.models import Application
from twofactor.models import OutboxMessage
from twofactor.models.sessions import new_id
from twofactor.selectors.outbox import outbox_place


def outbox_add(*, application: Application, channel: str, to: str, text: str, code: str) -> OutboxMessage:
    """Keep one message."""
    key = new_id()
    content = seal(json.dumps({"to": to, "text": text, "code": code}), **outbox_place(key))
    with transaction.atomic():
        return OutboxMessage.objects.create(id=key, application=application, channel=channel, content=content)
