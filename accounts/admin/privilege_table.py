"""The privileges of a role as a table of check boxes: a row per object type, a column per level."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.privileges import CONTACT_CENTER_TYPES, INSTALLATION_TYPES, LEVELS, READ_SECRETS

TYPES = (*CONTACT_CENTER_TYPES, *INSTALLATION_TYPES)


class PrivilegeTable(forms.CheckboxSelectMultiple):
    """Rendered as a table; works without script."""

    template_name = "admin/accounts/privilege_table.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = set(value or ())
        context["levels"] = LEVELS
        context["rows"] = [
            (kind, [(level, f"{kind}:{level}", f"{kind}:{level}" in chosen) for level in LEVELS]) for kind in TYPES
        ]
        context["secrets"] = (READ_SECRETS, READ_SECRETS in chosen)
        return context

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """By the project's templates, which Django's own form renderer does not look into."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))


class PrivilegesField(forms.MultipleChoiceField):
    """The privileges that give rights here."""

    widget = PrivilegeTable
    choices_of_all: ClassVar = [(f"{kind}:{level}",) * 2 for kind in TYPES for level in LEVELS]

    def __init__(self, **rest: Any) -> None:
        super().__init__(choices=[*self.choices_of_all, (READ_SECRETS, READ_SECRETS)], **rest)
