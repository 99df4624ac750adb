"""What the query of a GET asks for: filters, included lists, the page. All that is wrong is told at once, by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from django.http import QueryDict

from config.http.errors import FieldError, InvalidParameter
from config.http.members import number_of, uuid_of

MOST_PAGE: Final = 1_000
LONGEST_AGE: Final = 10**11
"""Seconds; more than 3,000 years."""
LONGEST_TEXT: Final = 4_096
ANY_CATEGORY: Final = "all categories"
PAGING: Final = ("page_size", "page_start", "next")
PASSED_BY: Final = frozenset({"_"})
"""What scripts of pages add against caches."""

Depth = Literal["ids", "detail"]
Value = str | int | UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """A query. ``included`` tells of each list whether only ids or whole resources are wanted.

    ``size`` is None without ``page_size``; ``start`` is the cursor as it came, "" without one.
    """

    filters: Mapping[str, Value]
    included: Mapping[str, Depth]
    size: int | None = None
    start: str = ""


def asked_of(
    query: QueryDict, *, filters: Collection[str] = (), lists: Collection[str] = (), is_list: bool = True
) -> Asked:
    """Read the query of a GET that knows these filters and included lists. Raises InvalidParameter."""
    includes = {name for each in lists for name in (f"include_{each}", f"include_{each}_detail")}
    known = {*filters, *includes, *(PAGING if is_list else ())}
    faults = [*_unknown(query, known)]
    taken: dict[str, Value] = {}
    for name in sorted(known & query.keys()):
        words, value = _read(name, str(query.get(name) or ""))
        if words:
            faults.append(FieldError(name, "invalid", f"The parameter '{name}' {words}"))
        elif value is not None:
            taken[name] = value
    faults += _contradictions(taken, lists)
    if faults:
        raise InvalidParameter(faults[0].message, fields=sorted(faults, key=lambda each: each.field))
    size: Any = taken.get("page_size")
    return Asked(
        filters={name: taken[name] for name in filters if name in taken},
        included={
            each: "detail" if taken.get(f"include_{each}_detail") else "ids"
            for each in lists
            if taken.get(f"include_{each}")
        },
        size=size,
        start=str(taken.get("page_start") or taken.get("next") or ""),
    )


def _unknown(query: QueryDict, known: Collection[str]) -> Iterator[FieldError]:
    for name in query:
        if name not in known and name not in PASSED_BY:
            # Passed by, a misspelt filter would answer with more than was asked for.
            shown = name[:60].encode("unicode_escape").decode()
            yield FieldError(shown, "unknown", f"The parameter '{shown}' is not known here.")
        elif name in known and len(query.getlist(name)) > 1:
            yield FieldError(name, "doubled", f"The parameter '{name}' stands here more than once.")


def _contradictions(taken: Mapping[str, Value], lists: Collection[str]) -> Iterator[FieldError]:
    for each in lists:
        if taken.get(f"include_{each}_detail") and not taken.get(f"include_{each}"):
            name = f"include_{each}_detail"
            yield FieldError(name, "alone", f"The parameter '{name}' needs include_{each}=true.")
    if "next" in taken and taken["next"] != taken.get("page_start", taken["next"]):
        yield FieldError("next", "doubled", "The parameter 'next' is another than 'page_start'.")


def _read(name: str, written: str) -> tuple[str, Value | None]:
    """(what is wrong or "", the value)."""
    if name.startswith("include_"):
        word = written.lower()
        return ("" if word in ("true", "false") else "is true or false.", 1 if word == "true" else 0)
    if name in ("age", "page_size"):
        least, most = (0, LONGEST_AGE) if name == "age" else (1, MOST_PAGE)
        number = number_of(written, least, most)
        return ("" if number is not None else f"is a whole number from {least} to {most}.", number)
    if name == "globalVisitID":
        key = uuid_of(written)
        return ("" if key else "is a GUID.", key)
    if name in _WORDS:
        return ("" if written in _WORDS[name] else f"is one of {', '.join(_WORDS[name])}.", written)
    if not written or "\x00" in written or len(written) > LONGEST_TEXT:
        return f"is a text of 1 to {LONGEST_TEXT} characters without NUL.", None
    return "", written


_WORDS: Final = {"eventType": ("SYSTEM", "BUSINESS"), "association": ("Authenticated", "Recognized")}
