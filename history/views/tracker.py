"""/server/tracker/events: where pages of a web site send what their visitors do. Write-only.

Nobody proves himself here: the site key is as public as the pages that hold it. Key and origin only keep out what was
not meant for this door; they say nothing of who sent it.
"""

from __future__ import annotations

import hmac
import logging
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.context import current
from config.http import plain_request
from config.http.cors import origin_matches
from config.http.dialects import Dialect
from config.http.errors import Conflict, Forbidden, PayloadTooLarge, TooMany
from config.http.json import read_json
from config.http.views import ApiView
from config.rates import rate_take
from environment.models import Application
from history import options
from history.schema import EXAMPLES, NOBODY, SITE, sends
from history.selectors.doors import door_default, door_named
from history.selectors.spans import now_ms
from history.serializers import TRACKED_EVENTS
from history.services.events import events_take
from history.services.retrying import again
from history.tracking import LONGEST_BODY, tracked
from history.views.base import HistoryRenderer

logger = logging.getLogger("deskgate.history")

MINUTE = 60
PREFLIGHT_KEPT = 600
"""Seconds that a browser may keep a preflight's answer."""

TURN_COUNTS = 20
"""Events, against the limit of a visit: signing in or out makes the server look at the visit anew."""


class TrackerView(ApiView):
    """Takes events. Its lock is not the History API's: no credential of any kind is looked at."""

    dialect: Dialect = "history"
    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False
    renderer_classes = (HistoryRenderer,)
    http_method_names = ("post", "options")
    application: Application | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Method, door, key, origin. Raises MethodNotAllowed, NotFound, NoDefaultDoor, Forbidden."""
        # The very dict that the handler's arguments are taken from.
        name: str | None = self.kwargs.pop("door", None)
        super().initial(request, *args, **kwargs)
        if request.method == "OPTIONS" and not self.origin:
            return
        self.application = door_default() if name is None else door_named(name)
        if not self.origin_is_listed:
            raise Forbidden(_NOT_HERE, reason=f"{self.origin[:200] or 'no origin'} is not in {options.TRACKER_ORIGINS}")
        key = options.SITE_KEY.of(self.application)
        sent = self.plain.GET.get("site", "")
        if not hmac.compare_digest(sent.encode(), key.encode()) or not key:
            raise Forbidden(_NOT_HERE, reason=f"the site key is {'wrong' if key else 'not set'}")

    @extend_schema(
        operation_id="sendTrackedEvents",
        parameters=[SITE],
        request=TRACKED_EVENTS,
        responses=sends(),
        examples=EXAMPLES["tracked"],
        auth=NOBODY,
    )
    def post(self, request: Request) -> Response:
        """Take an event, or a list of up to 100, each with its visitID. JSON, whatever Content-Type says.

        204 says that it came, not what became of it. A time more than a day from the server's is replaced.
        """
        assert self.application is not None  # noqa: S101 - `initial` came first
        self._count("address", current().address, options.EVENTS_PER_ADDRESS.of(self.application), 1)
        visits = tracked(read_json(self._body()), now=now_ms(), user_agent=self.plain.META.get("HTTP_USER_AGENT", ""))
        most = options.EVENTS_PER_ADDRESS.of(self.application)
        self._count("address", current().address, most, sum(map(len, visits.values())) - 1)
        for visit_id, arrivals in visits.items():
            most = options.EVENTS_PER_MINUTE_AND_VISIT.of(self.application)
            # A turn may move what follows it: it counts for more than an event that only comes behind.
            turns = sum(one.is_turn for one in arrivals)
            self._count("visit", str(visit_id), most, len(arrivals) + (TURN_COUNTS - 1) * turns)
        for visit_id, arrivals in visits.items():
            self._take(self.application, visit_id, arrivals)
        return Response(status=204, headers={"Cache-Control": "no-store"})

    def options(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """A preflight of a listed origin with the site key (Fetch, CORS-preflight)."""
        response = super().options(request, *args, **kwargs)
        if self.application is not None:
            response["Access-Control-Allow-Methods"] = "POST"
            response["Access-Control-Allow-Headers"] = "Content-Type"
            response["Access-Control-Max-Age"] = str(PREFLIGHT_KEPT)
            if request.headers.get("Access-Control-Request-Private-Network", "").lower() == "true":
                response["Access-Control-Allow-Private-Network"] = "true"
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add what CORS asks of any answer, refusals too: who writes a page should read why."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(answer, ("Origin",))
        if self.application is not None and self.origin_is_listed:
            answer["Access-Control-Allow-Origin"] = self.origin
            # Nothing here reads a cookie. But navigator.sendBeacon always asks in the mode "include" (Beacon, §3.2),
            # and without this header the preflight of a beacon with application/json ends it.
            answer["Access-Control-Allow-Credentials"] = "true"
            answer["Access-Control-Expose-Headers"] = "Retry-After"
        return answer

    @property
    def plain(self) -> HttpRequest:
        return plain_request(self.request)

    @cached_property
    def origin(self) -> str:
        """The page's origin as the browser sends it; "" without one."""
        return str(self.plain.headers.get("Origin", "")).strip()

    @cached_property
    def origin_is_listed(self) -> bool:
        """Whether pages of this origin may send to this door."""
        patterns = options.TRACKER_ORIGINS.of(self.application)
        return any(origin_matches(pattern, self.origin) for pattern in patterns)

    def _body(self) -> bytes:
        length = self.plain.META.get("CONTENT_LENGTH") or "0"
        # Before it is read, as far as it was told.
        if length.isdigit() and len(length) < 10 and int(length) <= LONGEST_BODY:
            body = self.plain.body
            if len(body) <= LONGEST_BODY:
                return body
        raise PayloadTooLarge(f"The body may have {LONGEST_BODY} bytes.")

    def _count(self, what: str, subject: str, limit: int, count: int) -> None:
        """Raises TooMany."""
        assert self.application is not None  # noqa: S101 - `initial` came first
        subject = f"{self.application.pk} {subject}"
        if count and (wait := rate_take(f"tracker-{what}", subject, limit=limit, seconds=MINUTE, count=count)):
            raise TooMany(retry_after=wait, reason=f"events of one {what}")

    def _take(self, application: Application, visit_id: UUID, arrivals: list[Any]) -> None:
        """One visit, one transaction: to hold two visits at once would be to wait for others in a circle.

        What the store refuses is told to nobody but the log: an answer would say what is there.
        """
        try:
            again(lambda: events_take(application=application, visit_id=visit_id, arrivals=arrivals))
        except Conflict as refused:
            logger.warning(
                "tracker_refused",
                extra={"application": application.name, "visit": str(visit_id), "cause": type(refused).__name__},
            )


_NOT_HERE = "Events are taken with the key of their site, from pages of its origins."
