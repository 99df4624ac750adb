"""External Code Generation Options (seed 004): the web services of the customer, and the codes that they make."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from environment.declarations import ChoiceOption, ListOption, TextOption
from twofactor.options.declaring import HOLDERS, SECTION, check_variable, declare_number, declare_text
from twofactor.outgoing import refusal_of_template


def check_service_url(text: str) -> None:
    """An https (or http) address, or nothing. Raises ValidationError."""
    fault = refusal_of_template(text) if text else ""
    if fault:
        raise ValidationError(fault)


def _service(name: str, told: str) -> TextOption:
    return declare_text(
        name, "", told, check=check_service_url, valid_values="an https address, or nothing", max_length=2048
    )


PROMPT_WORDING = declare_text(
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
    holders=HOLDERS,
    help="How the web services are asked. With GET the code stands in the address, and in the logs on its way.",
)
SERVICE_VARIABLES = ListOption(
    section=SECTION,
    name="web-service-variables",
    default=(),
    check=check_variable,
    valid_values="names of variables, with commas between",
    holders=HOLDERS,
    help="Variables of the call that the web services are told, beside account, sessionId, CLI, DNIS, IsTestCall.",
)
ROUND_MILLISECONDS = declare_number(
    "web-service-timeout",
    300_000,
    1_000,
    600_000,
    "Web Service Timeout (milliseconds): how long after the prompt an external code is valid.",
    unit="milliseconds",
)
SERVICE_MILLISECONDS = declare_number(
    "web-service-call-timeout", 5_000, 100, 10_000, "How long one call of a web service may take.", unit="milliseconds"
)
ENTER_MIN = declare_number(
    "enter-code-min-digits", 4, 1, 20, "Enter Code grammar: the fewest digits of an external code.", unit="digits"
)
ENTER_MAX = declare_number(
    "enter-code-max-digits", 10, 1, 20, "Enter Code grammar: the most digits of an external code.", unit="digits"
)
