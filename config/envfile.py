"""``var/deskgate.env``: the keys of an installation that was not given any. Readable by its owner only."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from config.keyring import new_ring_text

NAME = "deskgate.env"
HEADER = "# Made at the first start. Whoever has this file can forge sign-ins; without it sealed secrets do not open."


def read(path: Path) -> dict[str, str]:
    """Return ``NAME=value`` lines of the file; empty when there is none."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def make(path: Path, mode: str = "") -> None:
    """Make the file with new keys unless it is there. Of any number of starts at once exactly one wins."""
    if path.exists():
        return
    values = {"SECRET_KEY": secrets.token_urlsafe(48), "DESKGATE_KEYS": new_ring_text()}
    draft = _draft(path, ({"DESKGATE_MODE": mode} if mode else {}) | values)
    try:
        # link, unlike rename, fails when another start was first; the file is whole from its first moment.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def remember_mode(path: Path, mode: str) -> None:
    """Make the file if needed and write ``DESKGATE_MODE=mode`` into it; keys stay."""
    make(path, mode)
    values = read(path)
    if values.get("DESKGATE_MODE") == mode:
        return
    _draft(path, {"DESKGATE_MODE": mode} | {k: v for k, v in values.items() if k != "DESKGATE_MODE"}).replace(path)
    _sync_directory(path.parent)


def _draft(path: Path, values: dict[str, str]) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mkstemp makes it 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join([HEADER, *(f"{name}={value}" for name, value in values.items()), ""]))
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
