"""What ``/schema/`` tells of the three services."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes

from twofactor.options.services import ACCOUNT_PARAMETER
from twofactor.webservices.asking import CODE, FORM, LONGEST_NUMBER, LONGEST_REFERENCE, SELECTED

_MEDIA = "application/xml"
_TOLD: dict[str, dict[str, Any]] = {
    ACCOUNT_PARAMETER.default: {
        "type": "string",
        "maxLength": LONGEST_REFERENCE,
        "description": f"The account; the application's option {ACCOUNT_PARAMETER} names this parameter.",
    },
    "sessionId": {"type": "string", "maxLength": LONGEST_REFERENCE, "description": "Joins send and verify."},
    "callId": {"type": "string", "maxLength": LONGEST_REFERENCE},
    "CLI": {"type": "string", "maxLength": LONGEST_NUMBER, "description": "The calling number."},
    "DNIS": {"type": "string", "maxLength": LONGEST_NUMBER, "description": "The dialled number."},
    "IsTestCall": {"type": "string", "enum": ["true", "false"]},
}
_OWN: dict[str, dict[str, Any]] = {
    SELECTED: {"type": "string", "enum": ["Email", "SMS", "Authenticator"]},
    CODE: {"type": "string", "description": "The code that the customer entered."},
}


def service_form(*own: str) -> dict[str, Any]:
    """The form of a service that has these parameters beside the common ones."""
    members = _TOLD | {name: _OWN[name] for name in own}
    return {FORM: {"type": "object", "properties": members, "required": [ACCOUNT_PARAMETER.default, *own]}}


def service_answers() -> dict[Any, Any]:
    """What a service may answer: business results with 200, refusals in XML too."""
    statuses = (200, 400, 401, 403, 404, 405, 413, 415, 429, 503)
    return dict.fromkeys(((status, _MEDIA) for status in statuses), OpenApiTypes.STR)


def without_keys(endpoints: list[tuple[str, str, str, Any]], **kwargs: Any) -> list[tuple[str, str, str, Any]]:
    """A preprocessing hook: the same services below a key are not described a second time."""
    return [each for each in endpoints if not each[0].startswith("/twofactor/services/key/")]
