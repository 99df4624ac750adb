"""Reading the members of a request's object: each checked, all faults told at once, unknown ones passed by.

The scripts of real deployments send more members than anybody listed: what is not known here is neither kept nor
refused. A member that is null counts as not sent, but for those that null clears.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from config.http.errors import FieldError, InvalidParameter, MissingParameter

Reader: TypeAlias = Callable[[Any], Any]
"""Turns what was sent into what a service takes; raises WrongMember."""
MOST_NUMBER = 2_147_483_647
MOST_ITEMS = 1_000
LONGEST_OPERATION_ID = 128


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
        if not lines and any(unicodedata.category(character) == "Cc" for character in value):
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


def boolean(value: Any) -> bool:
    """JSON's true and false only."""
    if not isinstance(value, bool):
        raise WrongMember(("", "This is true or false."))
    return value


def uuid(value: Any) -> UUID:
    """A UUID as text, in the usual writing."""
    if not isinstance(value, str) or len(value) not in (32, 36):
        raise WrongMember(("", "This is a UUID."))
    try:
        return UUID(value)
    except ValueError:
        raise WrongMember(("", "This is a UUID.")) from None


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
