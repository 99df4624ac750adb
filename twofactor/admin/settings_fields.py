"""The fields of the settings page: what each holds, its typed input, and what a sent form wants of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString

from environment.declarations import BooleanOption, ChoiceOption, IntegerOption, ListOption, OptionDeclaration
from environment.models import Option
from twofactor.admin.settings_groups import GROUPS, PATH_OPTIONS, Group, Line

PATHS_LIST = "paths-known"
"""The id of the page's list of paths."""


@dataclass
class Field:
    """One line of the page. ``row`` is the option set at the application, ``stored`` the value in force as text.

    ``typed`` is what the sent form changes it to. ``is_overtaken``: it was changed by somebody else meanwhile.
    """

    line: Line
    row: Option | None
    stored: str
    typed: str | None = None
    is_overtaken: bool = False
    is_to_go: bool = False
    errors: list[str] = field(default_factory=list)

    @property
    def declaration(self) -> OptionDeclaration[Any]:
        return self.line.option

    @property
    def key(self) -> str:
        """``section/option``."""
        return str(self.declaration)

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return f"setting-{self.declaration.name}"

    @property
    def help(self) -> str:
        """What it is for, without the name that stands beside it."""
        told = self.declaration.help
        for name in (self.line.label, self.line.under):
            for mark in (": ", ". ", "."):
                if name and told.startswith(f"{name}{mark}"):
                    rest = told[len(name) + len(mark) :]
                    return rest[:1].upper() + rest[1:]
        return told

    @property
    def is_secret(self) -> bool:
        return self.declaration.secret

    @property
    def is_switch(self) -> bool:
        return isinstance(self.declaration, BooleanOption)

    @property
    def default(self) -> str:
        """The declared default as text; secrets have none to tell."""
        return "" if self.is_secret else _format(self.declaration, self.declaration.default)

    @property
    def told_default(self) -> str:
        """The same in words."""
        if self.is_switch:
            return "on" if self.default == "true" else "off"
        return self.default or "empty"

    @property
    def told_stored(self) -> str:
        """What counts now, for a form that another save overtook, and where the field stands elsewhere."""
        return ("on" if self.stored == "true" else "off") if self.is_switch else self.stored or "empty"

    @property
    def shown(self) -> str:
        """What the input holds; of a secret nothing."""
        return "" if self.is_secret else self.stored if self.typed is None else self.typed

    @property
    def widget(self) -> SafeString:
        """The input."""
        attrs: dict[str, Any] = {"id": self.anchor, "aria-describedby": f"{self.anchor}-help"}
        if self.errors:
            attrs["aria-invalid"] = "true"
        shown: Any = self.shown == "true" if self.is_switch else self.shown
        return _widget(self).render(f"value:{self.key}", shown, attrs)

    def wanted(self, posted: Mapping[str, str]) -> tuple[bool, str | None]:
        """(whether the form changes it, the new text; None: back to the default)."""
        if self.is_secret:
            self.typed = posted.get(f"value:{self.key}", "").strip() or None
            self.is_to_go = self.row is not None and f"remove:{self.key}" in posted
            return (True, None) if self.is_to_go else (self.typed is not None, self.typed)
        was = posted.get(f"was:{self.key}")
        typed = self._typed(posted)
        if was is None or typed == was:
            return False, None
        self.typed, self.is_overtaken = typed, self.stored not in (was, typed)
        if typed in ("", self.default):
            return self.row is not None, None
        return typed != self.stored, typed

    def _typed(self, posted: Mapping[str, str]) -> str:
        sent = posted.get(f"value:{self.key}", "")
        if self.is_switch:
            return "true" if sent else "false"
        text = sent.replace("\r\n", "\n")
        # A list may be typed with a line for each.
        return ", ".join(text.strip().split("\n")) if isinstance(self.declaration, ListOption) else text.strip()


def fields_of(options: Iterable[Option]) -> dict[str, Field]:
    """Every field of the page by ``section/option``, in the page's order; ``options`` are set at the application."""
    rows = {str(row): row for row in options}
    lines = [line for group in GROUPS for line in group.lines if not line.again]
    return {str(line.option): _field(line, rows.get(str(line.option))) for line in lines}


def groups_of(fields: Mapping[str, Field]) -> Iterator[tuple[Group, list[tuple[str, list[tuple[Line, Field]]]]]]:
    """The page: (group, [(name that its lines stand under or "", [(line, field)])])."""
    for group in GROUPS:
        shown = [(line, fields[str(line.option)]) for line in group.lines]
        yield group, [(under, list(several)) for under, several in groupby(shown, key=lambda one: one[0].under)]


def paths_known(fields: Mapping[str, Field], default: Sequence[str], paths: OptionDeclaration[Any]) -> list[str]:
    """The paths that may be named, as the form has them."""
    return list(dict.fromkeys([*default, *ListOption.split(fields[str(paths)].shown)]))


def _field(line: Line, row: Option | None) -> Field:
    declaration = line.option
    if declaration.secret:
        return Field(line, row, "")
    if row is None:
        return Field(line, None, _format(declaration, declaration.default))
    try:
        text = row.value
        if isinstance(declaration, (BooleanOption, ChoiceOption, IntegerOption)):
            text = _format(declaration, declaration.parse(text))
    except ValidationError:
        pass  # typed before the declaration became stricter: shown as it stands, to be mended
    return Field(line, row, text.replace("\r\n", "\n"))


def _format(declaration: OptionDeclaration[Any], value: Any) -> str:
    return declaration.format(value)


def _widget(one: Field) -> forms.Widget:
    declaration = one.declaration
    if one.is_secret:
        dots = "\N{BULLET}" * 8 if one.row is not None else "not set"
        return forms.PasswordInput(attrs={"placeholder": dots, "autocomplete": "new-password"})
    if isinstance(declaration, BooleanOption):
        return forms.CheckboxInput()
    if isinstance(declaration, ChoiceOption):
        odd = [] if one.shown in declaration.choices else [(one.shown, f"{one.shown} (invalid)")]
        named = [(word, word.capitalize() if word.islower() else word) for word in declaration.choices]
        return forms.Select(choices=[*odd, *named])
    quiet = {"placeholder": one.default, "spellcheck": "false", "autocomplete": "off"}
    if isinstance(declaration, IntegerOption):
        bounds = {"min": declaration.minimum, "max": declaration.maximum, "placeholder": one.default}
        return forms.NumberInput(attrs={key: bound for key, bound in bounds.items() if bound is not None})
    if isinstance(declaration, ListOption):
        return forms.Textarea(attrs=quiet | {"rows": 2})
    if declaration in PATH_OPTIONS:
        return forms.TextInput(attrs=quiet | {"list": PATHS_LIST})
    return forms.TextInput(attrs=quiet)
