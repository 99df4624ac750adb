"""This room's refusals."""

from __future__ import annotations

from config.http.errors import Conflict, InvalidParameter


class OptionRefused(InvalidParameter):
    """400, code 2: an option cannot have this value; ``fields`` names each as ``section/option``."""

    message = "An option cannot have this value."


class NameTaken(Conflict):
    """409, code 18: another row got in first with the same key."""

    message = "Another one of this name exists already."
