"""What a form could not offer, because its reader may not see it, is never dropped by saving the form."""

from __future__ import annotations

from typing import Any

from django import forms


def with_unseen(form: forms.ModelForm, name: str) -> list[Any]:
    """The whole new list of a many-to-many field: what was chosen, and the stored rows that the field did not offer."""
    chosen = list(form.cleaned_data[name])
    if form.instance.pk is None:
        return chosen
    field: Any = form.fields[name]
    unseen = getattr(form.instance, name).exclude(pk__in=field.queryset.values("pk"))
    return [*chosen, *unseen]


def or_unseen(form: forms.ModelForm, name: str) -> Any:
    """What was chosen; when that is nothing, the stored row that the field did not offer. For ``clean_<field>``."""
    chosen = form.cleaned_data[name]
    stored = form.initial.get(name)
    field: Any = form.fields[name]
    if chosen is not None or form.instance.pk is None or stored is None:
        return chosen
    present = getattr(form.instance, name)
    return None if field.queryset.filter(pk=stored).exists() else present
