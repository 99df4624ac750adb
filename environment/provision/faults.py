"""What is wrong with provisioning files, with file, line and path. The words quote no value: it may be a secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``line`` counts from 1 (0: the file as a whole); ``path`` such as ``users[2].roles``."""

    message: str
    file: Path | None = None
    line: int = 0
    path: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else str(self.file or "")
        return ": ".join(part for part in (where, self.path, self.message) if part)


class Faults(Exception):
    """Everything found wrong; nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))


def path_text(path: Sequence[str | int]) -> str:
    """``("users", 2, "roles")`` as ``users[2].roles``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text
