"""The Options tab: a table Name, Section, Option, Value; New Option; Save & Close. No script needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from config.admin.faults import fault_lines
from config.admin.governed import GovernedAdmin
from config.admin.object_actions import reason_note
from config.http import principal_of
from config.http.errors import Refusal
from config.policy import may
from environment.admin.option_rows import Row, rows_of
from environment.declarations import registry
from environment.declarations.rules import judged_with
from environment.models import Application, ContactCenter, Installation, Option
from environment.services import option_set, options_set_many
from environment.services.options import SetHolder, option_is_secret


class NewOptionForm(forms.Form):
    """Section, Name, Value → OK."""

    section = forms.CharField(max_length=255, widget=forms.TextInput(attrs={"list": "declared-sections"}))
    name = forms.CharField(max_length=255, widget=forms.TextInput(attrs={"list": "declared-names"}))
    value = forms.CharField(required=False, strip=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))


def options_path(screen: GovernedAdmin[Any], *, single: bool = False) -> URLPattern:
    """The URL of the options table of a screen's objects; ``single``: of the installation."""
    opts = screen.opts

    def view(request: HttpRequest, object_id: str = "") -> HttpResponseBase:
        return options_view(screen, request, None if single else unquote(object_id))

    where = "options/" if single else "<path:object_id>/options/"
    return path(where, screen.admin_site.admin_view(view), name=f"{opts.app_label}_{opts.model_name}_options")


def options_url(holder: Application | ContactCenter) -> str:
    """Where the options of an application or contact center are."""
    return reverse(f"admin:environment_{holder._meta.model_name}_options", args=[quote(holder.pk)])


def options_button(holder: Application | ContactCenter) -> tuple[str, str]:
    """The button of the holder's own page."""
    return "Options", options_url(holder)


def options_link(holder: Application | ContactCenter) -> str:
    """The link in a list."""
    return format_html('<a href="{}">Options</a>', options_url(holder))


def options_view(screen: GovernedAdmin[Any], request: HttpRequest, object_id: str | None) -> HttpResponseBase:
    """Show the table; store what was changed in it, all or nothing; or add one option."""
    obj = _object(screen, request, object_id)
    holder: SetHolder = None if isinstance(obj, Installation) else obj  # type: ignore[assignment]
    rows = rows_of(holder, principal_of(request))
    new = NewOptionForm(request.POST if "_new" in request.POST else None)
    faults: list[str] = []
    if request.method == "POST":
        if not _may_write(request, holder):
            raise PermissionDenied
        reason_note(request)
        stored = _add(holder, new, rows) if "_new" in request.POST else _store(request, holder, rows, faults)
        if stored:
            messages.success(request, f"The options of {_title(holder)} were saved.")
            closes = "_save" in request.POST and holder is not None
            return HttpResponseRedirect(screen.list_url() if closes else request.path)
    return _page(screen, request, holder, rows=rows, new=new, faults=faults)


def _object(screen: GovernedAdmin[Any], request: HttpRequest, object_id: str | None) -> Model:
    obj = Installation.objects.get(pk=1) if object_id is None else screen.get_object(request, object_id)
    if obj is None:
        raise Http404("No such holder of options.")
    asking = principal_of(request)
    if not may(asking, "read", obj) or not may(asking, "read", Option):
        raise PermissionDenied
    return obj


def _store(request: HttpRequest, holder: SetHolder, rows: list[Row], faults: list[str]) -> bool:
    wanted: dict[tuple[str, str], str | None] = {}
    for row in rows:
        changed, text = row.wanted(request.POST) if row.editable else (False, None)
        if changed:
            wanted[row.section, row.name] = text
    # The form is about the whole table: what a rule judges together is judged as the table leaves it.
    together = judged_with(holder, {f"{section}/{name}" for section, name in wanted})
    for row in rows:
        if row.key in together and row.option is not None and not row.is_secret:
            wanted.setdefault((row.section, row.name), row.option.value)
    try:
        options_set_many(holder=holder, values=wanted)
    except Refusal as refusal:
        by_key = {row.key: row for row in rows}
        for key, words in fault_lines(refusal):
            (by_key[key].errors if key in by_key else faults).append(words)
        return False
    return True


def _add(holder: SetHolder, form: NewOptionForm, rows: list[Row]) -> bool:
    if not form.is_valid():
        return False
    section, name, value = (form.cleaned_data[key] for key in ("section", "name", "value"))
    if any(row.option is not None and (row.section, row.name) == (section, name) for row in rows):
        form.add_error("name", "This option is set here already: change it in the table.")
    else:
        try:
            option_set(holder=holder, section=section, name=name, value=value)
        except Refusal as refusal:
            for _key, words in fault_lines(refusal):
                form.add_error(None, words)
    if form.errors and option_is_secret(section, name, holder):
        form.fields["value"].widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return not form.errors


def _page(
    screen: GovernedAdmin[Any],
    request: HttpRequest,
    holder: SetHolder,
    *,
    rows: list[Row],
    new: NewOptionForm,
    faults: list[str],
) -> TemplateResponse:
    context = {
        **screen.admin_site.each_context(request),
        "title": f"Options of {_title(holder)}",
        "opts": screen.opts,
        "holder": holder,
        "rows": rows,
        "new": new,
        "faults": faults,
        "wrong": sum(bool(row.errors) for row in rows) or len(faults),
        "can_add": _may_write(request, holder),
        "sections": sorted({row.section for row in rows}),
        "names": sorted({row.name for row in rows if row.option is None}),
        "secrets": " ".join(str(one) for one in registry() if one.secret),
        "object_url": holder and screen.object_url(holder.pk),
        "changes_url": reverse("admin:activity_change_changelist"),
    }
    return TemplateResponse(request, "admin/environment/options.html", context)


def _may_write(request: HttpRequest, holder: SetHolder) -> bool:
    owner = holder.contact_center_id if isinstance(holder, Application) else holder.pk if holder else None
    return may(principal_of(request), "write", Option(owner_id=owner))


def _title(holder: SetHolder) -> str:
    return str(holder) if holder is not None else "this installation"
