"""Why a web service's answer cannot be used."""

from __future__ import annotations


class ServiceFailed(Exception):
    """A call came to nothing. ``reason`` is a word of ours, never the other side's: those of ``config.outgoing``
    (timeout, connection, tls, protocol, redirect, too-large, not-listed, …), ``no-url``, ``http-500`` and its like,
    and those of ``reading.read_answer`` (not-xml, dtd, two-statuses, …).
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"web service failed: {reason}")
