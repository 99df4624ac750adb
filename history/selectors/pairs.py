"""The three options of one side as they stand: what the History API demands, and what a client sends."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from config.encryption import SealBroken
from environment.declarations import OptionDeclaration
from environment.models import Application
from history.options import OF_SERVER, OF_WORKSPACE, PairOptions


@dataclass(frozen=True, slots=True)
class PairSet:
    """One side's options. ``missing`` and ``unreadable`` are options as ``section/name``; of the latter nothing holds.

    ``is_basic``: they demand exactly this pair. ``is_none``: they demand nothing. Neither: nobody has what they demand.
    """

    scheme: str
    user_id: str
    password: str = field(repr=False)
    missing: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    is_set: bool = True
    """Whether any of the three is set at all."""

    @property
    def is_basic(self) -> bool:
        return self.scheme == "Basic" and not self.missing and not self.unreadable

    @property
    def is_none(self) -> bool:
        return self.scheme == "none" and not self.missing and not self.unreadable

    @property
    def fault(self) -> str:
        """Why nobody gets in, in words without a value; "" for a whole set."""
        if self.unreadable:
            return f"not readable: {', '.join(self.unreadable)}"
        return f"missing: {', '.join(self.missing)}" if self.missing else ""


def server_pair(application: Application) -> PairSet:
    """What a Web Engagement Server application demands."""
    return pair_set(OF_SERVER, application)


def workspace_pair(application: Application) -> PairSet:
    """What the plug-in of an Interaction Workspace application sends."""
    return pair_set(OF_WORKSPACE, application)


def pair_set(options: PairOptions, application: Application) -> PairSet:
    """The options as the application has them; a part of a set is missing the others."""
    found: dict[str, str] = {}
    given: set[str] = set()
    unreadable = []
    for option in options:
        try:
            value, level = option.explain_strictly(application)
        except (ValidationError, SealBroken, UnicodeDecodeError):
            unreadable.append(str(option))
            given.add(option.name)
            continue
        found[option.name] = value
        if level != "default":
            given.add(option.name)
    scheme = found.get(options.scheme.name, "")
    return PairSet(
        scheme=scheme,
        user_id=found.get(options.user_id.name, ""),
        password=found.get(options.password.name, ""),
        missing=tuple(str(each) for each in _missing(options, scheme, found, given)),
        unreadable=tuple(unreadable),
        is_set=bool(given),
    )


def _missing(options: PairOptions, scheme: str, found: dict[str, str], given: set[str]) -> list[OptionDeclaration[str]]:
    if scheme == "Basic":
        return [each for each in (options.user_id, options.password) if not found.get(each.name, "x")]
    # A pair without a scheme was meant to lock: that nobody said so is no leave to open.
    return [options.scheme] if given and options.scheme.name not in given else []
