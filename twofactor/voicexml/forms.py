"""What a platform submits: ``application/x-www-form-urlencoded``, read strictly. Fields of its own are ignored."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from config.http.errors import BadRequest, InvalidParameter, MissingParameter, PayloadTooLarge, UnsupportedMedia

MEDIA = "application/x-www-form-urlencoded"
LONGEST_BODY = 16 * 1024  # bytes
_MOST_FIELDS = 100
_TRUTH = {"true": True, "1": True, "false": False, "0": False, "": False}

Form = Mapping[str, str]
Fields = Mapping[str, int]
"""Names, and how many characters each may have."""


def form_read(body: bytes, media: str, *, known: Fields) -> Form:
    """The known fields that were sent. An empty one is told apart from none.

    Raises UnsupportedMedia, PayloadTooLarge, BadRequest, InvalidParameter (twice, too long, control characters).
    """
    if media != MEDIA:
        raise UnsupportedMedia(f"Send the form as {MEDIA}.")
    if len(body) > LONGEST_BODY:
        raise PayloadTooLarge(f"The form is longer than {LONGEST_BODY} bytes.")
    parts = [part for part in body.split(b"&") if part]
    if len(parts) > _MOST_FIELDS:
        raise BadRequest("There are too many fields.")
    form: dict[str, str] = {}
    for part in parts:
        name, value = (_decoded(one) for one in part.partition(b"=")[::2])
        if name not in known:
            continue
        if name in form:
            raise InvalidParameter(f"The parameter '{name}' was sent twice.", field=name)
        if len(value) > known[name]:
            raise InvalidParameter(f"The parameter '{name}' is longer than {known[name]} characters.", field=name)
        if any(character < " " or character == "\x7f" for character in value):
            raise InvalidParameter(f"The parameter '{name}' holds a control character.", field=name)
        form[name] = value.strip()
    return form


def needed(form: Form, name: str) -> str:
    """A field that must be there, with something in it. Raises MissingParameter."""
    if not form.get(name):
        raise MissingParameter(f"The parameter '{name}' is missing.", field=name)
    return form[name]


def truth(form: Form, name: str) -> bool:
    """true or 1, false, 0 or nothing. Raises InvalidParameter."""
    value = _TRUTH.get(form.get(name, "").lower())
    if value is None:
        raise InvalidParameter(f"The parameter '{name}' is true or false.", field=name)
    return value


def number(form: Form, name: str) -> int:
    """A whole number. Raises MissingParameter, InvalidParameter."""
    text = needed(form, name)
    if not (text.isascii() and text.isdigit()):
        raise InvalidParameter(f"The parameter '{name}' is a number.", field=name)
    return int(text)


def _decoded(part: bytes) -> str:
    try:
        return unquote_to_bytes(part.replace(b"+", b" ")).decode()
    except UnicodeDecodeError as error:
        raise BadRequest("A parameter is not UTF-8.", reason=str(error.reason)) from error
