"""Discovery (RFC 8414, OpenID Connect Discovery) and the key set. Only what this server does is announced."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import DictField, ListField, Serializer

from accounts.models import SigningKey
from accounts.services.keys import published_keys, signing_key
from config.http.views import ApiView
from oauthapi.id_tokens import issuer
from oauthapi.rules import GRANTS, LEGACY_GRANTS, STAR_SCOPES
from oauthapi.strict import strict_profile
from oauthapi.views.browser import issuer_url

_CACHE = {"Cache-Control": "public, max-age=300"}


_CLAIMS = (
    "iss", "sub", "aud", "azp", "iat", "exp", "auth_time", "nonce", "at_hash", "sid",
    "user_name", "given_name", "family_name", "email",
)  # fmt: skip


class KeySetSerializer(Serializer[dict[str, Any]]):
    """RFC 7517 §5."""

    keys = ListField(child=DictField())


class MetadataView(ApiView):
    """What a standard client needs to know, at both well-known places."""

    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False

    # No operation_id: one view at four addresses would have it four times.
    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        """The metadata document."""
        return Response(metadata(), headers=_CACHE)


class KeySetView(ApiView):
    """The public halves of all keys that sign, will sign, or signed something still alive."""

    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False

    @extend_schema(operation_id="keys", request=None, responses={200: KeySetSerializer})
    def get(self, request: Request) -> Response:
        """The JWK set."""
        for purpose in (SigningKey.Purpose.ID_TOKEN, SigningKey.Purpose.USER_INFO):
            signing_key(purpose)
        return Response({"keys": published_keys()}, headers=_CACHE)


def metadata() -> dict[str, Any]:
    """Issuer, endpoints and abilities; the strict profile leaves out what it switches off."""
    strict = strict_profile()
    grants = [grant for grant in GRANTS if not (strict and grant in LEGACY_GRANTS)]
    return {
        "issuer": issuer(),
        "authorization_endpoint": issuer_url("/oauth/authorize"),
        "token_endpoint": issuer_url("/oauth/token"),
        "userinfo_endpoint": issuer_url("/openid/userinfo"),
        "introspection_endpoint": issuer_url("/oauth/introspect"),
        "revocation_endpoint": issuer_url("/oauth/revoke"),
        "end_session_endpoint": issuer_url("/oauth/end-session"),
        "jwks_uri": issuer_url("/.well-known/jwks.json"),
        "response_types_supported": ["code"] if strict else ["code", "token"],
        "response_modes_supported": ["query"] if strict else ["query", "fragment"],
        "grant_types_supported": grants,
        "scopes_supported": sorted(STAR_SCOPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "claims_supported": _CLAIMS,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
