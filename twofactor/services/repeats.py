"""The same request again gets the same answer (row 37 of the state table), and is carried out once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from config.encryption import keyed_hash, seal, unseal
from config.http.errors import FieldError, ValidationRefused
from twofactor.errors import StillAnswering
from twofactor.flow.answers import Answer, Choice, Prompt
from twofactor.models import StoredAnswer

_PURPOSE, _TABLE = "two-factor-answer", "twofactor_storedanswer"
HEADER = "Idempotency-Key"
GIVEN_UP = timedelta(minutes=2)
"""Longer than any request may take."""


def answered_once(*, opener: str, key: str, request: str, answer: Callable[[], Answer]) -> Answer:
    """The answer to ``request``, a text that tells two requests apart; carried out once for each ``key`` of ``opener``.

    Nothing is kept of a request that was refused. Raises ValidationRefused when the key came with another request
    before, StillAnswering while the first one is not done; and what ``answer`` raises.
    """
    hashed, asked = _digest(key), _digest(request)
    try:
        with transaction.atomic():
            row = StoredAnswer.objects.create(opener=opener, key=hashed, request=asked)
    except IntegrityError:
        return _stored(opener, hashed, asked)
    try:
        made = answer()
    except BaseException:
        row.delete()
        raise
    row.body = seal(json.dumps(asdict(made)), purpose=_PURPOSE, table=_TABLE, field="body", row=str(row.pk))
    row.save(update_fields=["body"])
    return made


def _stored(opener: str, key: str, asked: str) -> Answer:
    row = StoredAnswer.objects.filter(opener=opener, key=key).first()
    if row is not None and not row.body and row.made_at < timezone.now() - GIVEN_UP:
        # Whoever was answering it has died: the next repeat carries it out.
        row.delete()
    if row is None or (row.request == asked and not row.body):
        raise StillAnswering(headers={"Retry-After": "1"})
    if row.request != asked:
        raise ValidationRefused(fields=[FieldError(HEADER, "reused", "This key came with another request before.")])
    kept = json.loads(unseal(row.body, purpose=_PURPOSE, table=_TABLE, field="body", row=str(row.pk)))
    prompt = kept.pop("prompt")
    if prompt:
        choices = tuple(Choice(**each) for each in prompt.pop("choices"))
        prompt = Prompt(choices=choices, **prompt)
    return Answer(prompt=prompt, **kept)


def _digest(text: str) -> str:
    # Keyed: what was asked may hold a code, of which there are few.
    return keyed_hash(text.encode(errors="backslashreplace"), purpose=_PURPOSE)
