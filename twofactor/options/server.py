"""Server settings (seed 004, "Configuring contact methods"): mail server, SMS gateways. Reference part A.4."""

from __future__ import annotations

from environment.declarations import (
    CONTACT_CENTER,
    INSTALLATION,
    BooleanOption,
    ChoiceOption,
    IntegerOption,
    ListOption,
    TextOption,
)
from environment.models import Application
from twofactor.options.server_checks import (
    check_among,
    check_base_url,
    check_headers,
    check_host,
    check_pattern,
    check_region,
    check_sms_url,
    check_status,
    check_template,
    check_twilio_sid,
)

SECTION = "server-settings"
_HOLDERS = (Application.Type.TWO_FACTOR, CONTACT_CENTER, INSTALLATION)


def _text(name: str, words: str, default: str = "", **rest: object) -> TextOption:
    rest.setdefault("max_length", 2048)
    return TextOption(section=SECTION, name=name, default=default, help=words, holders=_HOLDERS, **rest)  # type: ignore[arg-type]


def _milliseconds(name: str, told: str) -> IntegerOption:
    return IntegerOption(
        section=SECTION,
        name=name,
        default=5_000,
        minimum=100,
        maximum=60_000,
        unit="milliseconds",
        help=told,
        holders=_HOLDERS,
    )


# --- Email ---
EMAIL_GATEWAYS = ListOption(
    section=SECTION,
    name="Email.Gateways",
    default=("smtp",),
    check=check_among("smtp", "outbox"),
    valid_values="smtp, outbox, with commas between",
    holders=_HOLDERS,
    help="By what e-mails go, in order; the next is tried when one fails. outbox: the demo's, which sends nothing.",
)
SMTP_HOST = _text(
    "Email.SMTP.Host",
    "The mail server. It must be among two-factor/outgoing-hosts.",
    check=check_host,
    valid_values="a host name or address",
    max_length=253,
)
SMTP_PORT = IntegerOption(
    section=SECTION,
    name="Email.SMTP.Port",
    default=25,
    minimum=1,
    maximum=65_535,
    holders=_HOLDERS,
    help="The port of the mail server.",
)
SMTP_SECURITY = ChoiceOption(
    section=SECTION,
    name="Email.SMTP.Security",
    default="none",
    choices=("none", "starttls", "tls"),
    holders=_HOLDERS,
    help="TLS of the mail server, whose certificate must be good. starttls never goes on without it. With none, "
    "a password is sent only where two-factor/allow-http allows it.",
)
SMTP_USERNAME = _text("Email.SMTP.Username", "Who signs in at the mail server. Empty: nobody.", max_length=255)
SMTP_PASSWORD = _text("Email.SMTP.Password", "The password at the mail server.", secret=True, max_length=1024)
SMTP_TIMEOUT = _milliseconds("Email.SMTP.Timeout", "How long one try at the mail server may take.")

# --- SMS ---
SMS_GATEWAYS = ListOption(
    section=SECTION,
    name="SMS.Gateways",
    default=("http",),
    check=check_among("http", "twilio", "outbox"),
    valid_values="http, twilio, outbox, with commas between",
    holders=_HOLDERS,
    help="By what text messages go, in order; the next is tried when one fails.",
)
SMS_METHOD = ChoiceOption(
    section=SECTION,
    name="SMS.Method",
    default="POST",
    choices=("GET", "POST", "PUT"),
    holders=_HOLDERS,
    help="The type of request that the SMS gateway wants. With GET the code stands in the address.",
)
SMS_URL = _text(
    "SMS.URL",
    "The URL of the SMS gateway; [var:name] in path and query. Its host must be among two-factor/outgoing-hosts.",
    check=check_sms_url,
    valid_values="an https address, or nothing",
)
SMS_HEADERS = _text(
    "SMS.RequestHeaders",
    'Headers of the request: "Name1:Value1","Name2:Value2". They may hold keys, and are not shown again.',
    check=check_headers,
    valid_values='"Name1:Value1","Name2:Value2"',
    secret=True,
    max_length=8192,
)
SMS_BODY = _text(
    "SMS.RequestBody",
    "The body of the request, with [var:recipient], [var:message], [var:code], [var:from], [var:reference], "
    "[var:expiryMinutes] or any variable of the call, written as the content type wants (JSON, XML, form, plain text).",
    check=check_template,
    valid_values="text with [var:name]",
    max_length=16_384,
)
SMS_TIMEOUT = _milliseconds(
    "SMS.Timeout", "How long one try at the SMS gateway may take; whether it arrived is unknown then."
)
SMS_PLUS = BooleanOption(
    section=SECTION,
    name="SMS.PlusSymbolBeforeRecipientNumber",
    default=True,
    holders=_HOLDERS,
    help="Whether a + stands before the recipient's number.",
)
SMS_SUCCESS_STATUS = ListOption(
    section=SECTION,
    name="SMS.SuccessStatus",
    default=("200", "201", "202"),
    check=check_status,
    valid_values="HTTP statuses 200 to 599, with commas between",
    holders=_HOLDERS,
    help="The HTTP statuses by which the SMS gateway says that it took the message.",
)
SMS_SUCCESS_PATTERN = _text(
    "SMS.SuccessPattern",
    "What the answer must hold: one text per line, of which one must be there; * stands for anything, case is one. "
    "Empty: any answer but a web page.",
    check=check_pattern,
    valid_values="texts, one per line, with *",
)
SMS_FAILURE_PATTERN = _text(
    "SMS.FailurePattern",
    "What the answer must not hold, written likewise: gateways tell errors with status 200.",
    check=check_pattern,
    valid_values="texts, one per line, with *",
)
SMS_COUNTRIES = ListOption(
    section=SECTION,
    name="SMS.Countries",
    default=(),
    check=check_region,
    valid_values="two-letter codes (ISO 3166-1), with commas between",
    holders=_HOLDERS,
    help="The countries to which text messages go. Empty: any. Premium-rate numbers get none.",
)

# --- Twilio ---
TWILIO_SID = _text(
    "SMS.Twilio.AccountSid",
    "The account at Twilio.",
    check=check_twilio_sid("AC"),
    valid_values="AC and 32 hexadecimal digits",
    max_length=34,
)
TWILIO_TOKEN = _text(
    "SMS.Twilio.AuthToken", "The auth token at Twilio; it also proves its callbacks.", secret=True, told=False
)
TWILIO_SERVICE = _text(
    "SMS.Twilio.MessagingServiceSid",
    "The messaging service that sends. Empty: SMS Number 'From' does.",
    check=check_twilio_sid("MG"),
    valid_values="MG and 32 hexadecimal digits",
    max_length=34,
)
TWILIO_URL = _text(
    "SMS.Twilio.URL",
    "Where Twilio's API is.",
    "https://api.twilio.com",
    check=check_base_url,
    valid_values="scheme and host",
    set_by="installation",
)
