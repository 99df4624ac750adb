"""Single resources of one door. What is not there, or behind another door, is not found."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from config.http.errors import NotFound
from config.http.members import uuid_of
from environment.models import Application
from history.models import Event, Identity, Page, Session, Visit

M = TypeVar("M", bound=Model)


def visit_found(application: Application, key: str) -> Visit:
    """The visit of this GUID. Raises NotFound."""
    return _by_guid(Visit.objects.filter(application=application), "visit_id", key)


def session_found(application: Application, key: str) -> Session:
    """The session of this GUID. Raises NotFound."""
    rows = Session.objects.select_related("visit", "identity").filter(application=application)
    return _by_guid(rows, "session_id", key)


def page_found(application: Application, key: str) -> Page:
    """The page of this GUID. Raises NotFound."""
    rows = Page.objects.select_related("visit", "session", "identity").filter(application=application)
    return _by_guid(rows, "page_id", key)


def event_found(application: Application, key: str) -> Event:
    """The event of this GUID. Raises NotFound."""
    return _by_guid(Event.objects.select_related("visit").filter(application=application), "event_id", key)


def identity_found(application: Application, key: str) -> Identity:
    """The identity with this id of the site's, in its very spelling. Raises NotFound."""
    rows = Identity.objects.filter(application=application)
    row = None if "\x00" in key else rows.filter(identity_id=key).first()
    if row is None:
        raise NotFound("There is no such identity.")
    return row


def _by_guid(rows: QuerySet[M], column: str, written: str) -> M:
    guid = uuid_of(written)
    row: Any = None if guid is None else rows.filter(**{column: guid}).first()
    if row is None:
        raise NotFound(f"There is no such {rows.model._meta.verbose_name}.")
    return row
