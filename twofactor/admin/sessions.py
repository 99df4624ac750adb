"""Sessions: what each call did, for those who may read it. Nothing here is changed by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from config.admin.filters import RecentFilter
from config.context import current
from config.http import principal_of
from environment.models import Application
from twofactor.admin.activity_page import activity_view
from twofactor.admin.finding import ApplicationFilter, CallsAdmin, HomeFilter
from twofactor.admin.session_page import session_page, variables_of
from twofactor.admin.telling import NOTHING, told_number, told_text, told_time
from twofactor.models import FlowSession
from twofactor.options.settings import DEFAULT_PATHS, PATHS
from twofactor.selectors.applications import own_applications

_APPLICATIONS = 50
"""Whose own paths the filter offers."""


class StartedFilter(RecentFilter):
    """By the start."""

    title = "started"
    column = "started_at"


class PathFilter(admin.SimpleListFilter):
    """By the path that a session ended with; or those that go on."""

    title = "path"
    parameter_name = "path"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        own = own_applications(principal_of(request))[:_APPLICATIONS]
        named = [path for one in own if one.type == Application.Type.TWO_FACTOR for path in PATHS.of(one)]
        return [("-", "Not ended"), *((path, path) for path in dict.fromkeys([*DEFAULT_PATHS, *named]))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        return queryset.exclude(state="ended") if self.value() == "-" else queryset.filter(path=self.value())


@admin.register(FlowSession)
class SessionAdmin(CallsAdmin[FlowSession]):
    """Calls, and on the page of each its timeline, its codes and what was sent."""

    menu_order = 10
    change_form_template = "admin/twofactor/session.html"
    ordering = ("-started_at",)
    list_display = ("started", "told_account", "face", "method", "outcome", "sends", "test_call")
    list_filter: ClassVar[Any] = (StartedFilter, ApplicationFilter, HomeFilter, PathFilter, "face", "test_call")
    search_help_text = "The whole account reference, call ID or session ID (the newest 1,000)."
    fields = (
        "id",
        ("application", "face", "test_call"),
        ("told_account", "told_call", "told_cli", "told_dnis"),
        ("started", "ended", "ends"),
        ("outcome", "method", "told_offered", "external"),
        ("sends_used", "delivery_failures", "input_rounds", "step"),
        ("authenticated", "skipped"),
        "opener",
    )

    def search_branches(self, term: str) -> list[Q]:
        """The applications first: every index begins with them."""
        own = Q(application_id__in=[one.pk for one in own_applications(current().principal)])
        return [own & Q(account=term), own & Q(call_id=term), Q(pk=term)]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.activity_view)
        return [path("activity/", view, name="twofactor_activity"), *super().get_urls()]

    def activity_view(self, request: HttpRequest) -> HttpResponseBase:
        """What all calls came to."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = {"title": "Activity", "opts": self.opts}
        return activity_view(request, self.admin_site.each_context(request) | words)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """With the way to the charts."""
        buttons = [("Activity", reverse("admin:twofactor_activity"))]
        return super().changelist_view(request, {"list_buttons": buttons, **(extra_context or {})})

    def page_of(self, request: HttpRequest, obj: FlowSession) -> dict[str, Any]:
        return session_page(obj) | {"variables": variables_of(obj)}

    @admin.display(description="started (UTC)")
    def started(self, obj: FlowSession) -> str:
        """When it began."""
        return told_time(obj.started_at)

    @admin.display(description="ended (UTC)")
    def ended(self, obj: FlowSession) -> str:
        """When it ended."""
        return told_time(obj.ended_at) or NOTHING

    @admin.display(description="may go on until (UTC)")
    def ends(self, obj: FlowSession) -> str:
        """When nobody can go on with it."""
        return told_time(obj.ends_at)

    @admin.display(description="authenticated (UTC)")
    def authenticated(self, obj: FlowSession) -> str:
        """When the code was right."""
        return told_time(obj.authenticated_at) or NOTHING

    @admin.display(description="account")
    def told_account(self, obj: FlowSession) -> SafeString:
        """As the caller of the face sent it."""
        return told_text(obj.account)

    @admin.display(description="call ID")
    def told_call(self, obj: FlowSession) -> str:
        """As the caller of the face sent it."""
        return told_text(obj.call_id) or NOTHING

    @admin.display(description="calling number")
    def told_cli(self, obj: FlowSession) -> str:
        """Its end."""
        return told_number(obj.cli) or NOTHING

    @admin.display(description="dialled number")
    def told_dnis(self, obj: FlowSession) -> str:
        """Its end."""
        return told_number(obj.dnis) or NOTHING

    @admin.display(description="sends")
    def sends(self, obj: FlowSession) -> int:
        """Of its maximum."""
        return obj.sends_used

    @admin.display(description="offered")
    def told_offered(self, obj: FlowSession) -> str:
        """The menu."""
        return ", ".join(map(str, obj.offered)) or NOTHING

    @admin.display(description="state or path")
    def outcome(self, obj: FlowSession) -> str:
        """The path once it ended."""
        if obj.state != FlowSession.State.ENDED:
            return str(obj.get_state_display())
        return obj.path or "ended"
