"""Which states of an SCXML document can be entered at all, whatever its conditions say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Targets = Callable[[str | None], list[str]]
_NAMESPACE = "http://www.w3.org/2005/07/scxml"
_STATES = ("state", "parallel", "final", "history")


def reached(root: Any, states: Mapping[str, Any], targets: Targets, entries: list[str]) -> set[str]:
    """The ids of all states that transitions lead to from ``entries``.

    Entering a state enters, inside it, its initial one (else its first; of a parallel all), and those around it, of
    parallel ones with all their children.
    """

    def named(words: list[str]) -> list[Any]:
        return [states[name] for name in words if name in states]

    waiting = named(entries)
    entered: set[Any] = set()
    active: set[Any] = set()
    while waiting:
        state = waiting.pop()
        if state in entered:
            continue
        entered.add(state)
        waiting += _inside(state, named, targets)
        for one in (state, *state.iterancestors()):
            if one in active or one is root:
                continue
            active.add(one)
            waiting += named([name for each in _tagged(one, "transition") for name in targets(each.get("target"))])
            waiting += _tagged(one, *_STATES) if _is_parallel(one) else []
    return {one.get("id") for one in active if one.get("id")}


def _inside(state: Any, named: Callable[[list[str]], list[Any]], targets: Targets) -> list[Any]:
    words = targets(state.get("initial"))
    for initial in _tagged(state, "initial"):
        words += [name for one in _tagged(initial, "transition") for name in targets(one.get("target"))]
    if words or _is_parallel(state):
        return named(words)
    return _tagged(state, *_STATES)[:1]


def _is_parallel(state: Any) -> bool:
    return bool(state.tag == f"{{{_NAMESPACE}}}parallel")


def _tagged(element: Any, *tags: str) -> list[Any]:
    names = {f"{{{_NAMESPACE}}}{tag}" for tag in tags}
    return [one for one in element if one.tag in names]
