"""“Activity”: what calls came to, of all applications that somebody may see, or of one; test calls apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from config.http import principal_of
from config.policy import may
from environment.application_pages import Frame, application_page
from environment.models import Application
from twofactor.admin.charts import chart
from twofactor.models import Delivery, FlowSession, Method
from twofactor.selectors.activity import Activity, activity_of
from twofactor.selectors.applications import own_applications

SPANS = (1, 7, 30)
_SHOWN = 20
"""Paths in a chart; the table has all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A chart, and its table: column names, and rows whose first cell is the row's name."""

    title: str
    drawing: SafeString
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    about: str = ""


@application_page(Application.Type.TWO_FACTOR, name="activity", label="Activity…", level="read")
def application_activity(request: HttpRequest, application: Application, frame: Frame) -> HttpResponseBase:
    """Of one application."""
    if not may(principal_of(request), "read", FlowSession(application=application)):
        raise PermissionDenied
    context = frame.context | {"application": application}
    return TemplateResponse(
        request, "admin/twofactor/activity_application.html", context | activity_context(request, [application])
    )


def activity_view(request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    """Of all applications whose sessions the one who asks may read."""
    own = own_applications(principal_of(request))
    return TemplateResponse(request, "admin/twofactor/activity.html", context | activity_context(request, own))


def activity_context(request: HttpRequest, applications: Sequence[Application]) -> dict[str, Any]:
    """What the page shows for the span that the URL asks for."""
    asked = request.GET.get("days", "7")
    days = int(asked) if asked in map(str, SPANS) else 7
    now = timezone.now()
    kinds = [
        (name, activity_of(applications, days=days, test_call=test_call, now=now))
        for name, test_call in (("Production calls", False), ("Test calls", True))
    ]
    return {
        "days": days,
        "spans": [(one, "Today" if one == 1 else f"Last {one} days") for one in SPANS],
        "kinds": [(name, one, parts_of(one) if one.total.started or one.gateways else []) for name, one in kinds],
    }


def parts_of(found: Activity) -> list[Part]:
    """The charts of one kind of calls."""
    return [_conversion(found), _paths(found), _codes(found), _deliveries(found)]


def _conversion(found: Activity) -> Part:
    names = ("started", "method selected", "code sent", "authenticated")
    shown = [(one.day, (one.started, one.selected, one.sent, one.authenticated)) for one in found.days]
    rows: list[tuple[Any, ...]] = [
        (f"{day:%Y-%m-%d}", *numbers, one.skipped, _share(one.authenticated, one.started - one.skipped))
        for (day, numbers), one in zip(shown, found.days, strict=True)
    ]
    return Part(
        "Conversion",
        chart("Sessions by day (UTC)", names, [(f"{day:%m-%d}", numbers) for day, numbers in shown]).drawn(),
        ("day (UTC)", *names, "skipped", "authenticated of those asked"),
        rows,
        "Skipped: passed earlier in the same call, and not asked again.",
    )


def _paths(found: Activity) -> Part:
    rows = [(path or "ended without a path", number) for path, number in found.paths]
    drawing = chart("Ends by path", ("sessions",), [(path, (number,)) for path, number in rows[:_SHOWN]]).drawn()
    ended = sum(number for _path, number in rows)
    return Part(
        "Ends", drawing, ("path", "sessions", "share"), [(path, number, _share(number, ended)) for path, number in rows]
    )


def _codes(found: Activity) -> Part:
    rows = [(str(Method(one.method).label), one.sent, one.used) for one in found.codes]
    drawing = chart("Codes by method", ("sent", "used"), [(name, (sent, used)) for name, sent, used in rows]).drawn()
    took = "no code was used" if found.median_seconds is None else f"{found.median_seconds:.1f} s"
    return Part(
        "Codes",
        drawing,
        ("method", "sent", "used", "used of sent"),
        [(name, sent, used, _share(used, sent)) for name, sent, used in rows],
        f"Median time from send to acceptance: {took}.",
    )


def _deliveries(found: Activity) -> Part:
    outcomes = [outcome for outcome in Delivery.Outcome if any(outcome in one.outcomes for one in found.gateways)]
    drawn = [(one.name, (one.tries - one.failures, one.failures)) for one in found.gateways]
    return Part(
        "Deliveries",
        chart("Tries by gateway", ("accepted or unknown", "failed"), drawn).drawn(),
        ("gateway", "tries", *(str(outcome.label) for outcome in outcomes), "failure rate"),
        [
            (
                one.name,
                one.tries,
                *(one.outcomes.get(outcome, 0) for outcome in outcomes),
                _share(one.failures, one.tries),
            )
            for one in found.gateways
        ],
        "Unknown: no answer in time; it may have arrived.",
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole > 0 else "\N{EN DASH}"
