"""The pages of one strategy beside its form: deploy, versions, and what is uploaded and downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst

from config.admin.faults import FAULTS, fault_apply, fault_text
from config.admin.object_actions import reason_note
from config.http import principal_of
from config.policy import Action, may
from config.principal import Principal
from environment.services.options import may_read_secret
from history.admin.strategy_comparing import versions_page
from history.admin.strategy_forms import DeployForm, MappingForm, UploadForm
from history.models import Strategy
from history.selectors.strategies import versions_of
from history.services.strategy_versions import scxml_download, strategy_deploy, strategy_version
from history.services.strategy_workflows import (
    is_mapped,
    strategy_download_workflow,
    strategy_map_variables,
    strategy_upload_workflow,
    strategy_workflow,
)
from history.workflow import Variable, Workflow

if TYPE_CHECKING:
    from config.admin.governed import GovernedAdmin

View = Callable[["GovernedAdmin[Strategy]", HttpRequest, Strategy], HttpResponseBase]


def pages(screen: GovernedAdmin[Strategy]) -> list[URLPattern]:
    """The URLs of the pages, each for those whom the policy lets."""
    return [
        _page(screen, "deploy", "administer", _deploy),
        _page(screen, "versions", "read", versions_page),
        _page(screen, "scxml", "read", _scxml),
        _page(screen, "workflow", "write", _workflow),
        _page(screen, "upload", "write", _upload),
        _page(screen, "download", "read", _download),
    ]


def strategy_buttons(request: HttpRequest, strategy: Strategy) -> list[tuple[str, str]]:
    """The buttons of the strategy's own page, as far as the one who looks may use them."""
    asking = principal_of(request)
    reads = may(asking, "read", strategy) and may_read_secret(asking, strategy.application.contact_center_id)
    has_file = Strategy.objects.filter(pk=strategy.pk).exclude(workflow="").exists()
    has_versions = strategy.versions.exists()
    offered = [
        ("Versions", "versions", has_versions and may(asking, "read", strategy)),
        ("Deploy…", "deploy", has_versions and may(asking, "administer", strategy)),
        ("Upload default.workflow…", "upload", may(asking, "write", strategy)),
        ("Entry variables", "workflow", has_file and may(asking, "write", strategy)),
        ("Download default.workflow", "download", has_file and reads),
        ("Download SCXML", "scxml", has_versions and reads),
    ]
    return [(label, strategy_url(strategy, name)) for label, name, is_offered in offered if is_offered]


def strategy_url(strategy: Strategy, name: str) -> str:
    """The address of one of the pages."""
    return reverse(f"admin:history_strategy_{name}", args=[quote(strategy.pk)])


def _page(screen: GovernedAdmin[Strategy], name: str, level: Action, view: View) -> URLPattern:
    def run(request: HttpRequest, object_id: str) -> HttpResponseBase:
        strategy = screen.get_object(request, unquote(object_id))
        if strategy is None or not may(principal_of(request), level, strategy):
            raise PermissionDenied
        return view(screen, request, strategy)

    return path(f"<path:object_id>/{name}/", screen.admin_site.admin_view(run), name=f"history_strategy_{name}")


def _deploy(screen: GovernedAdmin[Strategy], request: HttpRequest, strategy: Strategy) -> HttpResponseBase:
    versions = list(versions_of(strategy))
    sent = request.POST if request.method == "POST" else None
    form = DeployForm(strategy, versions, sent, initial={"version": request.GET.get("version")})
    if sent is not None and form.is_valid():
        reason_note(request)
        chosen = next(one for one in versions if one.number == form.cleaned_data["version"])
        try:
            strategy_deploy(strategy, version=chosen)
        except FAULTS as fault:
            fault_apply(form, fault)  # type: ignore[arg-type]
        else:
            screen.message_user(request, capfirst(f"{chosen} is deployed."), messages.SUCCESS)
            return HttpResponseRedirect(screen.object_url(strategy.pk))
    return _form(screen, request, strategy, form, title=f"Deploy {strategy}", button="Deploy")


def _upload(screen: GovernedAdmin[Strategy], request: HttpRequest, strategy: Strategy) -> HttpResponseBase:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        reason_note(request)
        try:
            workflow = strategy_upload_workflow(strategy, data=form.cleaned_data["file"].read())
        except FAULTS as fault:
            fault_apply(form, fault)  # type: ignore[arg-type]
        else:
            found = "user and password were found" if is_mapped(strategy, workflow) else "choose user and password"
            told = f"The file was kept: {len(workflow.variables)} Entry variables; {found}."
            screen.message_user(request, told, messages.SUCCESS)
            return HttpResponseRedirect(strategy_url(strategy, "workflow"))
    return _form(screen, request, strategy, form, title=f"Upload default.workflow of {strategy}", button="Upload")


def _workflow(screen: GovernedAdmin[Strategy], request: HttpRequest, strategy: Strategy) -> HttpResponseBase:
    """The Entry variables of the uploaded file, and which two are the credentials."""
    try:
        workflow = strategy_workflow(strategy)
    except FAULTS as fault:
        return _told(screen, request, strategy, fault)
    mapped = {name: getattr(strategy, name) for name in ("user_variable", "password_variable")}
    form = MappingForm(workflow.variables, request.POST if request.method == "POST" else None, initial=mapped)
    if form.is_bound and form.is_valid():
        reason_note(request)
        chosen = {name: form.cleaned_data[name] for name in mapped}
        try:
            strategy_map_variables(strategy, **chosen)
        except FAULTS as fault:
            fault_apply(form, fault)  # type: ignore[arg-type]
        else:
            screen.message_user(request, "User and password are mapped.", messages.SUCCESS)
            return HttpResponseRedirect(screen.object_url(strategy.pk))
    rows = [(one, *hidden) for one, hidden in _hidden(principal_of(request), strategy, workflow)]
    more = {"rows": rows, "mapped": is_mapped(strategy, workflow)}
    return _form(screen, request, strategy, form, title=f"Entry variables of {strategy}", button="Save", **more)


def _hidden(asking: Principal, strategy: Strategy, workflow: Workflow) -> Iterator[tuple[Variable, tuple[bool, bool]]]:
    """Each variable, and whether its value and its description stay hidden from the one who asks."""
    reads = may_read_secret(asking, strategy.application.contact_center_id)
    for one in workflow.variables:
        # Any of those that a person made may hold a secret, whatever its name; Composer's own hold none.
        untold = not reads and one.type != "System"
        # Whatever looks secret, or is the mapped password, is shown to nobody.
        yield one, (untold or one.looks_secret or one.name == strategy.password_variable, untold)


def _scxml(screen: GovernedAdmin[Strategy], request: HttpRequest, strategy: Strategy) -> HttpResponseBase:
    number = request.GET.get("version", "")
    try:
        chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else None
        version = strategy.deployed if chosen is None else None
        data = scxml_download(version or strategy_version(strategy, chosen))
    except FAULTS as fault:
        return _told(screen, request, strategy, fault)
    return _file(data, f"{strategy.name}.scxml", "application/scxml+xml")


def _download(screen: GovernedAdmin[Strategy], request: HttpRequest, strategy: Strategy) -> HttpResponseBase:
    try:
        data = strategy_download_workflow(strategy)
    except FAULTS as fault:
        return _told(screen, request, strategy, fault)
    return _file(data, "default.workflow", "application/octet-stream")


def _file(data: bytes, name: str, media: str) -> HttpResponse:
    """An attachment that holds a password: stored by no cache."""
    told = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(data, content_type=media, headers=told)


def _told(
    screen: GovernedAdmin[Strategy], request: HttpRequest, strategy: Strategy, fault: Any
) -> HttpResponseRedirect:
    screen.message_user(request, fault_text(fault), messages.ERROR)
    return HttpResponseRedirect(screen.object_url(strategy.pk))


def _form(
    screen: GovernedAdmin[Strategy],
    request: HttpRequest,
    strategy: Strategy,
    form: Any,
    *,
    title: str,
    button: str,
    **more: Any,
) -> TemplateResponse:
    context = {
        **screen.admin_site.each_context(request),
        "title": title,
        "opts": screen.opts,
        "strategy": strategy,
        "object_url": screen.object_url(strategy.pk),
        "form": form,
        "button": button,
        **more,
    }
    return TemplateResponse(request, "admin/history/strategy_form.html", context)
