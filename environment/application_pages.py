"""Pages and buttons that a room adds to applications of one type; it declares them in its ``admin/``.

::

    @application_page(Application.Type.WEB_ENGAGEMENT_SERVER, name="copy", label="Copy…", level="write")
    def copy_page(request: HttpRequest, application: Application, frame: Frame) -> HttpResponseBase:
        return TemplateResponse(request, "admin/room/copy.html", frame.context | {…})
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.policy import Action, may
from config.principal import Principal
from environment.models import Application, Option


@dataclass(frozen=True, slots=True)
class Frame:
    """What the screen of applications gives to a page: the template's context, and where the application's page is."""

    context: dict[str, Any]
    back: str


View: TypeAlias = Callable[[HttpRequest, Application, Frame], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """One page of applications of one type; ``level`` is what the policy must grant on their options."""

    type: str
    name: str
    label: str
    level: Action
    view: View

    def is_open_to(self, principal: Principal, application: Application) -> bool:
        """Whether this person may come here with this application."""
        option = Option(owner_id=application.contact_center_id, application=application)
        return application.type == self.type and may(principal, self.level, option)


_pages: list[ApplicationPage] = []


def application_page(type: str, *, name: str, label: str, level: Action) -> Callable[[View], View]:  # noqa: A002 - the field
    """Declare the decorated view; ``name`` is the last word of its path."""

    def declare(view: View) -> View:
        _pages.append(ApplicationPage(type, name, label, level, view))
        return view

    return declare


def pages_of(principal: Principal, application: Application) -> list[ApplicationPage]:
    """The pages of this application that are open to this person."""
    return [page for page in _pages if page.is_open_to(principal, application)]
