"""What the pages of a visit and of an identity show below the fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.http.members import LARGEST_KEY
from history.admin.telling import brief_text, told_json, told_span, told_text, told_time
from history.models import Event, Identity, Page, Recognition, Session, Visit
from history.selectors.spans import is_open
from history.selectors.timeline import Place, Stretch, timeline_of

_VISITS = 50
_DATA = 5_000
"""Characters of one event's data in the timeline; its own page shows all."""
AFTER = "after"
"""Query parameter: the place behind which a page's list goes on."""


@dataclass(frozen=True, slots=True)
class Step:
    """An event as the timeline tells it."""

    event: Event
    visit: Visit
    # What moves a visit from one identity to another, by name.
    MARKS: ClassVar = {"SignIn": "signed in", "SignOut": "signed out", "UserInfo": "recognised"}

    @property
    def mark(self) -> str:
        """What it did to who the visitor is; nothing for a business event of the same name."""
        is_system = self.event.event_type == Event.Type.SYSTEM
        return self.MARKS.get(self.event.event_name, "") if is_system else ""

    @property
    def at(self) -> str:
        """By the browser's clock."""
        return told_time(self.event.happened_at)

    @property
    def since(self) -> str:
        """Since the visit began."""
        span = told_span(self.event.happened_at - self.visit.started_at)
        return span if span.startswith("\N{MINUS SIGN}") else f"+{span}"

    @property
    def name(self) -> SafeString:
        """Its name."""
        return brief_text(self.event.event_name, 100)

    @property
    def category(self) -> SafeString:
        """As it was sent."""
        return brief_text(self.event.category, 100)

    @property
    def who(self) -> SafeString:
        """Identity and session."""
        return told_who(self.event.identity, self.event.session)

    @property
    def data(self) -> SafeString:
        """The free content."""
        return told_json(self.event.data_text, _DATA)

    @property
    def href(self) -> str:
        """Its own page."""
        return reverse("admin:history_event_change", args=[self.event.pk])


@dataclass(frozen=True, slots=True)
class Part:
    """A page as the timeline tells it, and what happened on it before the visitor went to another."""

    stretch: Stretch
    visit: Visit
    visit_is_open: bool

    @property
    def page(self) -> Page | None:
        return self.stretch.page

    @property
    def heading(self) -> SafeString:
        """Its title, else its address."""
        if self.page is None:
            return told_text(f"Page {self.stretch.page_id}" if self.stretch.page_id else "On no page")
        return told_text(self.page.title or self.page.url or f"Page {self.page.page_id}")

    @property
    def url(self) -> SafeString:
        """Text, no link: whoever looks here must not go where a stranger sends him."""
        return told_text(self.page.url if self.page else "")

    @property
    def category(self) -> SafeString:
        """As it was sent."""
        return brief_text(self.page.category if self.page else "", 100)

    @property
    def times(self) -> str:
        """When it was entered, and for how long the visitor stayed."""
        if self.page is None:
            return ""
        entered = f"entered {told_time(self.page.started_at)}"
        if self.page.ended_at is not None:
            return f"{entered}, stayed {told_span(self.page.ended_at - self.page.started_at)}"
        return f"{entered}, open" if self.visit_is_open else f"{entered}, no end told"

    @property
    def who(self) -> SafeString:
        """Identity and session, where no event tells them."""
        return told_who(self.page.identity, self.page.session) if self.page else SafeString("")

    @property
    def steps(self) -> list[Step]:
        """Its events."""
        return [Step(event, self.visit) for event in self.stretch.events]


def visit_timeline(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """The part of the timeline that the URL asks for."""
    after = Place.read(request.GET.get(AFTER, ""))
    timeline = timeline_of(visit, after)
    is_running = is_open(visit)
    return {
        "parts": [Part(stretch, visit, is_running) for stretch in timeline.stretches],
        "from_start": after is None,
        "first_url": request.path,
        "more_url": f"{request.path}?{AFTER}={timeline.after}#timeline" if timeline.after else "",
    }


def identity_visits(request: HttpRequest, identity: Identity) -> dict[str, Any]:
    """The visits in which somebody was recognised, the newest first, behind the place that the URL names."""
    rows = Recognition.objects.filter(identity=identity).select_related("visit__application")
    after = Place.read(request.GET.get(AFTER, ""))
    if after is not None and after.key < LARGEST_KEY:
        rows = rows.filter(Q(started_at__lt=after.at) | Q(started_at=after.at, visit_id__lt=after.key))
    found = list(rows.order_by("-started_at", "-visit_id")[: _VISITS + 1])
    shown = found[:_VISITS]
    last = Place(shown[-1].started_at, shown[-1].visit_id) if len(found) > _VISITS else None
    return {
        "visits": [
            {
                "link": visit_link(one.visit, brief=True),
                "started": told_time(one.visit.started_at),
                "lasted": told_span(one.visit.last_at - one.visit.started_at),
                "state": "open" if is_open(one.visit) else "over",
                "scope": one.scope,
                "events": one.visit.event_count,
            }
            for one in shown
        ],
        "from_start": after is None,
        "first_url": request.path,
        "more_url": f"{request.path}?{AFTER}={last}#visits" if last else "",
    }


def told_who(identity: Identity | None, session: Session | None) -> SafeString:
    """Both in one line, as far as known."""
    who = identity_link(identity) if identity else SafeString("")
    within = format_html('session <span class="dg-id">{}</span>', session.session_id) if session else SafeString("")
    return format_html("{}{}{}", who, ", " if who and within else "", within)


def visit_link(visit: Visit, *, brief: bool = False) -> SafeString:
    """To its page; ``brief`` where there is little room."""
    url = reverse("admin:history_visit_change", args=[visit.pk])
    return format_html('<a href="{}" class="dg-id">{}</a>', url, str(visit.visit_id)[:8] if brief else visit.visit_id)


def identity_link(identity: Identity, longest: int = 100) -> SafeString:
    """To his page."""
    url = reverse("admin:history_identity_change", args=[identity.pk])
    return format_html('<a href="{}">{}</a>', url, brief_text(identity.identity_id, longest))


def event_url(event: Event) -> str:
    """The visit's page, its timeline beginning with this event."""
    url = reverse("admin:history_visit_change", args=[event.visit_id])
    return f"{url}?{AFTER}={Place(event.happened_at, max(event.event_id.int - 1, 0))}#timeline"
