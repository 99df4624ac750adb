"""What is to be delivered, and how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from environment.models import Application
from twofactor.models import Challenge, Method


@dataclass(frozen=True, slots=True)
class CodeMessage:
    """One code for one destination. ``to`` is an address, or a number in E.164; ``minutes`` is the code's life.

    ``challenge`` is None for a test send; ``ordinal`` numbers the codes of one call.
    """

    application: Application
    method: Method
    to: str = field(repr=False)
    code: str = field(repr=False)
    challenge: Challenge | None = None
    ordinal: int = 1
    minutes: int = 5
    test_call: bool = False
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


class Verdict(StrEnum):
    """What all gateways together came to. A code whose fate is unknown may have arrived."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    FAILED = "failed"
