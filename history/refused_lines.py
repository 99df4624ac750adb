"""The file of an import's lines that were not taken; after a crash none is missing in it and none stands twice."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from history.lines import Refused


class ForeignFile(Exception):
    """What is at the path is no file of this import's refused lines; the message says what it is."""


class RefusedLines:
    """The file of lines that were not taken: made with the first, mode 0600, for it holds what visitors did."""

    def __init__(self, path: Path, *, fingerprint: str, upto: int) -> None:
        """``fingerprint`` is that of the import's file, and stands in each line: no other file is written over.

        ``upto``: of a file that is there, later lines are not certain, and written again. Raises OSError, ForeignFile.
        """
        self.path = path
        self._fingerprint = fingerprint
        self._file = _own(path, _beginning(fingerprint))
        self._end = _end_of(self._file, upto) if self._file else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.truncate(self._end)
            self._file.close()

    def write(self, lines: list[Refused]) -> None:
        """Put these behind those that are certain; they are so with ``keep``."""
        if self._file is None:
            if not lines:
                return
            self._file = _opened(self.path, os.O_CREAT | os.O_EXCL)
        self._file.truncate(self._end)
        self._file.seek(self._end)
        for line in lines:
            told = {"import": self._fingerprint, "line": line.number, "reason": line.reason, "text": line.text}
            self._file.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def keep(self) -> None:
        """What was written last is certain."""
        if self._file is not None:
            self._end = self._file.tell()


def _beginning(fingerprint: str) -> bytes:
    return json.dumps({"import": fingerprint})[:-1].encode()


def _opened(path: Path, how: int = 0) -> IO[bytes]:
    """For us alone, whatever its mode was; through no link. Raises OSError, ForeignFile."""
    # NONBLOCK: a pipe is told from a file only when it is open.
    number = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | how, 0o600)
    file = os.fdopen(number, "r+b")
    if not stat.S_ISREG(os.fstat(number).st_mode):
        file.close()
        raise ForeignFile("it is no regular file")
    if how:
        os.fchmod(number, 0o600)
    return file


def _own(path: Path, beginning: bytes) -> IO[bytes] | None:
    """The file of an earlier run of this import; None without any. One that was killed may have left its beginning."""
    try:
        file = _opened(path)
    except FileNotFoundError:
        return None
    found = file.read(len(beginning))
    if not beginning.startswith(found):
        file.close()
        raise ForeignFile("it is there already, and not of this import")
    os.fchmod(file.fileno(), 0o600)
    return file


def _end_of(file: IO[bytes], upto: int) -> int:
    """Where the lines up to this one end; 0 without any."""
    end = 0
    file.seek(0)
    for text in file if upto else ():
        try:
            number = json.loads(text)["line"]
        except (ValueError, KeyError, TypeError):
            break
        if number > upto:
            break
        end += len(text)
    return end
