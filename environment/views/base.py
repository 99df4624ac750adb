"""What the views of ``/environment/v3`` share: finding a row, refusals in the caller's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from config.context import current
from config.http.configuring import told_as
from config.http.errors import InvalidParameter, NotFound
from config.http.members import WrongMember, uuid
from config.policy import require, visible
from environment.errors import duplicates_told
from environment.models import Application, ContactCenter


def id_of(text: str) -> UUID:
    """The UUID of a path. Raises NotFound: what is none names nothing."""
    try:
        return uuid(text)
    except WrongMember:
        raise NotFound(reason=f"{text[:60]!r} is no UUID") from None


def contact_center_of(key: UUID) -> ContactCenter:
    """A contact center that the caller may see. Raises Forbidden without the privilege, NotFound for others."""
    require("read", ContactCenter)
    rows = visible(current().principal, ContactCenter.objects.all())
    row = rows.prefetch_related("domains").filter(pk=key).first()
    if row is None:
        raise NotFound("There is no such contact center.")
    return row


def application_of(name: str) -> Application:
    """An application that the caller may see, shared ones too. Raises Forbidden, NotFound."""
    require("read", Application)
    rows = visible(current().principal, Application.objects.select_related("contact_center"))
    row = None if "\x00" in name else rows.filter(name=name).first()
    if row is None:
        raise NotFound("There is no such application.")
    return row


def same_id_required(sent: UUID | None, key: UUID) -> None:
    """An object's id never changes. Raises InvalidParameter when the body names another than the path."""
    if sent not in (None, key):
        raise InvalidParameter("The parameter 'id' is another than the path's.", field="id")


@contextmanager
def refused_as(names: Mapping[str, str]) -> Iterator[None]:
    """Around a service: fields by the caller's names, and what another row has already as a conflict (409)."""
    with told_as(names), duplicates_told():
        yield


def in_path(name: str, kind: Any = OpenApiTypes.STR, told: str = "") -> OpenApiParameter:
    """A parameter of the path, for the schema."""
    return OpenApiParameter(name, kind, OpenApiParameter.PATH, description=told)
