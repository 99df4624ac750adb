"""What calls came to, over one, seven or thirty days: aggregates over ranges of indexes, never over whole tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from environment.models import Application
from twofactor.models import Challenge, Delivery, FlowSession, Method

MOST = 10_000
"""Used codes, the newest, whose times the median is of."""


@dataclass(frozen=True, slots=True)
class Day:
    """How far the sessions that began on one day (UTC) came."""

    day: date
    started: int = 0
    selected: int = 0
    sent: int = 0
    authenticated: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of one method."""

    method: str
    sent: int
    used: int


@dataclass(frozen=True, slots=True)
class Gateway:
    """Tries of one gateway by their outcome."""

    name: str
    outcomes: dict[str, int]

    @property
    def tries(self) -> int:
        return sum(self.outcomes.values())

    @property
    def failures(self) -> int:
        """Neither accepted nor unknown."""
        kept = (Delivery.Outcome.ACCEPTED, Delivery.Outcome.UNKNOWN)
        return sum(number for outcome, number in self.outcomes.items() if outcome not in kept)


@dataclass(frozen=True, slots=True)
class Activity:
    """One kind of calls (production or test) in one span. ``median_seconds``: from a code's send to its acceptance."""

    days: list[Day]
    paths: list[tuple[str, int]]
    codes: list[Codes]
    gateways: list[Gateway]
    median_seconds: float | None

    @property
    def total(self) -> Day:
        """All days together."""
        names = ("started", "selected", "sent", "authenticated", "skipped")
        return Day(self.days[0].day, *(sum(getattr(one, name) for one in self.days) for name in names))


def activity_of(applications: Sequence[Application], *, days: int, test_call: bool, now: datetime) -> Activity:
    """What the sessions came to that began on the last ``days`` days (UTC), today included, of these applications."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    ids = [one.pk for one in applications]
    sessions = FlowSession.objects.filter(application_id__in=ids, started_at__gte=since, test_call=test_call).order_by()
    found = {day.day: day for day in _days(sessions)}
    ended = sessions.filter(state=FlowSession.State.ENDED).values_list("path")
    paths = [(str(path), int(number)) for path, number in ended.annotate(number=Count("pk"))]
    codes = Challenge.objects.filter(
        session__application_id__in=ids, session__started_at__gte=since, session__test_call=test_call
    ).order_by()
    return Activity(
        [found.get(first + timedelta(days=n), Day(first + timedelta(days=n))) for n in range(days)],
        sorted(paths, key=lambda one: (-one[1], one[0])),
        _codes(codes),
        _gateways(ids, since, test_call),
        _median(codes),
    )


def _days(sessions: QuerySet[FlowSession]) -> list[Day]:
    """Whoever was skipped passed earlier in the same call, and is counted as skipped alone."""
    asked = Q(skipped=False)
    rows = sessions.values(day=TruncDate("started_at", tzinfo=UTC)).annotate(
        started=Count("pk"),
        selected=Count("pk", filter=asked & ~Q(method="")),
        sent=Count("pk", filter=asked & Q(sends_used__gt=0)),
        authenticated=Count("pk", filter=asked & Q(authenticated_at__isnull=False)),
        passed_by=Count("pk", filter=Q(skipped=True)),
    )
    return [
        Day(row["day"], row["started"], row["selected"], row["sent"], row["authenticated"], row["passed_by"])
        for row in rows
    ]


def _codes(codes: QuerySet[Challenge]) -> list[Codes]:
    sent = codes.filter(sent_at__isnull=False)
    rows = sent.values_list("method").annotate(sent=Count("pk"), used=Count("pk", filter=Q(consumed_at__isnull=False)))
    found = {method: Codes(method, sent, used) for method, sent, used in rows}
    return [found[method] for method in Method.values if method in found]


def _gateways(ids: Sequence[int], since: datetime, test_call: bool) -> list[Gateway]:
    """By the time of the try; sends of the button “send a test” belong to no call and are left out."""
    tries = Delivery.objects.filter(
        application_id__in=ids, made_at__gte=since, test_call=test_call, challenge__isnull=False
    ).order_by()
    found: dict[str, dict[str, int]] = {}
    for gateway, outcome, number in tries.values_list("gateway", "outcome").annotate(number=Count("pk")):
        found.setdefault(gateway, {})[outcome] = number
    return [Gateway(name, found[name]) for name in sorted(found)]


def _median(codes: QuerySet[Challenge]) -> float | None:
    used = codes.filter(consumed_at__isnull=False, sent_at__isnull=False).order_by("-session__started_at")
    pairs = used.values_list("sent_at", "consumed_at")[:MOST]
    spans = [(consumed - sent).total_seconds() for sent, consumed in pairs if sent and consumed]
    return median(spans) if spans else None
