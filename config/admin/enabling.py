"""The two actions of everything that can be switched off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

from config.admin.object_actions import ObjectAction
from config.policy import Action

Store = Callable[[Any], object]
"""Stores an object whose ``enabled`` was changed: one service."""


def enabling_actions(store: Store, *, warning: str, level: Action = "write") -> tuple[ObjectAction, ObjectAction]:
    """Enable and disable, as actions of a screen; ``warning`` says what disabling does."""

    def switched(enabled: bool) -> Callable[[HttpRequest, Any, Mapping[str, Any]], None]:
        def perform(request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> None:
            obj.enabled = enabled
            store(obj)

        return perform

    return (
        ObjectAction("enable", "Enable…", switched(True), "enabled", level=level, applies=lambda obj: not obj.enabled),
        ObjectAction(
            "disable",
            "Disable…",
            switched(False),
            "disabled",
            level=level,
            warning=warning,
            applies=lambda obj: obj.enabled,
        ),
    )
