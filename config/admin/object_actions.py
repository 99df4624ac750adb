"""What can be done to one object or many: asked on a page that tells the number and takes a reason, then done.

The same ``ObjectAction`` is an entry of the list's action menu and a button of the object's page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from config.admin.faults import FAULTS, fault_apply, fault_lines, fault_text
from config.admin.forms import ReasonForm
from config.context import current
from config.policy import Action

if TYPE_CHECKING:
    from config.admin.governed import GovernedAdmin

MOST = 1_000
"""Objects of one action; more are done in several goes, or by a command."""
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Told:
    """Secrets shown once, after which nobody can read them: (label, value) for one object."""

    title: str
    lines: tuple[tuple[str, str], ...]


Perform = Callable[[HttpRequest, Any, Mapping[str, Any]], Told | None]


@dataclass(frozen=True, slots=True)
class ObjectAction:
    """``perform(request, object, cleaned_data)`` calls one service; ``level`` is what the policy must grant.

    ``done`` completes "3 users …". ``applies`` tells whether the button makes sense for an object, ``affected``
    what else these objects' action would reach, with its number.
    """

    name: str
    label: str
    perform: Perform
    done: str
    level: Action = "write"
    form: type[ReasonForm] = ReasonForm
    warning: str = ""
    applies: Callable[[Any], bool] = field(default=lambda _obj: True)
    affected: Callable[[Sequence[Any]], str] | None = None


def reason_note(request: HttpRequest) -> str:
    """The reason that the person typed, put where change rows find it."""
    reason = request.POST.get("reason", "").strip()[:500]
    current().reason = reason
    return reason


def action_run(
    screen: GovernedAdmin[Any], request: HttpRequest, action: ObjectAction, chosen: QuerySet[Any], *, back: str
) -> HttpResponseBase:
    """Ask, or (the question being answered) do it and tell what was refused."""
    objects = list(chosen[: MOST + 1])
    if len(objects) > MOST:
        screen.message_user(request, f"More than {MOST} are selected: choose fewer.", messages.WARNING)
        return HttpResponseRedirect(back)
    if "confirmed" not in request.POST:
        return _question(screen, request, action, objects, action.form(), back)
    form = action.form(request.POST)
    if not form.is_valid():
        return _question(screen, request, action, objects, form, back)
    reason_note(request)
    told: list[Told | None] = []
    faults: list[tuple[str, Any]] = []
    for obj in objects:
        name = str(obj)
        try:
            secret = action.perform(request, obj, form.cleaned_data)
        except FAULTS as fault:
            faults.append((name, fault))
        else:
            told.append(secret)
    if len(objects) == 1 and faults and _is_about(form, faults[0][1]):
        fault_apply(form, faults[0][1], names=form.fault_names)
        return _question(screen, request, action, objects, form, back)
    _report(screen, request, action, len(told), faults)
    shown = [one for one in told if one is not None]
    return shown_once(screen, request, shown, back=back) if shown else HttpResponseRedirect(back)


def shown_once(screen: GovernedAdmin[Any], request: HttpRequest, told: list[Told], *, back: str) -> TemplateResponse:
    """The page that shows secrets for the only time; never stored, never cached."""
    context = {
        **screen.admin_site.each_context(request),
        "title": "Shown once",
        "opts": screen.opts,
        "told": told,
        "back": back,
    }
    response = TemplateResponse(request, "admin/shown_once.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _question(
    screen: GovernedAdmin[Any], request: HttpRequest, action: ObjectAction, objects: list[Model], form: Form, back: str
) -> TemplateResponse:
    context = {
        **screen.admin_site.each_context(request),
        "title": action.label,
        "opts": screen.opts,
        "action": action,
        "objects": objects[:SHOWN],
        "more": max(0, len(objects) - SHOWN),
        "number": len(objects),
        "affected": action.affected(objects) if action.affected else "",
        "form": form,
        "back": back,
        "posted": request.POST.get("action", "") or action.name,
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        "checked": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "admin/confirm_action.html", context)


def _is_about(form: ReasonForm, fault: Any) -> bool:
    """Whether the refusal is about what was typed into this form."""
    return any(form.fault_names.get(name, name) in form.fields for name, _words in fault_lines(fault))


def _report(
    screen: GovernedAdmin[Any], request: HttpRequest, action: ObjectAction, done: int, faults: list[tuple[str, Any]]
) -> None:
    opts = screen.opts
    if done:
        kind = opts.verbose_name if done == 1 else opts.verbose_name_plural
        screen.message_user(request, f"{done} {kind} {action.done}.", messages.SUCCESS)
    for name, fault in faults[:SHOWN]:
        screen.message_user(request, f"{name}: {fault_text(fault)}", messages.ERROR)
    if len(faults) > SHOWN:
        screen.message_user(request, f"… and {len(faults) - SHOWN} more were refused.", messages.ERROR)


def action_in_list(action: ObjectAction) -> Any:
    """The action as Django's list wants it: a function of screen, request and chosen rows."""

    def run(screen: GovernedAdmin[Any], request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        return action_run(screen, request, action, queryset, back=request.get_full_path())

    return run
