"""The paths of this room. Every path answers with and without the trailing slash."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, include, re_path

from config.http.pages import not_found
from history.views import events, identities, pages, sessions, strategy_scxml, tracker, visits

_DOOR = r"history/(?P<door>[^/]+)/"
_IDENTITY = r"identities/(?P<identity_id>.+?)"
_VISIT = r"visits/(?P<visit_id>[^/]+)"
_SESSION = r"sessions/(?P<session_id>[^/]+)"
_PAGE = r"pages/(?P<page_id>[^/]+)"
ALIASES = tuple(
    f"^{prefix}{part}/"
    for part in ("data", "tracker")
    for prefix in (f"{_DOOR}server/", f"{_DOOR}backend/", "backend/")
)
"""Where both parts of a door answer too, under other names than ``/server/…``, which the schema describes."""


def resource(pattern: str, view: Any, name: str) -> URLPattern:
    """One resource's path below a door."""
    return re_path(rf"^{pattern}/?$", view, name=name)


def doors(*resources: URLPattern, part: str = "data") -> list[URLResolver]:
    """The resources below this part of each door; the one that addresses are made for comes last."""
    below = include(list(resources))
    prefixes = [prefix for prefix in ALIASES if prefix.endswith(f"/{part}/")]
    return [re_path(prefix, below) for prefix in (*prefixes, f"^server/{part}/")]


urlpatterns: list[URLPattern | URLResolver] = [
    *doors(
        resource(r"identities", identities.IdentitiesView.as_view(), "history-identities"),
        # Before the identity itself, whose id may hold anything.
        resource(rf"{_IDENTITY}/visits", identities.IdentityVisitsView.as_view(), "history-identity-visits"),
        resource(rf"{_IDENTITY}/sessions", identities.IdentitySessionsView.as_view(), "history-identity-sessions"),
        resource(rf"{_IDENTITY}/pages", identities.IdentityPagesView.as_view(), "history-identity-pages"),
        resource(rf"{_IDENTITY}/events", identities.IdentityEventsView.as_view(), "history-identity-events"),
        resource(_IDENTITY, identities.IdentityView.as_view(), "history-identity"),
        resource(r"visits", visits.VisitsView.as_view(), "history-visits"),
        resource(_VISIT, visits.VisitView.as_view(), "history-visit"),
        resource(rf"{_VISIT}/identities", identities.VisitIdentitiesView.as_view(), "history-visit-identities"),
        resource(rf"{_VISIT}/sessions", visits.VisitSessionsView.as_view(), "history-visit-sessions"),
        resource(rf"{_VISIT}/pages", visits.VisitPagesView.as_view(), "history-visit-pages"),
        resource(rf"{_VISIT}/events", visits.VisitEventsView.as_view(), "history-visit-events"),
        resource(_SESSION, sessions.SessionView.as_view(), "history-session"),
        resource(rf"{_SESSION}/pages", sessions.SessionPagesView.as_view(), "history-session-pages"),
        resource(rf"{_SESSION}/events", sessions.SessionEventsView.as_view(), "history-session-events"),
        resource(_PAGE, pages.PageView.as_view(), "history-page"),
        resource(rf"{_PAGE}/events", pages.PageEventsView.as_view(), "history-page-events"),
        resource(r"events/(?P<event_id>[^/]+)", events.EventView.as_view(), "history-event"),
    ),
    *doors(resource(r"events", tracker.TrackerView.as_view(), "history-tracker-events"), part="tracker"),
    re_path(
        r"^history/(?P<application>[^/]+)/strategies/(?P<name>[^/]+)\.scxml/?$",
        strategy_scxml.StrategyScxmlView.as_view(),
        name="strategy-scxml",
    ),
    re_path(r"^((server|backend)/(data|tracker)|history)(/.*)?$", not_found),
]
