"""The rows of the options table: what a holder has, what it inherits, and the typed widget of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString

from config.encryption import SealBroken
from config.policy import may
from config.principal import Principal
from environment.declarations import (
    BooleanOption,
    ChoiceOption,
    DurationOption,
    IntegerOption,
    ListOption,
    OptionDeclaration,
    holder_kind,
    registry,
)
from environment.models import Application, ContactCenter, Option
from environment.services.options import SetHolder, option_is_secret

LONG = 80
"""Characters from which a value gets a box of several lines."""
_LEVELS = {"application": "application", "contact-center": "contact center", "installation": "installation"}
_EMPTY_MEANS_UNSET = (BooleanOption, ChoiceOption, IntegerOption, DurationOption)


@dataclass
class Row:
    """One option of the table. ``option`` is the row set at this very holder; ``inherited`` the value without it."""

    section: str
    name: str
    declaration: OptionDeclaration[Any] | None
    option: Option | None
    level: str
    text: str
    inherited: str
    is_secret: bool
    editable: bool
    typed: str | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """``section/option``, as Genesys Administrator names it."""
        return f"{self.section}/{self.name}"

    @property
    def anchor(self) -> str:
        """An id for the page."""
        return "option-" + "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in self.key)

    @property
    def default(self) -> str:
        """The declared default in words; secrets have none to tell."""
        if self.declaration is None or self.is_secret:
            return ""
        return self.declaration.format(self.declaration.default) or "empty"

    @property
    def widget(self) -> SafeString:
        """The input; of a secret never with its value."""
        attrs = {"id": self.anchor, "aria-label": self.key, "aria-describedby": f"{self.anchor}-help"}
        if self.errors:
            attrs["aria-invalid"] = "true"
        shown = "" if self.is_secret else self.text if self.typed is None else self.typed
        return _widget(self).render(f"value:{self.key}", shown, attrs)

    def wanted(self, posted: Mapping[str, str]) -> tuple[bool, str | None]:
        """(whether the form changes it, the new text; None takes it away)."""
        if self.option is not None and f"remove:{self.key}" in posted:
            return True, None
        typed, was = (_lines(posted.get(f"{what}:{self.key}", "")) for what in ("value", "was"))
        self.typed = typed
        if self.is_secret:
            return bool(typed), typed
        if f"value:{self.key}" not in posted or typed == was:
            return False, None
        if not typed and (self.option is None or isinstance(self.declaration, _EMPTY_MEANS_UNSET)):
            return self.option is not None, None
        return True, typed


def rows_of(holder: SetHolder, principal: Principal) -> list[Row]:
    """Declared options of this kind of holder and unknown ones that are set here, by section and name."""
    options = {(one.section, one.name): one for one in _set_here(holder)}
    declared = {(one.section, one.name): one for one in registry() if holder_kind(holder) in one.holders}
    writable = may(principal, "write", Option(owner_id=_owner_of(holder)))
    return [
        _row(holder, key, declared.get(key), options.get(key), principal, writable)
        for key in sorted(options.keys() | declared.keys())
    ]


def _row(
    holder: SetHolder,
    key: tuple[str, str],
    declaration: OptionDeclaration[Any] | None,
    option: Option | None,
    principal: Principal,
    writable: bool,
) -> Row:
    section, name = key
    level, inherited = _inherited(declaration, holder)
    secret = option.sealed if option is not None and declaration is None else option_is_secret(section, name, holder)
    editable = writable and (declaration is None or declaration.set_by != "installation" or principal.everywhere)
    text = "" if secret or option is None else _canonical(declaration, option.value)
    return Row(
        section,
        name,
        declaration,
        option,
        "here" if option is not None else level,
        text,
        "" if secret else inherited,
        secret,
        editable,
    )


def _inherited(declaration: OptionDeclaration[Any] | None, holder: SetHolder) -> tuple[str, str]:
    """(level, text) of the value in force; when it is set here this is not looked at."""
    if declaration is None:
        return "", ""
    try:
        value, level = declaration.explain(holder)
    except SealBroken:
        return "sealed under another key", ""
    return _LEVELS.get(level, level), "" if declaration.secret else declaration.format(value)


def _canonical(declaration: OptionDeclaration[Any] | None, text: str) -> str:
    """A boolean or choice as its widget writes it; anything else as it was typed."""
    if not isinstance(declaration, (BooleanOption, ChoiceOption)):
        return text
    typed: OptionDeclaration[Any] = declaration
    try:
        return typed.format(typed.parse(text))
    except ValidationError:
        return text


def _widget(row: Row) -> forms.Widget:
    declaration, hint = row.declaration, row.inherited
    if row.is_secret:
        dots = "\N{BULLET}" * 8 if row.option is not None else "not set here"
        return forms.PasswordInput(attrs={"placeholder": dots, "autocomplete": "new-password"})
    if isinstance(declaration, (BooleanOption, ChoiceOption)):
        words = ("true", "false") if isinstance(declaration, BooleanOption) else declaration.choices
        here = [] if row.text in ("", *words) else [(row.text, f"{row.text} (invalid)")]
        unset = "not set here" if row.option is not None else f"{hint} ({row.level})"
        return forms.Select(choices=[("", unset), *((word, word) for word in words), *here])
    if isinstance(declaration, IntegerOption):
        bounds = {"min": declaration.minimum, "max": declaration.maximum}
        return forms.NumberInput(attrs={"placeholder": hint, **{k: v for k, v in bounds.items() if v is not None}})
    if isinstance(declaration, DurationOption):
        return forms.NumberInput(attrs={"placeholder": hint, "min": 0})
    if isinstance(declaration, ListOption) or len(row.text) > LONG or "\n" in row.text:
        return forms.Textarea(attrs={"placeholder": hint, "rows": 2, "spellcheck": "false"})
    return forms.TextInput(attrs={"placeholder": hint, "spellcheck": "false"})


def _set_here(holder: SetHolder) -> list[Option]:
    rows = Option.objects.filter(
        application=holder if isinstance(holder, Application) else None,
        contact_center=holder if isinstance(holder, ContactCenter) else None,
    )
    return list(rows)


def _owner_of(holder: SetHolder) -> UUID | None:
    return holder.contact_center_id if isinstance(holder, Application) else holder.pk if holder is not None else None


def _lines(text: str) -> str:
    """Browsers send line ends as CR LF."""
    return text.replace("\r\n", "\n")
