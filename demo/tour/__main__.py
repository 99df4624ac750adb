"""``python -m demo.tour [URL]``: room after room; exit 1 with one line when no demo answers, or an answer differs.

A room is a file in ``demo/tour/rooms`` with ``TITLE``, ``ORDER`` and ``walk(visitor)``.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from importlib import import_module
from types import ModuleType

from demo.tour import rooms
from demo.tour.visitor import Astray, Visitor


def all_rooms() -> list[ModuleType]:
    """In the order in which they are walked."""
    found = [import_module(f"{rooms.__name__}.{each.name}") for each in pkgutil.iter_modules(rooms.__path__)]
    return sorted(found, key=lambda room: int(room.ORDER))


def address(words: list[str]) -> str:
    """Where the demo is: named, else as ``make run`` has it from HOST and PORT. Raises Astray for other words."""
    if not words:
        return f"http://{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
    if len(words) > 1 or not words[0].startswith(("http://", "https://")):
        raise Astray("usage: python -m demo.tour [URL], where the URL begins with http://")
    return words[0].rstrip("/")


def main(words: list[str]) -> int:
    """Walk; the exit code."""
    try:
        visitor = Visitor(address(words))
        visitor.look_for_the_demo()
        for number, room in enumerate(all_rooms(), 1):
            visitor.say(f"\n=== {number}. {room.TITLE} ===")
            room.walk(visitor)
    except Astray as astray:
        sys.stdout.flush()
        sys.stderr.write(f"{astray}\n")
        return 1
    visitor.say(f"\nThat was the tour: {len(all_rooms())} rooms, all as expected. README.md tells where to read on.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
