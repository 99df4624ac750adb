"""The bearer authenticator (RFC 6750): the header only, scheme in any case, the bare word counts as absent.

Imports only DRF's authentication module: settings load this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from config.http import plain_request
from config.http.authorization import bearer_of
from config.http.challenges import DEAD_BEARER, REALM, challenge_header
from config.http.errors import BadRequest, Unauthenticated
from config.principal import Principal

if TYPE_CHECKING:
    from oauthapi.selectors import BearerFacts


class BearerAuthentication(BaseAuthentication):
    """``Authorization: bearer <access token>``; ``request.auth`` is the token's BearerFacts."""

    proof: ClassVar[str] = "bearer"

    def authenticate(self, request: Request) -> tuple[Principal, BearerFacts] | None:
        """Principal and facts of a live token; None when none was sent.

        Raises Unauthenticated (invalid_token), and BadRequest for a second token beside it (RFC 6750 §2, §3.1).
        """
        token = bearer_of(request)
        if token is None:
            return None
        if _sent_twice(request):
            raise BadRequest(
                "Send the access token in one way, not in two.",
                field="access_token",
                headers={"WWW-Authenticate": challenge_header("Bearer", realm=REALM, error="invalid_request")},
            )
        from oauthapi.principals import principal_of_bearer
        from oauthapi.selectors import bearer_facts

        facts = bearer_facts(token)
        if facts is None:
            raise Unauthenticated(DEAD_BEARER, presented=True, reason="no live token of this value")
        return principal_of_bearer(facts), facts

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Deskgate"'


def _sent_twice(request: Request) -> bool:
    """Whether a token stands in the address or a posted form too, where alone it would count for nothing."""
    plain = plain_request(request)
    if "access_token=" in plain.META.get("QUERY_STRING", "") and "access_token" in plain.GET:
        return True
    return plain.content_type == "application/x-www-form-urlencoded" and "access_token" in plain.POST
