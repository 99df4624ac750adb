"""``/schema/`` (OpenAPI 3.1) and ``/docs/``: Swagger's split view, offline, within the content security policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation

Endpoint = tuple[str, str, str, Callable[..., Any]]

_CREDENTIAL = {
    "type": "http",
    "scheme": "basic",
    "description": "A Basic credential. Where a bearer is taken too, so is its token of POST /configuration/token.",
}
# By the authenticators' `proof`: name in the schema and definition.
_SCHEMES: dict[str, tuple[str, dict[str, Any]]] = {
    "bearer": ("bearer", {"type": "http", "scheme": "bearer", "description": "An access token of /auth/v3."}),
    "temporary": (
        "temporary",
        {"type": "http", "scheme": "bearer", "description": "A temporary authorization token of /configuration/token."},
    ),
    "session": (
        "session",
        {
            "type": "apiKey",
            "in": "cookie",
            "name": "deskgate_session",
            "description": "The cookie of the sign-in page; a POST needs X-CSRFToken too.",
        },
    ),
    "credential": ("credential", _CREDENTIAL),
    "pair": ("pair", {"type": "http", "scheme": "basic", "description": "A Basic credential, the pair itself."}),
    "ops": ("ops", {"type": "http", "scheme": "basic", "description": "The ops credential."}),
}


class HouseAuthentication(OpenApiAuthenticationExtension):
    """Describes each of our authenticators by its ``proof``."""

    target_class = "rest_framework.authentication.BaseAuthentication"
    match_subclasses = True
    priority = 10

    @property
    def name(self) -> str:  # type: ignore[override]
        """The scheme's name in the schema."""
        proof = getattr(self.target, "proof", "")
        return _SCHEMES[proof][0] if proof in _SCHEMES else type(self.target).__name__

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The scheme's definition."""
        proof = getattr(self.target, "proof", "")
        return _SCHEMES[proof][1] if proof in _SCHEMES else {"type": "http", "scheme": "basic"}


def without_trailing_slash(endpoints: list[Endpoint], **kwargs: Any) -> list[Endpoint]:
    """A preprocessing hook: paths are written with an optional slash (``/?$``) and shown without one."""
    shown: dict[tuple[str, str], Endpoint] = {}
    for path, pattern, method, callback in endpoints:
        bare = path.removesuffix("?").rstrip("/") or "/"
        shown.setdefault((bare, method), (bare, pattern, method, callback))
    return list(shown.values())


class SchemaView(SpectacularAPIView):
    """The schema: JSON unless YAML is asked for."""

    authentication_classes = []
    permission_classes = []
    content_negotiation_class = DefaultContentNegotiation
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer]


class DocsView(SpectacularSwaggerSplitView):
    """The page that lists and tries every operation; script and style come from this server."""

    authentication_classes = []
    permission_classes = []
    content_negotiation_class = DefaultContentNegotiation
    template_name = "schema/docs.html"
    title = "Deskgate API"
