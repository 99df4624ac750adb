"""The types of options. Texts are read as Genesys' servers read theirs: booleans and choices in any case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError

from environment.declarations.base import MAX_TEXT, OptionDeclaration

Check = Callable[[str], object]
"""Raises ValidationError for a text that cannot be taken."""

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_UNITS = {"milliseconds": 0.001, "seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}


class TextOption(OptionDeclaration[str]):
    """One line of text, or several; ``check`` raises ValidationError for what cannot be taken."""

    def __init__(
        self,
        *,
        max_length: int = MAX_TEXT,
        pattern: str = "",
        check: Check | None = None,
        valid_values: str = "",
        **rest: Any,
    ) -> None:
        self.max_length = max_length
        self.pattern = re.compile(pattern) if pattern else None
        self.check = check
        self.valid_values = valid_values or "text"
        super().__init__(**rest)

    def parse(self, text: str) -> str:
        if len(text) > self.max_length:
            raise ValidationError(f"This is longer than {self.max_length} characters.")
        if self.pattern and not self.pattern.fullmatch(text):
            raise ValidationError(f"This is not of the form wanted: {self.valid_values}.")
        if self.check:
            self.check(text)
        return text


class IntegerOption(OptionDeclaration[int]):
    """A whole number between ``minimum`` and ``maximum``, both taken; ``unit`` is for people."""

    def __init__(self, *, minimum: int | None = None, maximum: int | None = None, unit: str = "", **rest: Any) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.unit = unit
        self.valid_values = _range_in_words(minimum, maximum, unit)
        super().__init__(**rest)

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()):
            raise ValidationError("This is a whole number.")
        value = int(text)
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            raise ValidationError(f"This is {self.valid_values}.")
        return value


class DurationOption(OptionDeclaration[timedelta]):
    """A span of time, written as a whole number of ``unit`` (milliseconds, seconds, minutes, hours, days)."""

    def __init__(
        self, *, minimum: timedelta | None = None, maximum: timedelta | None = None, unit: str = "seconds", **rest: Any
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.unit = unit
        self.valid_values = _range_in_words(self._units(minimum), self._units(maximum), unit)
        super().__init__(**rest)

    def parse(self, text: str) -> timedelta:
        if not re.fullmatch(r"[0-9]{1,12}", text.strip()):
            raise ValidationError(f"This is a whole number of {self.unit}.")
        value = timedelta(seconds=int(text) * _UNITS[self.unit])
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            raise ValidationError(f"This is {self.valid_values}.")
        return value

    def format(self, value: timedelta) -> str:
        return str(self._units(value))

    def _units(self, value: timedelta | None) -> int | None:
        return None if value is None else round(value.total_seconds() / _UNITS[self.unit])


class BooleanOption(OptionDeclaration[bool]):
    """true, yes, on, 1; or false, no, off, 0; in any case."""

    valid_values = "true or false"

    def parse(self, text: str) -> bool:
        word = text.strip().casefold()
        if word not in _TRUE | _FALSE:
            raise ValidationError("This is true or false.")
        return word in _TRUE

    def format(self, value: bool) -> str:
        return "true" if value else "false"


class ChoiceOption(OptionDeclaration[str]):
    """One of ``choices``, typed in any case; the value is the word as declared."""

    def __init__(self, *, choices: Iterable[str], **rest: Any) -> None:
        self.choices = tuple(choices)
        self.valid_values = " | ".join(self.choices)
        super().__init__(**rest)

    def parse(self, text: str) -> str:
        typed = text.strip().casefold()
        for choice in self.choices:
            if choice.casefold() == typed:
                return choice
        raise ValidationError(f"This is one of: {', '.join(self.choices)}.")


class ListOption(OptionDeclaration[tuple[str, ...]]):
    """Texts with commas between; blanks around them and empty ones do not count. ``check`` judges each."""

    def __init__(self, *, check: Check | None = None, valid_values: str = "", **rest: Any) -> None:
        self.check = check
        self.valid_values = valid_values or "texts with commas between"
        super().__init__(**rest)

    def parse(self, text: str) -> tuple[str, ...]:
        items = self.split(text)
        for item in items if self.check else ():
            self.check(item)  # type: ignore[misc]
        return items

    @staticmethod
    def split(text: str) -> tuple[str, ...]:
        """The texts of a stored value, unjudged: it may be older than the check."""
        return tuple(item.strip() for item in text.split(",") if item.strip())

    def format(self, value: tuple[str, ...]) -> str:
        return ", ".join(value)


def _range_in_words(minimum: int | None, maximum: int | None, unit: str) -> str:
    said = f"a whole number of {unit}" if unit else "a whole number"
    if minimum is not None and maximum is not None:
        return f"{said}, {minimum} to {maximum}"
    if minimum is not None:
        return f"{said}, {minimum} or more"
    return said if maximum is None else f"{said}, at most {maximum}"
