"""The groups and rows of the settings page: those of the product's own page (seed 004) by their names, then ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from environment.declarations import OptionDeclaration
from twofactor.options import external, internal, services, settings

_CHECK = "Check Verified Contact Methods Web Service"
_SEND = "Send Authentication Code Web Service"
_VERIFY = "Code Authentication Web Service"
_DETAILS = "Web Service details"
_GRAMMAR = "Enter Code grammar"
_TEST, _PRODUCTION = "test calls", "production calls"


@dataclass(frozen=True, slots=True)
class Line:
    """One option under the name that the page gives it. Lines in a row with the same ``under`` stand below that name.

    ``again`` is a line whose field stands in another group: only its value is shown.
    """

    option: OptionDeclaration[Any]
    label: str
    under: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Lines below one heading."""

    title: str
    lines: tuple[Line, ...]
    about: str = ""


PATH_OPTIONS = (
    settings.NO_METHOD_PATH,
    settings.MAX_SENDS_PATH,
    settings.MAX_VERIFY_PATH,
    settings.NO_INPUT_PATH,
    settings.NO_MATCH_PATH,
)
"""Those that name a path."""

GROUPS = (
    Group(
        "Contact Methods and Behavior",
        (
            Line(settings.EMAIL_VARIABLE, "Variable Name for Customer Email Address"),
            Line(settings.PHONE_VARIABLE, "Variable Name for Customer Phone Number"),
            Line(settings.NO_METHOD_PATH, "Behaviour if No Verified Contact Method Available"),
            Line(settings.MAX_SENDS, "Maximum Attempts at Sending an Authentication Code"),
            Line(settings.MAX_SENDS_PATH, "Behaviour After Exceeding Maximum Code Send Attempts"),
            Line(settings.MAX_VERIFY, "Maximum Attempts at Verifying an Authentication Code"),
            Line(settings.MAX_VERIFY_PATH, "Behaviour After Exceeding Maximum Code Verification Attempts"),
            Line(settings.SKIP, "Skip Options"),
            Line(settings.SKIP_MINUTES, "How long a passed authentication counts"),
        ),
    ),
    Group("Code Generation Options", (Line(settings.CODE_GENERATION, "Select an option for the code generation"),)),
    Group(
        "External Code Generation Options",
        (
            Line(external.PROMPT_WORDING, "Prompt Wording"),
            Line(external.CHECK_URL_TEST, f"{_CHECK}: {_TEST}", _DETAILS),
            Line(external.CHECK_URL, f"{_CHECK}: {_PRODUCTION}", _DETAILS),
            Line(external.SEND_URL_TEST, f"{_SEND}: {_TEST}", _DETAILS),
            Line(external.SEND_URL, f"{_SEND}: {_PRODUCTION}", _DETAILS),
            Line(external.VERIFY_URL_TEST, f"{_VERIFY}: {_TEST}", _DETAILS),
            Line(external.VERIFY_URL, f"{_VERIFY}: {_PRODUCTION}", _DETAILS),
            Line(external.SERVICE_METHOD, "How the web services are asked", _DETAILS),
            Line(external.SERVICE_VARIABLES, "Variables that the web services are told", _DETAILS),
            Line(external.SERVICE_MILLISECONDS, "Time for one call of a web service (milliseconds)", _DETAILS),
            Line(external.ROUND_MILLISECONDS, "Web Service Timeout (milliseconds)"),
            Line(external.ENTER_MIN, "Fewest digits", _GRAMMAR),
            Line(external.ENTER_MAX, "Most digits", _GRAMMAR),
        ),
        "Count when codes are generated externally. Check Verified Contact Methods is asked in both cases.",
    ),
    Group(
        "Internal Code Generation Options",
        (
            Line(internal.DIGITS, "Number of digits for the Generated Code"),
            Line(external.CHECK_URL_TEST, f"{_CHECK}: {_TEST}", _DETAILS, again=True),
            Line(external.CHECK_URL, f"{_CHECK}: {_PRODUCTION}", _DETAILS, again=True),
            Line(internal.EXPIRY_MINUTES, "Internal Code Expiration Time (minutes)"),
            Line(internal.EMAIL_FROM, "Email Address 'From'"),
            Line(internal.EMAIL_SUBJECT, "Email Subject"),
            Line(internal.SMS_FROM, "SMS Number 'From'"),
            Line(internal.PRODUCT_NAME, "Product name in messages"),
            Line(internal.INTERNAL_AUTHENTICATOR, "Authenticators enrolled here"),
        ),
        "Count when codes are generated internally.",
    ),
    Group(
        "The Call",
        (
            Line(settings.PATHS, "Paths of the Link block"),
            Line(settings.INPUT_ROUNDS, "Maximum rounds without usable input"),
            Line(settings.NO_INPUT_PATH, "Behaviour After Exceeding Maximum No Input"),
            Line(settings.NO_MATCH_PATH, "Behaviour After Exceeding Maximum No Match"),
            Line(settings.SESSION_MINUTES, "Longest call (minutes)"),
            Line(settings.MAX_DELIVERY_FAILURES, "Failed sends that are given back"),
        ),
    ),
    Group(
        "Our Own Web Services",
        (
            Line(services.ACCOUNT_PARAMETER, "Parameter of the account reference"),
            Line(services.SERVICES_BY_GET, "Answer GET"),
            Line(services.REVEAL_VALUES, "Tell whole addresses and numbers"),
            Line(services.STATUS_MAPPING, "Statuses of the application's own"),
        ),
        "For deployments that ask Deskgate as their web services.",
    ),
    Group(
        "Test Calls",
        (
            Line(settings.TEST_DELIVERY, "Codes of test calls"),
            Line(settings.TEST_DESTINATIONS, "Destinations with a fixed code"),
        ),
    ),
    Group("Safety", (Line(internal.STRICT, "Strict"),)),
)
