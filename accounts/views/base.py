"""What the calls of ``/configuration`` share: their dialect, how often one may ask, and how a body is read."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from accounts import options
from config.context import current
from config.http import plain_request
from config.http.configuring import ConfigurationView, answers
from config.http.dialects import Dialect
from config.http.errors import (
    BadRequest,
    Forbidden,
    PayloadTooLarge,
    TooMany,
    Unauthenticated,
    UnsupportedMedia,
)
from config.http.json import read_json_doubled
from config.http.serializers import ConfigurationErrorSerializer
from config.principal import Principal
from config.rates import rate_take

LONGEST_BODY = 16 * 1024  # bytes
MINUTE = 60  # seconds
NOT_PROVEN = "Authentication is required: nothing was sent, or what was sent is invalid, expired or revoked."
"""For every 401 of these calls, whatever its cause."""


class CredentialsView(ConfigurationView):
    """Answers to temporary tokens, to users' bearers with scope ``configuration``, and reading to Basic credentials."""

    dialect: Dialect = "configuration"
    proofs: ClassVar[tuple[str, ...]] = ("temporary", "credential", "bearer")
    open_to_credentials: ClassVar[frozenset[str]] = frozenset({"GET", "HEAD"})

    def perform_authentication(self, request: Request) -> None:
        """Prove; then a caller who asks too often is refused, and a Basic credential that would write.

        Raises Unauthenticated in one wording, Forbidden, TooMany; who fails too often is counted by his address.
        """
        try:
            super().perform_authentication(request)
        except Unauthenticated as refused:
            calls_count("configuration-refused", current().address)
            refused.message = NOT_PROVEN
            raise
        principal = current().principal
        calls_count("configuration", _caller(principal), principal)
        if principal.kind == "credential" and request.method not in self.open_to_credentials:
            raise Forbidden("A Basic credential changes no credentials.", reason=f"credential {principal.name}")

    def object_sent(self) -> tuple[dict[str, Any], list[str]]:
        """The body's object and its keys that stand there twice; ``{}`` when it is empty.

        Raises PayloadTooLarge, UnsupportedMedia, MalformedJson, BadRequest.
        """
        plain = plain_request(self.request)
        if len(plain.body) > LONGEST_BODY:
            raise PayloadTooLarge(f"The request body is longer than {LONGEST_BODY} bytes.")
        if not plain.body.strip():
            return {}, []
        if plain.content_type != "application/json":
            raise UnsupportedMedia("Send the body as application/json.")
        value, twice = read_json_doubled(plain.body)
        if not isinstance(value, dict):
            raise BadRequest("The request body is a JSON object.")
        return value, twice


def told(success: dict[int, type[BaseSerializer[Any]] | None], *refused: int) -> dict[int, Any]:
    """What a call may answer, for the schema."""
    return answers(success, 429, *refused, error=ConfigurationErrorSerializer)


def _caller(principal: Principal) -> str:
    return f"{principal.kind} {principal.user_id or principal.credential_id or principal.name}"


def calls_count(name: str, subject: str, principal: Principal | None = None) -> None:
    """Count one call under the caller's contact center's option. Raises TooMany."""
    home = next(iter(principal.contact_center_ids)) if principal and len(principal.contact_center_ids) == 1 else None
    wait = rate_take(name, subject, limit=options.CREDENTIAL_REQUESTS.of(home), seconds=MINUTE)
    if wait:
        raise TooMany(retry_after=wait, reason=f"{name}: {subject}")
