"""What a refusal is. Raise one of ``config.http.errors``, or of a room's ``errors.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of the caller's that is wrong; ``code`` is a word (``required``, ``invalid``, ``too_long``, …)."""

    field: str
    code: str
    message: str


class Refusal(Exception):
    """What every refusal is. Raise a subclass.

    ``status`` is the HTTP status, ``code`` the number of ``status.code``, ``error`` the OAuth word, ``word`` the
    string code of the dialects that have one (empty: ``error``).
    """

    status: int = 400
    code: int = 2
    error: str = "invalid_request"
    word: str = ""
    message: str = "The request was refused."

    def __init__(
        self,
        message: str | None = None,
        *,
        reason: str = "",
        field: str | None = None,
        fields: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        retry_after: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self.message = message or type(self).message
        self.reason = reason
        self.fields: tuple[FieldError, ...] = tuple(fields)
        if field is not None and not self.fields:
            self.fields = (FieldError(field, self.field_code, self.message),)
        self.headers: dict[str, str] = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(max(1, retry_after))
        self.detail: dict[str, Any] = dict(detail or {})
        super().__init__(self.message)

    field_code: ClassVar[str] = "invalid"

    @property
    def string_code(self) -> str:
        """The word of the dialects whose ``code`` is a string."""
        return self.word or self.error
