"""Applications: the configured programs that hold options."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from activity.services import change_record, contact_center_id_of
from environment.models import Application, ContactCenter, Option
from environment.services.objects import object_delete, object_save
from environment.services.options import option_snapshot
from environment.services.stamps import restamp


def application_create(
    *,
    name: str,
    type: str = Application.Type.OTHER,  # noqa: A002 - the field's own word
    contact_center: ContactCenter | None = None,
    description: str = "",
    enabled: bool = True,
    made_by_demo: bool = False,
    reason: str | None = None,
) -> Application:
    """Create an application of one contact center, or shared by all (None). Raises ValidationError, Forbidden."""
    application = Application(
        name=name,
        type=type,
        contact_center=contact_center,
        description=description,
        enabled=enabled,
        made_by_demo=made_by_demo,
    )
    return object_save(application, reason=reason)


def application_update(application: Application, *, reason: str | None = None, **changes: Any) -> Application:
    """Change fields of an application by name. Its options go with it to another contact center."""
    moved_from = application.contact_center_id
    for name, value in changes.items():
        setattr(application, name, value)
    with transaction.atomic():
        object_save(application, reason=reason)
        if application.contact_center_id != moved_from:
            Option.objects.filter(application=application).update(owner=application.contact_center_id)
    return application


def application_delete(application: Application, *, reason: str | None = None) -> None:
    """Delete an application and its options, each with its change row. Raises InUse, Forbidden."""
    with transaction.atomic():
        for option in Option.objects.filter(application=application).select_related("application"):
            change_record(action="delete", obj=option, before=option_snapshot(option), after={}, reason=reason)
        restamp(contact_center_id_of(application))
        object_delete(application, reason=reason)
