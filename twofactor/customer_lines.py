"""Lines of a file of customers (CSV), read one by one."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

COLUMNS = ("Action", "Account", "Email", "Phone", "Authenticator seed")
ACTIONS = ("", "ADD", "UPDATE", "DELETE")
"""Without one: whoever is not there is added, whoever is there is updated."""
_NEEDED = "Account"
_LONGEST = 4_096
"""Characters of one cell."""


class UnreadableFile(Exception):
    """The file is none that we read; the words quote nothing of it but names of columns."""


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A line, by its number in the file, with its cells by column. Cells are secrets."""

    number: int
    cells: Mapping[str, str] = field(repr=False)

    @property
    def action(self) -> str:
        return self.cells.get("Action", "").upper()

    @property
    def account(self) -> str:
        return self.cells.get(_NEEDED, "")

    def given(self) -> dict[str, str]:
        """What the line writes, by the service's names; an empty cell leaves what is there."""
        names = {"Email": "email", "Phone": "phone", "Authenticator seed": "seed"}
        return {names[column]: text for column, text in self.cells.items() if column in names and text}


def lines_counted(path: Path) -> int:
    """About how many lines it has. Raises OSError."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def lines_read(path: Path) -> Iterator[CustomerLine]:
    """The lines, in UTF-8, with commas or semicolons between the cells, after one with the names of the columns.

    Raises OSError, UnreadableFile.
    """
    csv.field_size_limit(_LONGEST)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            first = file.readline()
            # A spreadsheet of many countries writes semicolons.
            delimiter = ";" if first.count(";") > first.count(",") else ","
            columns = _columns(next(csv.reader([first], delimiter=delimiter), []))
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in reader:
                number = reader.line_num + 1
                if len(cells) > len(columns):
                    raise UnreadableFile(f"line {number} has more cells than there are columns")
                if any(cell.strip() for cell in cells):
                    yield CustomerLine(number, dict(zip(columns, (cell.strip() for cell in cells), strict=False)))
        except UnicodeDecodeError:
            raise UnreadableFile("it is not UTF-8") from None
        except csv.Error as error:
            raise UnreadableFile(f"it is no CSV file: {error}") from None


def _columns(names: list[str]) -> list[str]:
    known = {column.casefold(): column for column in COLUMNS}
    columns = []
    for name in names:
        column = known.get(" ".join(name.replace("_", " ").split()).casefold())
        if column is None:
            raise UnreadableFile(f"there is no column {name[:40]!r}; columns are {', '.join(COLUMNS)}")
        if column in columns:
            raise UnreadableFile(f"the column {column} is there twice")
        columns.append(column)
    if _NEEDED not in columns:
        raise UnreadableFile(f"the column {_NEEDED} is missing")
    return columns


class RefusedCustomers:
    """The file of lines that were not taken, with their reasons: made with the first, for us alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, refused: list[tuple[CustomerLine, str]]) -> None:
        """Put these behind the others. Raises OSError, FileExistsError for a file that was there before."""
        if not refused:
            return
        if self._file is None:
            number = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            self._file = os.fdopen(number, "w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow([*COLUMNS, "Line", "Reason"])
        for line, reason in refused:
            self._writer.writerow([*(line.cells.get(column, "") for column in COLUMNS), line.number, reason])
        self._file.flush()
