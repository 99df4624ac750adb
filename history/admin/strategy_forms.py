"""Forms of engagement strategies. A password is typed, and never shown again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from config.admin.forms import GovernedForm, ReasonForm
from history.models import Strategy, StrategyVersion
from history.selectors.strategies import version_state
from history.workflow import LONGEST, Variable


class StrategyForm(GovernedForm):
    """The properties of the Entry point. An empty password keeps the one that is there."""

    fault_names: ClassVar = {"password": "new_password"}
    new_password = forms.CharField(
        required=False,
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Of the History REST API. Empty: it stays as it is; without a user there is none. Never shown again.",
    )

    class Meta:
        model = Strategy
        fields = (
            "application",
            "name",
            "user",
            "base_url",
            "pages_at_least",
            "events_at_least",
            "user_variable",
            "password_variable",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.password and "new_password" in self.fields:
            self.fields["new_password"].widget.attrs["placeholder"] = "\N{BULLET}" * 8
        for name in {"user", "name"} & self.fields.keys():
            # Beside a password a browser takes it for a user name to remember.
            self.fields[name].widget.attrs["autocomplete"] = "off"


class DeployForm(ReasonForm):
    """Which version."""

    version = forms.TypedChoiceField(coerce=int)
    field_order = ("version", "reason")

    def __init__(self, strategy: Strategy, versions: Sequence[StrategyVersion], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [  # type: ignore[attr-defined]
            (one.number, f"{one}, {version_state(one, strategy).label}, made {one.made_at:%Y-%m-%d %H:%M} UTC")
            for one in versions
        ]


class UploadForm(ReasonForm):
    """The file."""

    file = forms.FileField(
        label="default.workflow",
        help_text=f"As Composer stored it, at most {LONGEST // 1024} KiB. It is kept sealed.",
    )
    field_order = ("file", "reason")


class MappingForm(ReasonForm):
    """Which of the Entry variables are the credentials."""

    user_variable = forms.ChoiceField(label="User")
    password_variable = forms.ChoiceField(label="Password")
    field_order = ("user_variable", "password_variable", "reason")

    def __init__(self, variables: Sequence[Variable], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Those that a person made come first; Composer's own are hardly ever meant.
        names = [one.name for one in sorted(variables, key=lambda one: one.type == "System")]
        for field in ("user_variable", "password_variable"):
            self.fields[field].choices = [("", "choose"), *((name, name) for name in names)]  # type: ignore[attr-defined]
