"""Texts that an administrator looks for in a gateway's answer. No regular expressions: they could be made to hang."""

from __future__ import annotations


def matches(pattern: str, text: str) -> bool:
    """Whether one of the pattern's lines is in the text, whatever the case; ``*`` stands for anything between."""
    folded = text.casefold()
    return any(_is_in(line.strip().casefold(), folded) for line in pattern.splitlines() if line.strip())


def _is_in(line: str, text: str) -> bool:
    """Piece after piece, each behind the one before: linear in the text."""
    place = 0
    for piece in filter(None, line.split("*")):
        found = text.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return True
