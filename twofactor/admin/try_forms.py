"""The form that begins a test call."""

from __future__ import annotations

from django import forms

from twofactor.flow.starting import LONGEST, MOST_VARIABLES

FIELD_NAMES = {"callId": "call_id"}
"""What the flow names otherwise than the form."""


class TryForm(forms.Form):
    """What the caller's system would send."""

    account = forms.CharField(
        max_length=LONGEST["account"], help_text="The reference that the caller gives, such as an account number."
    )
    cli = forms.CharField(label="Calling number", required=False, max_length=LONGEST["cli"])
    dnis = forms.CharField(label="Dialled number", required=False, max_length=LONGEST["dnis"])
    call_id = forms.CharField(
        label="Call ID",
        required=False,
        max_length=LONGEST["callId"],
        help_text="The same one again shows Skip Options at work.",
    )
    variables = forms.CharField(
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 40, "class": "dg-lines", "spellcheck": "false"}),
        help_text="One in each line: name=value.",
    )

    def clean_variables(self) -> dict[str, str]:
        """Name → value; a name that comes twice is refused."""
        found: dict[str, str] = {}
        for number, line in enumerate(str(self.cleaned_data["variables"]).splitlines(), 1):
            if not line.strip():
                continue
            name, mark, value = line.partition("=")
            name = name.strip()
            if not mark or not name:
                raise forms.ValidationError(f"Line {number}: write name=value.")
            if name in found:
                raise forms.ValidationError(f"Line {number}: this variable was given already.")
            found[name] = value.strip()
        if len(found) > MOST_VARIABLES:
            raise forms.ValidationError(f"Give at most {MOST_VARIABLES} variables.")
        return found
