"""``[var:name]`` in what an administrator wrote: each value is written as the place around it wants (reference A.4)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape

from twofactor.delivery.messages import CodeMessage
from twofactor.models import Method
from twofactor.options.internal import SMS_FROM
from twofactor.options.server import SMS_PLUS

FORM = "application/x-www-form-urlencoded"
_VARIABLE = re.compile(r"\[var:([A-Za-z_$][A-Za-z0-9_$]{0,63})\]")
# What XML 1.0 can hold by no means (its production Char).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def values_of(message: CodeMessage, *, text: str, reference: str) -> dict[str, str]:
    """What the variables stand for; those of the call are there too, but never in place of ours."""
    recipient = message.to
    if message.method == Method.SMS:
        recipient = written_number(message.to, plus=SMS_PLUS.of(message.application))
    ours = {
        "recipient": recipient,
        "message": text,
        "code": message.code,
        "from": SMS_FROM.of(message.application),
        "reference": reference,
        "expiryMinutes": str(message.minutes),
    }
    return {**message.variables, **ours}


def written_number(number: str, *, plus: bool) -> str:
    """The digits of a number, behind exactly one + or none."""
    digits = re.sub(r"[^0-9]", "", number)
    return f"+{digits}" if plus else digits


def filled(template: str, values: Mapping[str, str], encode: Callable[[str], str]) -> str:
    """The template with its variables; one that is not set is empty. Values are not looked through for variables."""
    return _VARIABLE.sub(lambda found: encode(values.get(found[1], "")), template)


def in_url(value: str) -> str:
    """Percent-encoded, + too. Dots alone would climb in a path, and become nothing."""
    return "" if value in (".", "..") else quote(value, safe="", errors="replace")


def media_type_of(header: str | None, template: str) -> str:
    """The body's media type: as the header says, else by how the template begins."""
    if header:
        return header.partition(";")[0].strip().lower()
    first = template.lstrip()[:1]
    return {"{": "application/json", "[": "application/json", "<": "application/xml"}.get(first, FORM)


def encoder_of(media_type: str) -> Callable[[str], str]:
    """How a value is written inside a body of this type; plain text, and what we do not know, takes it as it is."""
    if media_type == "application/json" or media_type.endswith("+json"):
        return _in_json
    if media_type in ("application/xml", "text/xml") or media_type.endswith("+xml"):
        return _in_xml
    return in_form if media_type == FORM else str


def in_form(value: str) -> str:
    """Percent-encoded: a + must not be read as a blank."""
    return quote(value, safe="", errors="replace")


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _in_xml(value: str) -> str:
    return escape(_NOT_XML.sub("", value), {'"': "&quot;", "'": "&#39;"})
