"""The address of a service with the call's variables in it, for ``[var:name]`` may stand in path and query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from twofactor.webservices.failures import ServiceFailed

_PLACE = re.compile(r"\[var:([A-Za-z_$][A-Za-z0-9_$]{0,63})\]")


def filled(template: str, values: Mapping[str, str]) -> str:
    """``template`` with each ``[var:name]`` replaced, percent-encoded; by nothing when there is no such variable.

    Raises ServiceFailed ``bad-url`` for a value that would climb in the path.
    """

    def value_of(place: re.Match[str]) -> str:
        value = values.get(place[1], "")
        if value in (".", ".."):
            raise ServiceFailed("bad-url")
        return quote(value, safe="", errors="replace")

    return _PLACE.sub(value_of, template)


def with_query(url: str, query: str) -> str:
    """``url`` with more parameters behind those it has."""
    return f"{url}{'&' if '?' in url else '?'}{query}"
