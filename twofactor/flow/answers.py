"""What every face tells the caller: one shape for REST, VoiceXML and the try-out page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu."""

    key: str
    method: str
    label: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What to say, and what to wait for. Of ``digits``, how many: ``fewest`` to ``most``; usually ``length`` (0: who
    knows).

    ``can_resend``: there is another code to ask for; not where the customer's own authenticator shows it.
    """

    text: str
    input: Literal["menu", "digits"]
    choices: tuple[Choice, ...] = ()
    fewest: int = 0
    most: int = 0
    length: int = 0
    can_resend: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a call stands. ``step`` counts the prompts; ``retry_after`` is in seconds, 0 when nothing is to be waited
    for; ``variables`` are those that a service or the application set. ``prompt`` is None, and ``path`` set, at the end
    (a hang-up has the path "hangup").
    """

    id: str
    state: Literal["select", "enter", "ended"]
    prompt: Prompt | None = None
    path: str | None = None
    retry_after: int = 0
    step: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)
