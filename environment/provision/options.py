"""Options inside the rows of their holders: ``options: {section/name: value}``; a value left empty takes it away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator

from environment.declarations import rule_faults
from environment.errors import OptionRefused
from environment.models import Application, ContactCenter, Option
from environment.provision.faults import Fault
from environment.provision.kinds import Step
from environment.services import option_plain, options_set_many
from environment.services.options import SetHolder, option_is_secret, option_judge


def _names(options: dict[str, str | None]) -> dict[str, str | None]:
    if any(not section or not name for section, _, name in (key.partition("/") for key in options)):
        raise ValueError("options are named section/name")
    return options


OptionMap: TypeAlias = Annotated[dict[str, str | None], AfterValidator(_names)]
"""``section/name`` → value as text; None takes the option away."""


def options_now(holder: SetHolder, names: OptionMap) -> dict[str, str | None]:
    """The clear values that a stored holder has of these options; None where it has none."""
    rows = Option.objects.filter(
        application=holder if isinstance(holder, Application) else None,
        contact_center=holder if isinstance(holder, ContactCenter) else None,
    )
    there = {str(option): option_plain(option) for option in rows}
    return {name: there.get(name) for name in names}


def options_write(holder: SetHolder, options: OptionMap) -> None:
    """Set those that differ from what the holder has."""
    now = options_now(holder, options)
    changed: dict[tuple[str, str], str | None] = {}
    for key, value in options.items():
        if now[key] != value:
            section, _, name = key.partition("/")
            changed[section, name] = value
    if changed:
        options_set_many(holder=holder, values=changed)


def options_judge(step: Step[Any, Any], holder: SetHolder, options: OptionMap) -> Iterator[Fault]:
    """What the declarations refuse, each with its line. ``holder`` may be one that is not stored yet."""
    for key, value in options.items():
        section, _, name = key.partition("/")
        try:
            option_judge(holder=holder, section=section, name=name, value=value or "")
        except OptionRefused as refused:
            if value is not None:
                yield from (step.entry.fault(fault.message, "options", key) for fault in refused.fields)
    stored = step.obj if isinstance(step.obj, Application | ContactCenter) else holder
    for broken in rule_faults(holder, options, stored=stored):
        yield step.entry.fault(broken.message, "options", *_key_of(broken.field, options))


def _key_of(option: str, options: OptionMap) -> tuple[str, ...]:
    """Where a rule's fault stands: at the option when the file has it, else at the options as a whole."""
    return (option,) if option in options else ()


def is_secret(holder: SetHolder, field_name: str) -> bool:
    """Whether the plan's field ``options section/name`` holds a secret."""
    word, _, key = field_name.partition(" ")
    section, _, name = key.partition("/")
    return word == "options" and option_is_secret(section, name, holder)
