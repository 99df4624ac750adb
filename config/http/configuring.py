"""The base of the endpoints that configure (``/auth/v3/ops``, ``/environment/v3``): who may ask, and fields by the
names that the caller sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import ClassVar

from django.core.exceptions import ValidationError
from rest_framework.request import Request

from config.context import current
from config.http.errors import InsufficientScope, Refusal
from config.http.translation import refusal_of
from config.http.views import ApiView

SCOPE = "configuration"
"""The scope without which no bearer configures anything; never part of ``*``."""


class ConfigurationView(ApiView):
    """Answers to the ops credential, to Basic credentials in their contact center, and to users' bearers with scope
    ``configuration``. What each may do is asked of ``config.policy`` by the services.
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


@contextmanager
def told_as(names: Mapping[str, str]) -> Iterator[None]:
    """Tell a refusal's fields by the names that the caller sent (ours → the caller's). Raises Refusal."""
    try:
        yield
    except (ValidationError, Refusal) as error:
        refusal = refusal_of(error)
        refusal.fields = tuple(replace(each, field=names.get(each.field, each.field)) for each in refusal.fields)
        raise refusal from error
