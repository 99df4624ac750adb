"""GET /history/{application}/strategies/{name}.scxml: the deployed strategy, for the orchestration server."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.models import BasicCredential
from config.http.dialects import Dialect
from config.http.errors import Forbidden, NotFound
from config.http.views import ApiView
from config.policy import require
from history.models import Strategy
from history.selectors.strategies import published_strategy
from history.serializers import HistoryRefusalSerializer
from history.services.strategy_versions import scxml_plain

MEDIA = "application/scxml+xml"
# The document holds a password: it is kept by nobody, and asked for by its tag.
_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
_NOTHING = "Nothing is deployed at this address."


def _in_path(name: str, told: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.PATH, description=told)


class StrategyScxmlView(ApiView):
    """Answers to a Basic credential of the strategy's contact center whose role has ``strategies:read`` and
    ``option-secrets:read``, for the document holds the password of the History API in clear.
    """

    dialect: Dialect = "history"
    proofs: ClassVar[tuple[str, ...]] = ("pair",)

    @extend_schema(
        operation_id="strategy_scxml",
        description="The deployed version of an engagement strategy. Its ETag is the document's SHA-256.",
        parameters=[
            _in_path("application", "Name of the Web Engagement Server application."),
            _in_path("name", "Name of the strategy."),
            OpenApiParameter("If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="A known ETag."),
        ],
        responses={
            (200, MEDIA): OpenApiTypes.STR,
            304: None,
            **dict.fromkeys((400, 401, 403, 404, 503), HistoryRefusalSerializer),
        },
    )
    def get(self, request: Request, application: str, name: str) -> HttpResponse:
        """Raises Unauthenticated, Forbidden, NotFound (nothing deployed, or another contact center's)."""
        require("read", Strategy)
        credential = request.auth
        # What a credential may do elsewhere leaves secrets out; here its role is asked for them by name.
        if not isinstance(credential, BasicCredential) or not _reads_secrets(credential):
            raise Forbidden(reason=f"credential {credential} lacks option-secrets:read")
        strategy = published_strategy(application, name)
        version = strategy.deployed if strategy else None
        if version is None:
            raise NotFound(_NOTHING)
        headers = _HEADERS | {"ETag": f'"{version.checksum}"'}
        if _is_known(request.headers.get("If-None-Match", ""), version.checksum):
            answer = HttpResponse(status=304, headers=headers)
            del answer["Content-Type"]
            return answer
        return HttpResponse(scxml_plain(version), content_type=f"{MEDIA}; charset=utf-8", headers=headers)


def _reads_secrets(credential: BasicCredential) -> bool:
    return "option-secrets:read" in credential.held_privileges()


def _is_known(header: str, checksum: str) -> bool:
    """RFC 9110 §13.1.2: compared weakly; * is any."""
    tags = {tag.removeprefix("W/") for tag in parse_etags(header)}
    return "*" in tags or f'"{checksum}"' in tags
