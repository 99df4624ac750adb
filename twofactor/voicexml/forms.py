"""What a platform submits: ``application/x-www-form-urlencoded``, read strictly. Fields of its own are ignored."""

from __future__ import annotations

from collections.abc import Mapping

from config.http.errors import InvalidParameter, MissingParameter, PayloadTooLarge, UnsupportedMedia
from twofactor.webservices.asking import FORM, LONGEST_BODY, parameters_of

_TRUTH = {"true": True, "1": True, "false": False, "0": False, "": False}

Form = Mapping[str, str]
Fields = Mapping[str, int]
"""Names, and how many characters each may have."""


def form_read(body: bytes, media: str, *, known: Fields) -> Form:
    """The known fields that were sent. An empty one is told apart from none.

    Raises UnsupportedMedia, PayloadTooLarge, BadRequest, InvalidParameter (twice, too long, control characters).
    """
    if body and media != FORM:
        raise UnsupportedMedia(f"Send the form as {FORM}.")
    if len(body) > LONGEST_BODY:
        raise PayloadTooLarge(f"The form is longer than {LONGEST_BODY} bytes.")
    form: dict[str, str] = {}
    for name, values in parameters_of(body).items():
        if name not in known:
            continue
        if len(values) > 1:
            raise InvalidParameter(f"The parameter '{name}' was sent twice.", field=name)
        value = values[0]
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
