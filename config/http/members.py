"""Reading the members of a request's object: each checked, all faults told at once, unknown ones passed by.

The scripts of real deployments send more members than anybody listed: what is not known here is neither kept nor
refused. A member that is null counts as not sent, but for those that null clears.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from config.http.errors import FieldError, InvalidParameter, MissingParameter

Reader: TypeAlias = Callable[[Any], Any]
"""Turns what was sent into what a service takes; raises WrongMember."""
MOST_NUMBER = 2_147_483_647
LARGEST_KEY = 10**18 - 1
"""Of the ids that every store counts up."""
MOST_ITEMS = 1_000
LONGEST_OPERATION_ID = 128
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_UUID = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z", re.IGNORECASE | re.ASCII)


class WrongMember(Exception):
    """What is wrong with a member: (path inside it or "", words) for each fault."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(*faults)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the caller writes it, what the service calls it, how it is read, and whether null is a value."""

    sent: str
    name: str
    read: Reader
    null_clears: bool = False


def members_read(data: Mapping[str, Any], members: tuple[Member, ...], *, within: str = "") -> dict[str, Any]:
    """Those that were sent, by the service's names. Raises InvalidParameter naming every one that is wrong."""
    values: dict[str, Any] = {}
    faults: list[FieldError] = []
    for member in members:
        if data.get(member.sent) is None:
            if member.null_clears and member.sent in data:
                values[member.name] = None
            continue
        try:
            values[member.name] = member.read(data[member.sent])
        except WrongMember as wrong:
            faults.extend(_told(f"{within}{member.sent}", wrong))
    if faults:
        raise InvalidParameter(faults[0].message, fields=faults)
    return values


def members_needed(values: Mapping[str, Any], members: tuple[Member, ...], *names: str, within: str = "") -> None:
    """Raise MissingParameter for the first of these names that was not sent."""
    for member in members:
        if member.name in names and member.name not in values:
            field = f"{within}{member.sent}"
            raise MissingParameter(f"The parameter '{field}' is missing.", field=field)


def operation_id_of(body: Mapping[str, Any]) -> str:
    """``operationId`` of a request's body; "" when it is not sent. Raises InvalidParameter."""
    operation_id = body.get("operationId") or ""
    if not isinstance(operation_id, str) or len(operation_id) > LONGEST_OPERATION_ID:
        raise InvalidParameter(
            f"The parameter 'operationId' is a text of up to {LONGEST_OPERATION_ID} characters.", field="operationId"
        )
    return operation_id


def text(longest: int = 255, *, lines: bool = False) -> Reader:
    """A text of at most ``longest`` characters; control characters only where ``lines`` are taken."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongMember(("", "This is a text."))
        if len(value) > longest:
            raise WrongMember(("", f"This is longer than {longest} characters."))
        if not lines and _CONTROL.search(value):
            raise WrongMember(("", "This holds a control character."))
        return value

    return read


def whole_number(least: int = 0, most: int = MOST_NUMBER) -> Reader:
    """A whole number in this range; the widest is what every store holds."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise WrongMember(("", f"This is a whole number from {least} to {most}."))
        return value

    return read


def number_of(written: str, least: int = 0, most: int = MOST_NUMBER) -> int | None:
    """The whole number that an address, a query or a claim writes in decimal digits; None for anything else.

    The length is judged before the value: a text of a million digits takes Python seconds.
    """
    if not (written.isascii() and written.isdigit() and len(written) <= len(str(most))):
        return None
    value = int(written)
    return value if least <= value <= most else None


def page_asked(query: Mapping[str, str], *, most: int = MOST_NUMBER, usual: int = MOST_NUMBER) -> tuple[int, int]:
    """``limit`` (``usual`` unless told) and ``offset`` of a query. Raises InvalidParameter naming what is wrong."""
    taken, faults = {"limit": usual, "offset": 0}, []
    for name, least, highest in (("limit", 1, most), ("offset", 0, MOST_NUMBER)):
        written = query.get(name)
        value = number_of(written, least, highest) if written else taken[name]
        if value is None:
            words = f"The parameter '{name}' is a whole number from {least} to {highest}."
            faults.append(FieldError(name, "invalid", words))
        else:
            taken[name] = value
    if faults:
        raise InvalidParameter(faults[0].message, fields=faults)
    return taken["limit"], taken["offset"]


def boolean(value: Any) -> bool:
    """JSON's true and false only."""
    if not isinstance(value, bool):
        raise WrongMember(("", "This is true or false."))
    return value


def uuid(value: Any) -> UUID:
    """A UUID as text, in the usual writing."""
    found = uuid_of(value) if isinstance(value, str) else None
    if found is None:
        raise WrongMember(("", "This is a UUID."))
    return found


def uuid_of(written: str) -> UUID | None:
    """The UUID that a text writes with its hyphens or without; None for anything else.

    Python's own reading takes ``0x…``, ``1_2…``, digits of other scripts and hyphens anywhere: many names of one thing.
    """
    return UUID(written) if _UUID.match(written) else None


def items(each: Reader) -> Reader:
    """A list, each of whose items ``each`` reads; a wrong one is named by its position."""

    def read(value: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise WrongMember(("", f"This is a list of at most {MOST_ITEMS} items."))
        taken, faults = [], []
        for position, item in enumerate(value):
            try:
                taken.append(each(item))
            except WrongMember as wrong:
                faults += [(str(position), words) for _path, words in wrong.faults]
        if faults:
            raise WrongMember(*faults)
        return taken

    return read


def _told(field: str, wrong: WrongMember) -> Iterator[FieldError]:
    for path, words in wrong.faults:
        where = f"{field}.{path}" if path else field
        yield FieldError(where, "invalid", f"The parameter '{where}' is wrong: {words[:1].lower()}{words[1:]}")
