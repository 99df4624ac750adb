"""Files of lines, plain or gzip: read line by line, never as a whole."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

LONGEST_LINE = 1_048_576
"""Bytes, without the end of the line."""
_GZIP = b"\x1f\x8b"


class DamagedFile(Exception):
    """A gzip file that ends too early, or is none; ``after`` is the last line that could be read."""

    def __init__(self, after: int, words: str) -> None:
        super().__init__(words)
        self.after = after


@dataclass(frozen=True, slots=True)
class Line:
    """A line, numbered from 1. Of one that is too long ``text`` is the beginning."""

    number: int
    text: bytes
    is_too_long: bool = False


def fingerprint_of(path: Path) -> str:
    """SHA-256 of the bytes on disk, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def lines_of(path: Path, *, after: int = 0, told: Callable[[int], None] = lambda _bytes: None) -> Iterator[Line]:
    """The lines behind the first ``after``; ``told`` hears how many bytes of the file on disk were read.

    Raises OSError, DamagedFile.
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
        number = 0
        try:
            for line in _split(file):
                number += 1
                if number > after:
                    told(raw.tell())
                    yield Line(number, *line)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DamagedFile(number, str(error)) from error


def _split(file: IO[Any]) -> Iterator[tuple[bytes, bool]]:
    while text := file.readline(LONGEST_LINE + 1):
        whole = text
        while len(text) > LONGEST_LINE and not text.endswith(b"\n"):
            text = file.readline(LONGEST_LINE + 1)
            if not text:
                break
        is_too_long = text is not whole or len(whole.rstrip(b"\r\n")) > LONGEST_LINE
        yield whole.rstrip(b"\r\n"), is_too_long
