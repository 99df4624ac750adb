"""Which application a path of the History API is about. Each is a door of its own; two are never merged."""

from __future__ import annotations

from django.db.models import QuerySet

from config.http.errors import NotFound
from environment.models import Application
from history import options
from history.errors import NoDefaultDoor


def doors() -> QuerySet[Application]:
    """The applications that answer: enabled, of an enabled contact center, which owns what is written there."""
    rows = Application.objects.filter(type=options.SERVER, enabled=True, contact_center__enabled=True)
    return rows.select_related("contact_center")


def door_named(name: str) -> Application:
    """The application behind ``/history/{name}``. Raises NotFound."""
    application = doors().filter(name=name).first()
    if application is None:
        raise NotFound(reason="no enabled Web Engagement Server application of this name")
    return application


def server_named(name: str) -> Application:
    """The application of this name, whether it answers or not; for commands. Raises NotFound."""
    rows = Application.objects.filter(type=options.SERVER, contact_center__isnull=False, name=name)
    application = rows.select_related("contact_center").first()
    if application is None:
        raise NotFound(reason="there is no Web Engagement Server application of this name in a contact center")
    return application


def door_default() -> Application:
    """The application behind the bare paths: the one that the option names, else the only one.

    Raises NoDefaultDoor: the named one is not there or not enabled; there is none, or there are several.
    """
    name = options.DEFAULT_APPLICATION.of()
    rows = list((doors().filter(name=name) if name else doors())[:2])
    if len(rows) != 1:
        raise NoDefaultDoor(reason=f"history/default-application: {_fault(name, len(rows))}")
    return rows[0]


def _fault(name: str, found: int) -> str:
    if name:
        return f"{name} is no enabled Web Engagement Server application"
    return "not set, and there are several" if found else "not set, and there is none"
