"""A contact center's browser origins one by one: the same stored value as the option ``settings/cors-origins``."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from config.http.cors import canonical_origin
from config.http.errors import NotFound
from environment.errors import NameTaken
from environment.models import ContactCenter, Option
from environment.options import CORS_ORIGINS, check_origin
from environment.services.options import holder_lock, option_delete, option_set

_SECTION, _NAME = CORS_ORIGINS.section, CORS_ORIGINS.name


def origin_add(contact_center: ContactCenter, *, origin: str, reason: str | None = None) -> None:
    """Register one more origin. Two at the same moment both stay.

    Raises NameTaken (field ``origin``) when it is there, in whatever spelling; ValidationError (``origin``) for what is
    no origin that may be registered; Forbidden, NotFound when the contact center is gone.
    """
    try:
        check_origin(origin)
    except ValidationError as error:
        raise ValidationError({"origin": error.messages}) from error
    with transaction.atomic():
        holder_lock(contact_center)
        there = _stored(contact_center)
        if _key(origin) in map(_key, there):
            raise NameTaken("This origin is registered already.", field="origin")
        _store(contact_center, [*there, origin.strip()], reason)


def origin_remove(contact_center: ContactCenter, *, origin: str, reason: str | None = None) -> None:
    """Take one origin away; the last one takes the option with it. Raises NotFound (field ``origin``), Forbidden."""
    with transaction.atomic():
        holder_lock(contact_center)
        there = _stored(contact_center)
        left = [one for one in there if _key(one) != _key(origin)]
        if len(left) == len(there):
            raise NotFound("This origin is not registered here.", field="origin")
        _store(contact_center, left, reason)


def origins_stored(contact_centers: Iterable[ContactCenter]) -> list[tuple[UUID, str]]:
    """(contact center, origin) of the browser origins that are stored for these, as typed, in the order of either."""
    homes = {one.pk: one for one in contact_centers}
    rows = Option.objects.filter(section=_SECTION, name=_NAME, contact_center__in=homes)
    texts = dict(rows.values_list("contact_center_id", "value"))
    return [(key, origin) for key in homes for origin in CORS_ORIGINS.split(texts.get(key, ""))]


def _stored(contact_center: ContactCenter) -> list[str]:
    return [origin for _key, origin in origins_stored([contact_center])]


def _store(contact_center: ContactCenter, origins: list[str], reason: str | None) -> None:
    if origins:
        text = CORS_ORIGINS.format(tuple(origins))
        option_set(holder=contact_center, section=_SECTION, name=_NAME, value=text, reason=reason)
    else:
        option_delete(holder=contact_center, section=_SECTION, name=_NAME, reason=reason)


def _key(origin: str) -> str:
    """By what two spellings of an origin are the same; what is none stands for itself."""
    return canonical_origin(origin) or origin.strip()
