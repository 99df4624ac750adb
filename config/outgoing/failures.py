"""Why an outgoing call was not made, or came to nothing. Neither holds an URL, a header or a body."""

from __future__ import annotations

from typing import Literal

RefusalReason = Literal[
    "bad-url", "bad-header", "not-https", "not-listed", "unresolvable", "private-address", "redirect", "encoded",
    "too-large",
]  # fmt: skip
FailureReason = Literal["timeout", "connection", "tls", "protocol"]


class OutgoingRefused(Exception):
    """We do not make this call, or do not take this answer.

    ``reason``: ``bad-url``, ``bad-header`` (a line end or the like in a name or value), ``not-https``, ``not-listed``,
    ``unresolvable``, ``private-address``: nothing was sent to anybody. ``redirect``, ``encoded`` (a body compressed
    against our wish), ``too-large``: the request was sent, its answer is thrown away.
    """

    def __init__(self, reason: RefusalReason) -> None:
        self.reason: RefusalReason = reason
        super().__init__(f"outgoing call refused: {reason}")


class OutgoingFailed(Exception):
    """The other side could not be reached, or spoke no HTTP. ``reason``: timeout, connection, tls or protocol.

    ``sent`` is whether any of the request may have reached it: then nobody knows whether it was acted on.
    """

    def __init__(self, reason: FailureReason, *, sent: bool = False) -> None:
        self.reason: FailureReason = reason
        self.sent = sent
        super().__init__(f"outgoing call failed: {reason}")
