"""What DRF asks of a request's headers: nothing. Named in settings, so this module must not import DRF's views."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from config.http.json import read_json


class AlwaysJson(BaseContentNegotiation):
    """JSON, whatever ``Accept`` and ``Content-Type`` say: the real clients send both carelessly."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Return the only parser."""
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer with its own media type."""
        first = next(iter(renderers))
        return first, str(first.media_type)


class StrictJsonParser(BaseParser):
    """``request.data`` for views that use it: the house's JSON reader; an empty body is an empty object."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Read the whole stream. Raises ``MalformedJson``."""
        body: bytes = stream.read()
        return read_json(body) if body.strip() else {}
