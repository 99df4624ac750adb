"""Two Factor Authentication Settings: every row of the seed's table (seed 004), and what the contract adds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError

from config.http.errors import FieldError
from environment.declarations import (
    BooleanOption,
    ChoiceOption,
    IntegerOption,
    ListOption,
    Named,
    Standing,
    TextOption,
    option_rule,
)
from environment.models import Application
from twofactor.options.server_checks import check_one_line, check_sender_address, check_sms_sender
from twofactor.outgoing import refusal_of_template

SECTION = "two-factor"
_HOLDERS = (Application.Type.TWO_FACTOR,)
DEFAULT_PATHS = ("success", "error", "agent", "hangup", "maxnoinput", "maxnomatch")
"""The paths that every application has."""
OUTCOMES = ("no-method", "sends-exhausted", "attempts-exhausted", "limited", "delivery-failed", "locked")
"""What the provider's answers may say in words of the application's own (``status-mapping``)."""
STATUSES = ("success", "not found", "incorrect code", "error")
_VARIABLE = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,63}\Z")
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .-]{0,62}[A-Za-z0-9_]\Z|[A-Za-z0-9_]\Z")


def check_variable(text: str) -> None:
    """A variable's name, of a form that VoiceXML (ECMAScript) takes. Raises ValidationError."""
    if not _VARIABLE.match(text):
        raise ValidationError("Use letters, digits, _ and $, not beginning with a digit; at most 64.")


def check_path(text: str) -> None:
    """The name of a path. Raises ValidationError."""
    if not _PATH.match(text):
        raise ValidationError(f"{text[:80]!r} is no name of a path: use letters, digits, blanks, _ . and -.")


def _check_path_or_none(text: str) -> None:
    if text:
        check_path(text)


def check_service_url(text: str) -> None:
    """An https (or http) address, or nothing. Raises ValidationError."""
    fault = refusal_of_template(text) if text else ""
    if fault:
        raise ValidationError(fault)


def check_mapping(text: str) -> None:
    """``outcome=status``. Raises ValidationError."""
    outcome, mark, status = text.partition("=")
    if not mark or outcome.strip() not in OUTCOMES:
        raise ValidationError(f"Write outcome=status; outcomes are {', '.join(OUTCOMES)}.")
    check_path(status.strip())
    if status.strip().casefold() == "success":
        raise ValidationError("No outcome of these is told as success.")


def _text(name: str, default: str, told: str, **rest: object) -> TextOption:
    return TextOption(section=SECTION, name=name, default=default, help=told, holders=_HOLDERS, **rest)  # type: ignore[arg-type]


def _number(name: str, default: int, lowest: int, highest: int, told: str, unit: str = "") -> IntegerOption:
    return IntegerOption(
        section=SECTION,
        name=name,
        default=default,
        minimum=lowest,
        maximum=highest,
        unit=unit,
        help=told,
        holders=_HOLDERS,
    )


def _switch(name: str, default: bool, told: str) -> BooleanOption:
    return BooleanOption(section=SECTION, name=name, default=default, help=told, holders=_HOLDERS)


def _service(name: str, told: str) -> TextOption:
    return _text(name, "", told, check=check_service_url, valid_values="an https address, or nothing", max_length=2048)


PATHS = ListOption(
    section=SECTION,
    name="paths",
    default=(),
    check=check_path,
    valid_values="names of paths, with commas between",
    holders=_HOLDERS,
    help=f"The paths that leave the Link block which calls this application, beside {', '.join(DEFAULT_PATHS)}.",
)

# --- Contact Methods and Behavior ---
EMAIL_VARIABLE = _text(
    "email-variable",
    "CustomerEmail",
    "Variable Name for Customer Email Address: holds the user's verified email address.",
    check=check_variable,
    valid_values="the name of a variable",
)
PHONE_VARIABLE = _text(
    "phone-variable",
    "CustomerPhone",
    "Variable Name for Customer Phone Number: holds the user's verified phone number.",
    check=check_variable,
    valid_values="the name of a variable",
)
NO_METHOD_PATH = _text(
    "no-method-path",
    "error",
    "Behaviour if No Verified Contact Method Available: the path to take.",
    check=check_path,
    valid_values="a path of this application",
)
MAX_SENDS = _number(
    "max-sends", 3, 1, 10, "Maximum Attempts at Sending an Authentication Code: how many new codes one call gets."
)
MAX_SENDS_PATH = _text(
    "max-sends-path",
    "error",
    "Behaviour After Exceeding Maximum Code Send Attempts: the path to take.",
    check=check_path,
    valid_values="a path of this application",
)
MAX_VERIFY = _number(
    "max-verify",
    3,
    1,
    10,
    "Maximum Attempts at Verifying an Authentication Code: how many requests one code gets.",
)
MAX_VERIFY_PATH = _text(
    "max-verify-path",
    "",
    "Behaviour After Exceeding Maximum Code Verification Attempts: the path to take. Empty: another code is sent, "
    "while sends are left.",
    check=_check_path_or_none,
    valid_values="a path of this application, or nothing",
)
SKIP = _switch(
    "skip-authenticated",
    True,
    "Skip Options: whoever has passed in this call is not asked again when the call comes back.",
)
SKIP_MINUTES = _number("skip-minutes", 60, 1, 1440, "How long after passing that holds.", unit="minutes")

# --- Code Generation Options ---
CODE_GENERATION = ChoiceOption(
    section=SECTION,
    name="code-generation",
    default="internal",
    choices=("internal", "external"),
    holders=_HOLDERS,
    help="Code Generation Options. internal: codes are made and sent here. external: the web services below do it.",
)

# --- External Code Generation Options ---
PROMPT_WORDING = _text(
    "prompt-wording",
    "your authenticator app",
    "Prompt Wording: the name of the authenticator application, as callers are told it.",
    max_length=100,
)
CHECK_URL_TEST = _service(
    "check-url-test", "Check Verified Contact Methods Web Service, for test calls. Empty: the customers known here."
)
CHECK_URL = _service(
    "check-url", "Check Verified Contact Methods Web Service, for production calls. Empty: the customers known here."
)
SEND_URL_TEST = _service("send-url-test", "Send Authentication Code Web Service, for test calls.")
SEND_URL = _service("send-url", "Send Authentication Code Web Service, for production calls.")
VERIFY_URL_TEST = _service("verify-url-test", "Code Authentication Web Service, for test calls.")
VERIFY_URL = _service("verify-url", "Code Authentication Web Service, for production calls.")
SERVICE_METHOD = ChoiceOption(
    section=SECTION,
    name="web-service-method",
    default="POST",
    choices=("POST", "GET"),
    holders=_HOLDERS,
    help="How the web services are asked. With GET the code stands in the address, and in the logs on its way.",
)
SERVICE_VARIABLES = ListOption(
    section=SECTION,
    name="web-service-variables",
    default=(),
    check=check_variable,
    valid_values="names of variables, with commas between",
    holders=_HOLDERS,
    help="Variables of the call that the web services are told, beside account, sessionId, CLI, DNIS, IsTestCall.",
)
ROUND_MILLISECONDS = _number(
    "web-service-timeout",
    300_000,
    1_000,
    600_000,
    "Web Service Timeout (milliseconds): how long after the prompt an external code is valid.",
    unit="milliseconds",
)
SERVICE_MILLISECONDS = _number(
    "web-service-call-timeout", 5_000, 100, 10_000, "How long one call of a web service may take.", unit="milliseconds"
)
ENTER_MIN = _number(
    "enter-code-min-digits", 4, 1, 20, "Enter Code grammar: the fewest digits of an external code.", unit="digits"
)
ENTER_MAX = _number(
    "enter-code-max-digits", 10, 1, 20, "Enter Code grammar: the most digits of an external code.", unit="digits"
)

# --- Internal Code Generation Options ---
DIGITS = _number(
    "digits",
    6,
    4,
    9,
    "Number of digits for the Generated Code. Prompts, grammar and checks follow at once. Fewer than 6 are not safe.",
    unit="digits",
)
EXPIRY_MINUTES = _number(
    "code-expiration",
    5,
    1,
    60,
    "Internal Code Expiration Time (minutes). More than 10 is longer than ASVS 6.5.5 allows.",
    unit="minutes",
)
EMAIL_FROM = _text(
    "email-from",
    "",
    "Email Address 'From'.",
    check=check_sender_address,
    valid_values="an e-mail address",
    max_length=254,
)
EMAIL_SUBJECT = _text("email-subject", "Your code", "Email Subject.", check=check_one_line, max_length=200)
SMS_FROM = _text(
    "sms-from",
    "",
    "SMS Number 'From': a number with its country code, or up to 11 letters and digits.",
    check=check_sms_sender,
    valid_values="a number with its country code, or up to 11 letters and digits",
    max_length=16,
)
PRODUCT_NAME = _text(
    "product-name", "Deskgate", "The name that messages begin with.", check=check_one_line, max_length=40
)
INTERNAL_AUTHENTICATOR = _switch(
    "internal-authenticator", True, "Whether customers who enrolled an authenticator here may use it."
)
STRICT = _switch(
    "strict",
    False,
    "No e-mail, and text messages only for customers who have an authenticator too (NIST SP 800-63B-4, ASVS level 3).",
)

# --- The call ---
INPUT_ROUNDS = _number(
    "max-input-rounds", 3, 1, 10, "How many times in a row a caller may say nothing, or nothing that counts."
)
NO_INPUT_PATH = _text(
    "no-input-path", "maxnoinput", "The path when no input came too often.", check=check_path, valid_values="a path"
)
NO_MATCH_PATH = _text(
    "no-match-path",
    "maxnomatch",
    "The path when the input matched too seldom.",
    check=check_path,
    valid_values="a path",
)
SESSION_MINUTES = _number("session-minutes", 15, 1, 120, "How long one call may take.", unit="minutes")
MAX_DELIVERY_FAILURES = _number(
    "max-delivery-failures", 3, 1, 10, "How many sends that surely failed are given back to the call."
)
TEST_DELIVERY = ChoiceOption(
    section=SECTION,
    name="test-call-delivery",
    default="none",
    choices=("none", "gateways"),
    holders=_HOLDERS,
    help="What becomes of the codes of test calls. none: only test-destinations get one, which is not sent.",
)
TEST_DESTINATIONS = ListOption(
    section=SECTION,
    name="test-destinations",
    default=(),
    valid_values="destination=code, with commas between",
    holders=_HOLDERS,
    secret=True,
    told=False,
    help="Numbers and addresses that have a fixed code on test calls, to which nothing is sent.",
)

# --- Our own web services ---
ACCOUNT_PARAMETER = _text(
    "account-parameter",
    "AccountNumber",
    "The parameter in which callers of our web services give the account reference.",
    check=check_variable,
    valid_values="the name of a parameter",
)
SERVICES_BY_GET = _switch(
    "services-by-get", False, "Whether our web services answer GET too, which carries the code in the address."
)
REVEAL_VALUES = _switch(
    "reveal-values",
    False,
    "Whether checkVerifiedContactMethods tells whole addresses and numbers to its authenticated caller.",
)
STATUS_MAPPING = ListOption(
    section=SECTION,
    name="status-mapping",
    default=(),
    check=check_mapping,
    valid_values="outcome=status, with commas between",
    holders=_HOLDERS,
    help=f"Statuses of our web services beside {', '.join(STATUSES)}, for: {', '.join(OUTCOMES)}.",
)

_BEHAVIOURS = (NO_METHOD_PATH, MAX_SENDS_PATH, MAX_VERIFY_PATH, NO_INPUT_PATH, NO_MATCH_PATH)
_PAIRS = ((CHECK_URL_TEST, CHECK_URL), (SEND_URL_TEST, SEND_URL), (VERIFY_URL_TEST, VERIFY_URL))


@option_rule(PATHS, *_BEHAVIOURS)
def paths_exist(named: Named, standing: Standing) -> Iterator[FieldError]:
    """Every behaviour names a path that there is (part E.10)."""
    known = {*DEFAULT_PATHS, *ListOption.split(standing.get(str(PATHS), ""))}
    for each in _BEHAVIOURS:
        path = standing.get(str(each), each.default)
        if path and path not in known:
            yield FieldError(str(each), "unknown", f"There is no path {path!r}: {PATHS} has it not.")


@option_rule(CODE_GENERATION, *(one for pair in _PAIRS for one in pair))
def services_are_whole(named: Named, standing: Standing) -> Iterator[FieldError]:
    """A test call never falls back to a production address, nor the other way round (part A.3)."""
    for test, production in _PAIRS:
        has_test, has_production = bool(standing.get(str(test))), bool(standing.get(str(production)))
        if has_test != has_production:
            missing = production if has_test else test
            yield FieldError(str(missing), "required", "Test and production calls need an address each.")
    external = standing.get(str(CODE_GENERATION), "").strip().casefold() == "external"
    for _test, production in _PAIRS[::2] if external else ():
        if not standing.get(str(production)):
            yield FieldError(str(production), "required", "External codes need this web service.")


@option_rule(ENTER_MIN, ENTER_MAX)
def fewest_before_most(named: Named, standing: Standing) -> Iterator[FieldError]:
    """The grammar has room."""
    if int(standing.get(str(ENTER_MIN), ENTER_MIN.default)) > int(standing.get(str(ENTER_MAX), ENTER_MAX.default)):
        yield FieldError(str(ENTER_MAX), "invalid", "The most digits are fewer than the fewest.")
