"""What is told of strategies: their properties as they would be generated, their state, what is published."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from config.context import current
from config.policy import visible
from history.models import Strategy, StrategyVersion


def base_url_of(strategy: Strategy) -> str:
    """The address of the History API that the strategy asks, without a slash at its end."""
    own = f"{settings.DESKGATE_PUBLIC_URL}/history/{quote(strategy.application.name, safe='')}/server/data"
    return (strategy.base_url or own).rstrip("/")


def published_url(strategy: Strategy) -> str:
    """Where the orchestration server finds the deployed version."""
    name = quote(strategy.application.name, safe="")
    return f"{settings.DESKGATE_PUBLIC_URL}/history/{name}/strategies/{strategy.name}.scxml"


def properties_of(strategy: Strategy) -> dict[str, Any]:
    """The properties of the Entry point as a version would be made from them; of the password only that it is set."""
    return {
        "name": strategy.name,
        "user": strategy.user,
        "password": "set" if strategy.password else "",
        "base_url": base_url_of(strategy),
        "pages_at_least": strategy.pages_at_least,
        "events_at_least": strategy.events_at_least,
        "user_variable": strategy.user_variable,
        "password_variable": strategy.password_variable,
    }


def is_made_from(version: StrategyVersion, strategy: Strategy) -> bool:
    """Whether the version was made from what the properties are now."""
    return version.properties == properties_of(strategy) and version.password_stamp == strategy.password_stamp


def sends_other_pair(version: StrategyVersion, strategy: Strategy) -> bool:
    """Whether the version sends other credentials than the properties have now."""
    return (version.properties.get("user"), version.password_stamp) != (strategy.user, strategy.password_stamp)


def is_changed(strategy: Strategy) -> bool:
    """Whether the properties changed since the deployed version was made; False with none deployed."""
    return strategy.deployed is not None and not is_made_from(strategy.deployed, strategy)


def with_state(rows: QuerySet[Strategy]) -> QuerySet[Strategy]:
    """Strategies with what ``state_of`` and ``is_changed`` ask, and without the sealed texts."""
    versions = StrategyVersion.objects.filter(strategy=OuterRef("pk")).order_by("-number")
    annotated = rows.annotate(has_versions=Exists(versions), newest_is_valid=Subquery(versions.values("is_valid")[:1]))
    return annotated.select_related("application", "deployed").defer("workflow", "deployed__scxml")


def state_of(strategy: Strategy) -> Strategy.State:
    """draft → generated → validated → deployed. Of a row of ``with_state``; any other is looked up."""
    if strategy.deployed_id is not None:
        return Strategy.State.DEPLOYED
    row: Any = strategy if hasattr(strategy, "has_versions") else with_state(Strategy.objects.all()).get(pk=strategy.pk)
    if not row.has_versions:
        return Strategy.State.DRAFT
    return Strategy.State.VALIDATED if row.newest_is_valid else Strategy.State.GENERATED


def version_state(version: StrategyVersion, strategy: Strategy) -> Strategy.State:
    """The same of one version."""
    if version.pk == strategy.deployed_id:
        return Strategy.State.DEPLOYED
    return Strategy.State.VALIDATED if version.is_valid else Strategy.State.GENERATED


def versions_of(strategy: Strategy) -> QuerySet[StrategyVersion]:
    """The versions, the newest first, without their texts."""
    return strategy.versions.defer("scxml")


def published_strategy(application: str, name: str) -> Strategy | None:
    """The strategy of this address, if the one who asks may see it and its application is enabled."""
    if "\x00" in application + name:
        return None
    rows = visible(current().principal, Strategy.objects.select_related("application", "deployed"))
    return rows.filter(application__name=application, application__enabled=True, name=name).defer("workflow").first()
