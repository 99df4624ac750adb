"""The form of every governed object, and fields that the rooms' forms share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest

from config.admin.faults import Fault, fault_apply
from config.http.errors import MalformedJson
from config.http.json import read_json


class ReasonForm(forms.Form):
    """What every confirmation asks: why. ``fault_names`` maps a service's names of fields to the form's."""

    fault_names: ClassVar[Mapping[str, str]] = {}
    reason = forms.CharField(
        required=False,
        max_length=500,
        label="Reason",
        help_text="Kept in the change log, or with the security event.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class GovernedForm(forms.ModelForm):
    """A model's form with a reason; what the service refused stands at its fields (``GovernedAdmin``)."""

    request: ClassVar[HttpRequest]
    fault_names: ClassVar[Mapping[str, str]] = {}
    reason = forms.CharField(
        required=False,
        max_length=500,
        label="Reason",
        help_text="Why, for the change log.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        fault: Fault | None = getattr(self.request, "deskgate_fault", None)
        if fault is not None:
            fault_apply(self, fault, names=self.fault_names)
        return cleaned


class LinesField(forms.CharField):
    """A list of texts, one per line: blanks around them and empty lines do not count."""

    widget = forms.Textarea

    def __init__(self, **rest: Any) -> None:
        shape = {"rows": 4, "cols": 60, "class": "dg-lines", "spellcheck": "false"}
        rest.setdefault("widget", forms.Textarea(attrs=shape))
        super().__init__(**rest)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(item) for item in value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        if isinstance(value, (list, tuple)):
            return [str(item) for item in value]
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The model's validators judge the list; those of a text field do not apply."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class JsonField(forms.CharField):
    """A JSON object as text, by the one reader of JSON; what it refuses stands at the field."""

    def __init__(self, **rest: Any) -> None:
        rest.setdefault("widget", forms.Textarea(attrs={"rows": 4, "cols": 60, "spellcheck": "false"}))
        super().__init__(**rest)

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if not value.strip():
            return {}
        try:
            return read_json(value.encode("utf-8", "surrogatepass"))
        except MalformedJson as refused:
            raise forms.ValidationError(refused.message.replace("The request body", "This")) from None

    def validate(self, value: Any) -> None:
        """The model's validators judge the value; those of a text field do not apply."""

    def run_validators(self, value: Any) -> None:
        """As above."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except forms.ValidationError:
            return True


class ChoicesListField(forms.MultipleChoiceField):
    """A JSON list whose usual members are check boxes; unusual ones that are there stay choosable."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, choices: list[tuple[str, str]], present: list[str]) -> None:
        """Offer these, and what the row holds beside them."""
        known = {value for value, _label in choices}
        self.choices = [*choices, *((value, f"{value} (unknown)") for value in present if value not in known)]
