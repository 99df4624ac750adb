"""What a platform asks of our three services, read from its parameters without the database (reference A.3, E.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from config.http.errors import BadRequest, InvalidParameter, MissingParameter
from twofactor.models.sessions import Method

FORM = "application/x-www-form-urlencoded"
LONGEST_BODY = 16_384
"""Bytes of a form."""
MOST_PARAMETERS = 200
SELECTED = "TwoFactorAuthSelectedMethod"
CODE = "authCode_nbest1"
"""Only the best hypothesis: each other one would be another guess (part F 14)."""
LONGEST_REFERENCE = 255
LONGEST_NUMBER = 64
_TRUTHS = {"": False, "false": False, "0": False, "true": True, "1": True}


@dataclass(frozen=True, slots=True)
class ServiceAsked:
    """Who calls, and in which call."""

    account: str = field(repr=False)
    session_key: str = ""
    call_id: str = ""
    cli: str = field(default="", repr=False)
    dnis: str = ""
    test_call: bool = False


def parameters_of(text: bytes | str) -> dict[str, list[str]]:
    """The parameters of a form, or of an address. Raises BadRequest: no UTF-8, NUL, too many."""
    try:
        written = text.decode("ascii") if isinstance(text, bytes) else text
        pairs = parse_qsl(written, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except (UnicodeError, ValueError):
        raise BadRequest("The parameters are not a form in UTF-8.") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def asked_of(parameters: Mapping[str, list[str]], *, account_parameter: str) -> ServiceAsked:
    """The members that every service reads. Raises MissingParameter, InvalidParameter, with the parameter's name."""
    return ServiceAsked(
        account=_reference(parameters, account_parameter, needed=True),
        session_key=_reference(parameters, "sessionId"),
        call_id=_reference(parameters, "callId"),
        cli=_reference(parameters, "CLI", LONGEST_NUMBER),
        dnis=_reference(parameters, "DNIS", LONGEST_NUMBER),
        test_call=_truth(parameters, "IsTestCall"),
    )


def method_of(parameters: Mapping[str, list[str]]) -> str:
    """The ``Method`` value of the method that was selected, in any case of letters. Raises as ``asked_of``."""
    method = _one(parameters, SELECTED, needed=True).strip().casefold()
    if method not in Method.values:
        raise InvalidParameter(f"The parameter '{SELECTED}' is none of Email, SMS and Authenticator.", field=SELECTED)
    return method


def code_of(parameters: Mapping[str, list[str]]) -> str:
    """The code that the customer entered. Raises as ``asked_of``."""
    return _one(parameters, CODE, needed=True)


def _one(parameters: Mapping[str, list[str]], name: str, *, needed: bool = False) -> str:
    values = parameters.get(name, [])
    if len(values) > 1:
        raise InvalidParameter(f"The parameter '{name}' stands twice.", field=name)
    if needed and not (values and values[0].strip()):
        raise MissingParameter(f"The parameter '{name}' is missing.", field=name)
    return values[0] if values else ""


def _reference(
    parameters: Mapping[str, list[str]], name: str, longest: int = LONGEST_REFERENCE, *, needed: bool = False
) -> str:
    value = _one(parameters, name, needed=needed).strip()
    if len(value) > longest or not value.isprintable():
        raise InvalidParameter(f"The parameter '{name}' has at most {longest} characters, all printable.", field=name)
    return value


def _truth(parameters: Mapping[str, list[str]], name: str) -> bool:
    value = _one(parameters, name).strip().casefold()
    if value not in _TRUTHS:
        raise InvalidParameter(f"The parameter '{name}' is true or false.", field=name)
    return _TRUTHS[value]
