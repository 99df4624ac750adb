"""This room's screens."""

from screenrec.admin import sessions as sessions
