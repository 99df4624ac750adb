"""What ``/schema/`` tells of this room's calls beside their shapes."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from history.asking import LONGEST_AGE, MOST_PAGE
from history.serializers import HistoryRefusalSerializer

PAIR: list[Any] = [{"history": []}, {}]
"""For ``extend_schema(auth=…)``: the lock judges the proof, and asks for none while ``auth-scheme`` is none."""

NOBODY: list[Any] = [{}]
"""The same, where no proof is looked at."""


_ALIAS: Final = re.compile(r"/backend/(data|tracker)/|/history/[^/]+/(server|backend)/(data|tracker)/")


def without_aliases(endpoints: list[tuple[str, str, str, Any]], **kwargs: Any) -> list[tuple[str, str, str, Any]]:
    """A preprocessing hook: of the four places where a resource answers only the one below ``/server`` is described."""
    return [each for each in endpoints if not _ALIAS.match(each[0])]


IDENTITY: Final = OpenApiParameter(
    "identity_id", str, OpenApiParameter.PATH, description="The site's own id, percent-encoded."
)
_FILTERS: Final[dict[str, tuple[Any, str]]] = {
    "age": (int, "Seconds: older ones are left out."),
    "eventName": (str, ""),
    "eventType": ({"type": "string", "enum": ["SYSTEM", "BUSINESS"]}, ""),
    "category": (str, "A name, or `all categories`: those that have one."),
    "url": (str, "The whole address."),
    "title": (str, "The whole title."),
    "location": (str, ""),
    "userAgent": (str, "As the browser sends it, exactly."),
    "globalVisitID": (OpenApiTypes.UUID, ""),
    "browserPageID": (str, ""),
    "identityId": (str, ""),
    "association": ({"type": "string", "enum": ["Authenticated", "Recognized"]}, ""),
}
_NUMBER: Final = {"age": {"type": "integer", "minimum": 0, "maximum": LONGEST_AGE}}


def query(filters: Collection[str] = (), lists: Collection[str] = (), *, is_list: bool = True) -> list[Any]:
    """The parameters of a GET."""
    taken = [
        OpenApiParameter(name, _NUMBER.get(name, _FILTERS[name][0]), description=_FILTERS[name][1]) for name in filters
    ]
    for name in lists:
        words = {"type": "string", "enum": ["true", "false"]}
        taken.append(OpenApiParameter(f"include_{name}", words, description=f"Whether to tell the ids of its {name}."))
        taken.append(
            OpenApiParameter(
                f"include_{name}_detail", words, description=f"Whether to tell the {name}; needs include_{name}=true."
            )
        )
    if is_list:
        size = {"type": "integer", "minimum": 1, "maximum": MOST_PAGE}
        taken.append(OpenApiParameter("page_size", size, description="Turns paging on."))
        taken.append(OpenApiParameter("page_start", str, description="`Paging-Next` of the page before; or as `next`."))
        taken.append(PAGING)
    return taken


PAGING: Final = OpenApiParameter(
    "Paging-Next", str, OpenApiParameter.HEADER, response=[200], description="When more follow: the next `page_start`."
)


def reads(success: Any, *more: int) -> dict[int, Any]:
    """What a GET may answer; a list may be empty."""
    empty: dict[int, Any] = {204: None} if getattr(success, "many", False) else {}
    return {200: success} | empty | _refusals(*more)


def writes(success: Any, *more: int) -> dict[int, Any]:
    """What a POST may answer."""
    return {200: success, 201: success} | _refusals(413, *more)


SITE: Final = OpenApiParameter("site", str, required=True, description="The site key.")


def sends() -> dict[int, Any]:
    """What the trackers' door may answer."""
    return {204: None} | dict.fromkeys((400, 403, 413, 429, 503), HistoryRefusalSerializer)


def _refusals(*more: int) -> dict[int, Any]:
    # A named door that is not there is 404 too, but the described paths are those of the bare one.
    return dict.fromkeys(sorted({400, 401, 403, 503, *more}), HistoryRefusalSerializer)


def _sent(name: str, value: Any) -> list[OpenApiExample]:
    return [OpenApiExample(name, request_only=True, value=value)]


_GUID: Final = "5cdca781-3fa3-11e2-aee5-00505625a04f"
EXAMPLES: Final = {
    "event": _sent(
        "Signed in",
        {
            "eventID": _GUID,
            "eventName": "SignIn",
            "timestamp": 1354798163915,
            "url": "https://shop.example.com/login",
            "data": {"userID": "user@example.com", "name": "Ada"},
        },
    ),
    "tracked": _sent(
        "A page was entered",
        {
            "visitID": "91ca7db4-3fa3-11e2-aee5-00505625a04f",
            "eventName": "PageEntered",
            "timestamp": 1354798163915,
            "browserPageID": "31C0A5B3B9F04D2D9A8A5C0D8A3E5B11",
            "url": "https://shop.example.com/",
            "title": "Shop",
        },
    ),
    "visit": _sent("With a start", {"startDate": 1354798163915}),
    "session": _sent("Of somebody", {"identityId": "user@example.com"}),
    "page": _sent("A page", {"url": "https://shop.example.com/", "title": "Shop"}),
}
