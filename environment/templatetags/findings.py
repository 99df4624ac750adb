"""What ``environment.findings`` says, on pages of the admin."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from config.http import principal_of
from environment.findings import Finding, findings_about, findings_for
from environment.models import Application

register = template.Library()
_PAGE = "admin/environment/findings.html"


@register.inclusion_tag(_PAGE, takes_context=True)
def findings_here(context: dict[str, Any], about: Any = None) -> dict[str, Any]:
    """Those about the object of this page; they stand where they are mended, so that no link is needed at its own."""
    found = findings_about(about) if isinstance(about, Model) else []
    return {"lines": [(one, "" if one.holder == about else finding_url(one)) for one in found]}


@register.inclusion_tag(_PAGE, takes_context=True)
def findings_seen(context: dict[str, Any]) -> dict[str, Any]:
    """Those that the person of this page may see."""
    return {"lines": [(one, finding_url(one)) for one in findings_for(principal_of(context["request"]))]}


def finding_url(finding: Finding) -> str:
    """Where to mend it: options of an application or the installation, else the object's page; "" without a page."""
    holder = finding.holder
    try:
        if holder is None:
            return reverse("admin:environment_installation_options")
        view = "options" if isinstance(holder, Application) else "change"
        return reverse(f"admin:{holder._meta.app_label}_{holder._meta.model_name}_{view}", args=[quote(holder.pk)])
    except NoReverseMatch:
        return ""
