"""The page "Versions": all of them, and what differs between two, without secrets."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from config.admin.faults import FAULTS, fault_text
from config.http import principal_of
from config.policy import may
from environment.services.options import may_read_secret
from history.models import Strategy, StrategyVersion
from history.selectors.strategies import version_state, versions_of
from history.services.strategy_versions import scxml_masked

if TYPE_CHECKING:
    from config.admin.governed import GovernedAdmin

_SIGNS = {"+": "ins", "-": "del"}


def versions_page(screen: GovernedAdmin[Strategy], request: HttpRequest, strategy: Strategy) -> TemplateResponse:
    """Read only: deploying is a page of its own."""
    asking = principal_of(request)
    versions = list(versions_of(strategy))
    left, right = (_named(versions, request.GET.get(word, "")) for word in ("left", "right"))
    context = {
        **screen.admin_site.each_context(request),
        "title": f"Versions of {strategy}",
        "opts": screen.opts,
        "strategy": strategy,
        "object_url": screen.object_url(strategy.pk),
        "rows": [(one, version_state(one, strategy)) for one in versions],
        "deploy_url": _url(strategy, "deploy") if may(asking, "administer", strategy) else "",
        "scxml_url": _url(strategy, "scxml") if may_read_secret(asking, strategy.application.contact_center_id) else "",
        "left": left,
        "right": right,
        **(_compared(left, right) if left and right else {}),
    }
    return TemplateResponse(request, "admin/history/strategy_versions.html", context)


def _compared(left: StrategyVersion, right: StrategyVersion) -> dict[str, Any]:
    """The unified diff of both documents with dots for secrets; that the password differs is said beside it."""
    try:
        old, new = (scxml_masked(one).splitlines() for one in (left, right))
    except FAULTS as fault:
        return {"fault": fault_text(fault)}  # type: ignore[arg-type]
    lines = unified_diff(old, new, fromfile=str(left), tofile=str(right), lineterm="")
    return {
        "compared": True,
        "lines": [(_SIGNS.get(line[:1], ""), line) for line in lines],
        "password_differs": left.password_stamp != right.password_stamp,
    }


def _named(versions: list[StrategyVersion], text: str) -> StrategyVersion | None:
    return next((one for one in versions if str(one.number) == text), None)


def _url(strategy: Strategy, name: str) -> str:
    return reverse(f"admin:history_strategy_{name}", args=[quote(strategy.pk)])
