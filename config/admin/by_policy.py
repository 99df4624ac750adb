"""Who sees and does what on a screen: the policy's answers in the words that Django's admin asks in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest

from config.http import principal_of
from config.policy import Action, Governed, may, visible

M = TypeVar("M", bound=Model)
if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin
else:
    # Django's own class takes no type argument when the program runs.
    _ModelAdmin = {M: admin.ModelAdmin}


class ByPolicy(_ModelAdmin[M], Generic[M]):
    """``levels`` says which privilege each way of changing needs; a way without one is not offered at all."""

    levels: ClassVar[dict[str, Action]] = {"add": "write", "change": "write", "delete": "write"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return visible(principal_of(request), super().get_queryset(request))

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return may(principal_of(request), "read", obj or self.model)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._has_level(request, "add", None)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._has_level(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._has_level(request, "delete", obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def _has_level(self, request: HttpRequest, way: str, obj: M | None) -> bool:
        level = self.levels.get(way)
        return level is not None and may(principal_of(request), level, obj or self.model)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        _offer_visible(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        _offer_visible(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def _offer_visible(db_field: Field[Any, Any], request: HttpRequest, kwargs: dict[str, Any]) -> None:
    model: Any = db_field.remote_field.model  # type: ignore[union-attr]
    if isinstance(getattr(model, "governed", None), Governed):
        offered = kwargs.get("queryset")
        rows = model._default_manager.all() if offered is None else offered
        kwargs["queryset"] = visible(principal_of(request), rows)
