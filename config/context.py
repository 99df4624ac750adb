"""What belongs to the request being answered, carried in a context variable so that services need no HttpRequest."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from config.principal import ANONYMOUS, COMMAND, Principal


@dataclass
class RequestContext:
    """One request, or one run of a command or job.

    ``operation_id`` groups the changes of one operation, ``reason`` is the why a person typed,
    ``memo`` holds what was already read for this request.
    """

    request_id: str = ""
    address: str = ""
    principal: Principal = ANONYMOUS
    operation_id: str = ""
    reason: str = ""
    memo: dict[str, Any] = field(default_factory=dict)


_context: ContextVar[RequestContext | None] = ContextVar("deskgate_request_context", default=None)


def current() -> RequestContext:
    """Return the context of this request; outside one, a fresh one of ``manage.py`` whose memo nobody keeps."""
    return _context.get() or RequestContext(principal=COMMAND)


def in_request() -> bool:
    """Whether a context was entered."""
    return _context.get() is not None


@contextmanager
def entered(context: RequestContext) -> Iterator[RequestContext]:
    """Make ``context`` the current one inside the ``with`` block."""
    token = _context.set(context)
    try:
        yield context
    finally:
        _context.reset(token)
