"""Rules over several options of one holder, which no single declaration can judge.

::

    @option_rule(SCHEME, USER_ID, PASSWORD)
    def basic_needs_a_pair(named: Named, standing: Standing) -> Iterator[FieldError]:
        if named.get("security/auth-scheme") == "Basic" and not standing.get("security/user-id"):
            yield FieldError("security/user-id", "required", "Basic needs a user id.")

A rule is asked by every save that names one of its options, with the values as that save would leave them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from config.encryption import SealBroken
from config.http.errors import FieldError
from environment.declarations.base import OptionDeclaration, holder_kind
from environment.errors import OptionRefused
from environment.models import Application, ContactCenter
from environment.selectors import options_at
from environment.snapshots import option_plain

Named: TypeAlias = Mapping[str, str | None]
"""What a save says: ``section/name`` → text; None: taken away. An option that keeps its value is named too."""
Standing: TypeAlias = Mapping[str, str]
"""What the holder itself has then, by ``section/name``; a value whose seal does not open counts as none."""
Judge: TypeAlias = Callable[[Named, Standing], Iterable[FieldError]]


@dataclass(frozen=True, slots=True)
class OptionRule:
    """A rule, the options that wake it, and the kinds of holders that have all of them."""

    judge: Judge
    options: frozenset[str]
    holders: frozenset[str]


_rules: list[OptionRule] = []


def option_rule(*options: OptionDeclaration[Any]) -> Callable[[Judge], Judge]:
    """Declare the decorated function as a rule over these options. Its faults name options as ``section/name``."""

    def declare(judge: Judge) -> Judge:
        holders = frozenset.intersection(*(one.holders for one in options))
        _rules.append(OptionRule(judge, frozenset(map(str, options)), holders))
        return judge

    return declare


def rule_faults(
    holder: Application | ContactCenter | None, named: Named, *, stored: Application | ContactCenter | None
) -> Iterator[FieldError]:
    """What the rules of this kind of holder refuse. Call it when ``stored`` has what was named, or before that: what is
    named counts over what is stored. ``stored`` without a key has nothing yet.
    """
    kind = holder_kind(holder)
    awake = [rule for rule in _rules if kind in rule.holders and not rule.options.isdisjoint(named)]
    if not awake:
        return
    there = {} if stored is not None and stored._state.adding else standing_of(stored)
    then = {key: text for key, text in ({**there, **named}).items() if text is not None}
    for rule in awake:
        yield from rule.judge(named, then)


def judged_with(holder: Application | ContactCenter | None, names: Collection[str]) -> frozenset[str]:
    """These options, and those that a rule judges together with one of them."""
    kind = holder_kind(holder)
    awake = [rule.options for rule in _rules if kind in rule.holders and not rule.options.isdisjoint(names)]
    return frozenset(names).union(*awake)


def rules_require(holder: Application | ContactCenter | None, values: Mapping[tuple[str, str], str | None]) -> None:
    """What a save just left must break no rule: else it is undone by this. Raises OptionRefused."""
    named = {f"{section}/{name}": value for (section, name), value in values.items()}
    faults = list(rule_faults(holder, named, stored=holder))
    if faults:
        raise OptionRefused(faults[0].message, fields=faults)


def standing_of(holder: Application | ContactCenter | None) -> dict[str, str]:
    """The clear values set at this very holder, as rows; those that do not open are left out."""
    found: dict[str, str] = {}
    for row in options_at(holder):
        try:
            found[str(row)] = option_plain(row)
        except (SealBroken, UnicodeDecodeError):
            continue
    return found
