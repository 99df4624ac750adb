"""The screen of every governed model: the policy decides who sees and does what, services do every write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import structlog
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.forms import Media
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst

from config.admin.by_policy import ByPolicy, M
from config.admin.faults import FAULTS, fault_text
from config.admin.forms import GovernedForm
from config.admin.links import Link
from config.admin.object_actions import ObjectAction, Told, action_in_list, action_run, reason_note, shown_once
from config.admin.paging import BoundedPaginator
from config.admin.usage import uses_ending, uses_forbidding
from config.http import principal_of
from config.policy import Action, governed_of, may

_log = structlog.get_logger("deskgate.admin")


class GovernedAdmin(ByPolicy[M]):
    """Subclass it and write ``write`` and ``erase``, each one call of a service; ``levels`` as in ``ByPolicy``."""

    form = GovernedForm
    object_actions: Sequence[ObjectAction] = ()
    menu_order: ClassVar[int] = 100
    has_history: ClassVar[bool] = True
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    save_on_top = False

    # --- writes, all by services ---

    def write(self, request: HttpRequest, form: Any, obj: M, *, change: bool) -> None:
        """Store a new or changed object by one call of a service."""
        raise NotImplementedError(f"{type(self).__name__} stores nothing")

    def erase(self, request: HttpRequest, obj: M) -> None:
        """Delete an object by one call of a service."""
        raise NotImplementedError(f"{type(self).__name__} deletes nothing")

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        self.write(request, form, obj, change=change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: ``write`` gave the service everything."""

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        self.erase(request, obj)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return []

    # The service wrote a change row.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...
    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...
    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any: ...

    # --- forms ---

    def get_form(self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:
        """The fieldsets, with the reason at the end; where nothing can be changed, only what can be shown."""
        fieldsets = [(name, dict(options)) for name, options in self.own_fieldsets(request, obj)]
        if obj is None or self.has_change_permission(request, obj):
            for _name, options in fieldsets:
                options["fields"] = tuple(name for name in options["fields"] if name != "reason")
            return [*fieldsets, (None, {"fields": ("reason",)})]
        for _name, options in fieldsets:
            options["fields"] = tuple(name for name in options["fields"] if self._is_shown(name))
        return fieldsets

    def own_fieldsets(self, request: HttpRequest, obj: M | None) -> Any:
        """The fieldsets without the reason, which belongs to every form."""
        return super().get_fieldsets(request, obj)

    def _is_shown(self, name: str | Sequence[str]) -> bool:
        known = {field.name for field in self.opts.get_fields()}
        return not isinstance(name, str) or name in known or hasattr(self, name)

    def changeform_view(  # type: ignore[override]
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Django's view without its transaction (services have their own); a refusal is shown in the form again."""
        if request.method == "POST":
            reason_note(request)
        extra = {**(extra_context or {}), **self._buttons(request, object_id)}
        try:
            return self._changeform_view(request, object_id, form_url, extra)  # type: ignore[attr-defined]
        except FAULTS as fault:
            _log.info("admin refused", words=getattr(fault, "reason", "") or fault_text(fault))  # type: ignore[arg-type]
            request.deskgate_fault = fault  # type: ignore[attr-defined]
        return self._changeform_view(request, object_id, form_url, extra)  # type: ignore[attr-defined]

    def tell_once(self, request: HttpRequest, told: Told) -> None:
        """Show a secret after this save, instead of going on."""
        request.deskgate_told = told  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: M, post_url_continue: str | None = None) -> Any:
        told: Told | None = getattr(request, "deskgate_told", None)
        if told is None:
            return super().response_add(request, obj, post_url_continue)
        return shown_once(self, request, [told], back=self._url("change", quote(obj.pk)))

    # --- deletes ---

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        """Shows what uses it; a refusal of the service is told on the object's page."""
        if request.method == "POST":
            reason_note(request)
        try:
            return self._delete_view(request, object_id, extra_context)  # type: ignore[attr-defined]
        except FAULTS as fault:
            self.message_user(request, fault_text(fault), messages.ERROR)  # type: ignore[arg-type]
            return HttpResponseRedirect(self._url("change", object_id))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Bounded, where Django's would load every token of a client; (what ends, counts, lacking, what forbids)."""
        ends, forbids = [], []
        for obj in objs:
            ends += [str(use) for use in uses_ending(obj)]
            forbids += [str(use) for use in uses_forbidding(obj)]
        return ends, {}, set(), forbids

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, titled by what it lists."""
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    # --- actions: in the list's menu and as buttons of the object ---

    def get_actions(self, request: HttpRequest) -> Any:
        if "_popup" in request.GET:
            return {}
        offered = [action for action in self.all_actions() if may(principal_of(request), action.level, self.model)]
        return {action.name: (action_in_list(action), action.name, action.label) for action in offered}

    def all_actions(self) -> list[ObjectAction]:
        """``object_actions``, and deleting where the screen can."""
        level = self.levels.get("delete")
        if level is None:
            return list(self.object_actions)
        delete = ObjectAction(
            "delete_selected",
            "Delete…",
            lambda request, obj, _data: self.erase(request, obj),
            done="deleted",
            level=level,
            warning="This cannot be undone.",
            applies=lambda _obj: False,
        )
        return [*self.object_actions, delete]

    def get_urls(self) -> list[URLPattern]:
        opts = self.opts
        mine = path(
            "<path:object_id>/do/<slug:name>/",
            self.admin_site.admin_view(self.action_view),
            name=f"{opts.app_label}_{opts.model_name}_do",
        )
        return [mine, *super().get_urls()]

    def action_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponseBase:
        """One action on one object."""
        obj = self.get_object(request, unquote(object_id))
        action = next((action for action in self.object_actions if action.name == name), None)
        if obj is None or action is None or not may(principal_of(request), action.level, obj):
            raise PermissionDenied
        chosen = self.get_queryset(request).filter(pk=obj.pk)
        return action_run(self, request, action, chosen, back=self._url("change", quote(obj.pk)))

    def _buttons(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        if obj is None:
            return {"has_history": False}
        asking = principal_of(request)
        buttons = [
            (action.label, self._url("do", quote(obj.pk), action.name))
            for action in self.object_actions
            if action.applies(obj) and may(asking, action.level, obj)
        ]
        told = may(asking, "read", obj) and self.has_history
        return {
            "object_buttons": [*self.extra_buttons(request, obj), *buttons],
            "object_links": self.related_links(request, obj),
            "has_history": told,
        }

    def related_links(self, request: HttpRequest, obj: M) -> list[Link]:
        """(Label, URL) of other screens about this object, told above its form."""
        return []

    def extra_buttons(self, request: HttpRequest, obj: M) -> list[tuple[str, str]]:
        """Further (label, URL) of an object's page."""
        return []

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        """The object's lines of the change log."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_view_permission(request, obj):
            raise PermissionDenied
        query = urlencode({"object_type__exact": governed_of(self.model).object_type, "object_id__exact": str(obj.pk)})
        return HttpResponseRedirect(f"{reverse('admin:activity_change_changelist')}?{query}")

    def _url(self, view: str, *args: object) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}", args=args)

    def object_url(self, key: object) -> str:
        """An object's page."""
        return self._url("change", quote(str(key)))

    def list_url(self) -> str:
        """The list of this screen."""
        return self._url("changelist")

    @property
    def media(self) -> Media:
        """With what the autocomplete filters of the list need."""
        select: Any = AutocompleteSelect(None, self.admin_site)  # its media need no field
        return super().media + select.media + Media(js=["admin/js/jquery.init.js", "deskgate/filters.js"])


class ReadOnlyAdmin(GovernedAdmin[M]):
    """Shown, never edited; at most acted upon."""

    levels: ClassVar[dict[str, Action]] = {}


def own_contact_center(request: HttpRequest) -> dict[str, Any]:
    """The contact center of whoever has one only, as first value of a form's field of that name."""
    own = principal_of(request).contact_center_ids
    return {"contact_center": next(iter(own))} if len(own) == 1 else {}
