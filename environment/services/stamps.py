"""Replacing stamps: what others cached under the old one is over with the commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import transaction

from activity.services import change_record, event_record
from config.policy import require
from config.stamps import new_stamp
from environment.models import ContactCenter, Installation
from environment.selectors import forget_stamps

_batch: ContextVar[set[UUID | None] | None] = ContextVar("deskgate_restamped", default=None)


def restamp(contact_center_id: UUID | None) -> None:
    """Replace the stamp of a contact center, or of the installation (None), within the caller's transaction.

    Call it right before the rows that it covers are written, with no read of options between: what this transaction
    reads is then never cached under a stamp that outlives it.
    """
    restamped = _batch.get()
    if restamped is not None:
        if contact_center_id in restamped:
            return
        restamped.add(contact_center_id)
    _replace(contact_center_id)


def restamp_all(contact_center_ids: Iterable[UUID | None]) -> None:
    """Each of these once, in one order for all callers, so that two of them do not wait for each other."""
    for contact_center_id in sorted(set(contact_center_ids), key=str):
        restamp(contact_center_id)


@contextmanager
def restamping_once() -> Iterator[None]:
    """Inside a transaction: a batch of many changes replaces each stamp at its first change and at its end only."""
    if _batch.get() is not None:
        yield
        return
    restamped: set[UUID | None] = set()
    token = _batch.set(restamped)
    try:
        yield
    finally:
        _batch.reset(token)
    for contact_center_id in sorted(restamped, key=str):
        _replace(contact_center_id)


def installation_new_epoch(*, reason: str | None = None) -> None:
    """End every token and session of the installation with the next request (a global sign-out of everybody)."""
    with transaction.atomic():
        installation = Installation.objects.select_for_update().get(pk=1)
        require("administer", installation)
        Installation.objects.filter(pk=1).update(epoch=new_stamp(), config_stamp=new_stamp())
        forget_stamps()
        told = {"epoch": "set"}
        change_record(
            action="update", obj=installation, before=told, after=told, reason=reason, secret_changed=("epoch",)
        )
        event_record(name="installation.signed-out", detail={"reason": reason or ""})


def _replace(contact_center_id: UUID | None) -> None:
    forget_stamps()
    if contact_center_id is None:
        Installation.objects.filter(pk=1).update(config_stamp=new_stamp())
    else:
        ContactCenter.objects.filter(pk=contact_center_id).update(config_stamp=new_stamp())
