"""“Two Factor Authentication Settings…” of an application: one form, saved as a whole or not at all. No script."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from config.admin.faults import fault_lines
from config.http.errors import Refusal
from environment.application_pages import Frame, application_page
from environment.declarations.rules import judged_with
from environment.errors import OptionsChanged
from environment.models import Application
from environment.selectors import options_at
from environment.services import options_set_many, options_tag
from twofactor.admin.settings_fields import PATHS_LIST, Field, fields_of, groups_of, paths_known
from twofactor.options.settings import DEFAULT_PATHS, PATHS

_TYPE_AGAIN = "What was typed here is not kept: type it again."


@application_page(
    Application.Type.TWO_FACTOR,
    name="two-factor-settings",
    label="Two Factor Authentication Settings…",
    level="write",
)
def settings_page(request: HttpRequest, application: Application, frame: Frame) -> HttpResponseBase:
    """Show the settings; store what a sent form changes, if nobody else saved since it was shown."""
    options = options_at(application)
    fields, faults = fields_of(options), list[str]()
    if request.method == "POST":
        tag = request.POST.get("tag", "")
        try:
            options_set_many(holder=application, values=_wanted(request, application, fields), tags=(tag,))
        except OptionsChanged:
            # What he typed stays; what he did not touch is shown as the other one left it.
            options = options_at(application)
            fields = fields_of(options)
            _wanted(request, application, fields)
            faults.append(
                "Somebody else saved options of this application meanwhile. Nothing was saved, and what you typed is "
                "still here: look at what is marked, then save again."
            )
        except Refusal as refusal:
            _put(refusal, fields, faults)
        else:
            messages.success(request, f"The two-factor settings of {application} were saved.")
            return HttpResponseRedirect(frame.back if "_save" in request.POST else request.path)
        for one in fields.values():
            if one.is_secret and one.typed:
                one.errors.append(_TYPE_AGAIN)
    context = {
        "application": application,
        "groups": list(groups_of(fields)),
        "paths_list": PATHS_LIST,
        "paths": paths_known(fields, DEFAULT_PATHS, PATHS),
        "tag": options_tag(options),
        "faults": faults,
        "wrong": sum(bool(one.errors) for one in fields.values()),
        "options_url": reverse("admin:environment_application_options", args=[application.pk]),
    }
    return TemplateResponse(request, "admin/twofactor/settings.html", frame.context | context)


def _wanted(
    request: HttpRequest, application: Application, fields: dict[str, Field]
) -> dict[tuple[str, str], str | None]:
    """What the form changes, and, named with their values, those that a rule judges together with it."""
    wanted: dict[tuple[str, str], str | None] = {}
    for one in fields.values():
        is_changed, text = one.wanted(request.POST)
        if is_changed:
            wanted[one.declaration.section, one.declaration.name] = text
    together = judged_with(application, {f"{section}/{name}" for section, name in wanted})
    for key in together & fields.keys():
        beside = fields[key]
        if beside.row is not None and not beside.is_secret:
            wanted.setdefault((beside.row.section, beside.row.name), beside.row.value)
    return wanted


def _put(refusal: Refusal, fields: dict[str, Field], faults: list[str]) -> None:
    """Each fault at its field."""
    for key, words in fault_lines(refusal):
        (fields[key].errors if key in fields else faults).append(words)
