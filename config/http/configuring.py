"""The base of the endpoints that configure (``/auth/v3/ops``, ``/environment/v3``): who may ask, and fields by the
names that the caller sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from config.context import current
from config.http.errors import InsufficientScope, InvalidParameter, Refusal
from config.http.members import operation_id_of
from config.http.serializers import OAuthErrorSerializer
from config.http.translation import refusal_of
from config.http.views import ApiView

SCOPE = "configuration"
"""The scope without which no bearer configures anything; never part of ``*``."""
NO_STORE = {"Cache-Control": "no-store"}
"""Headers of an answer that holds what not everybody may read."""


class ConfigurationView(ApiView):
    """Answers to the ops credential, to Basic credentials in their contact center, and to users' bearers with scope
    ``configuration``. What each may do is asked of ``config.policy`` by the services.

    A body is ``{"data": …, "operationId"?}``; the operation's id is kept in log and change rows.
    """

    proofs: ClassVar[tuple[str, ...]] = ("ops", "credential", "bearer")

    def perform_authentication(self, request: Request) -> None:
        """Prove as any view does; then a bearer without the scope is refused. Raises InsufficientScope (403)."""
        super().perform_authentication(request)
        principal = current().principal
        if principal.proof == "bearer" and SCOPE not in principal.scopes:
            raise InsufficientScope(
                f"The access token lacks the scope '{SCOPE}'.", scope=SCOPE, reason=f"scopes {sorted(principal.scopes)}"
            )

    def body(self) -> dict[str, Any]:
        """The ``data`` member. Raises MalformedJson, MissingParameter, InvalidParameter."""
        current().operation_id = operation_id_of(self.json())
        return self.json_data()

    def body_list(self) -> list[Any]:
        """The ``data`` member where it is a list. Raises as ``body``."""
        body = self.json()
        current().operation_id = operation_id_of(body)
        sent = body.get("data")
        if not isinstance(sent, list):
            self.json_data()  # says what is missing
            raise InvalidParameter("The parameter 'data' must be a list.", field="data")
        return sent


def answers(
    success: type[BaseSerializer[Any]] | Mapping[int, type[BaseSerializer[Any]] | None],
    *more: int,
    error: type[BaseSerializer[Any]] = OAuthErrorSerializer,
) -> dict[int, Any]:
    """What an operation may answer, for the schema: with 200, or by status; refusals in the shape of its dialect."""
    good = dict(success) if isinstance(success, Mapping) else {200: success}
    return good | dict.fromkeys(sorted({400, 401, 403, 503, *more}), error)


@contextmanager
def told_as(names: Mapping[str, str]) -> Iterator[None]:
    """Tell a refusal's fields by the names that the caller sent (ours → the caller's). Raises Refusal."""
    try:
        yield
    except (ValidationError, Refusal) as error:
        refusal = refusal_of(error)
        refusal.fields = tuple(replace(each, field=names.get(each.field, each.field)) for each in refusal.fields)
        raise refusal from None if refusal is error else error
