"""Internal Code Generation Options (seed 004): codes that are made and sent here."""

from __future__ import annotations

from twofactor.options.declaring import declare_number, declare_switch, declare_text
from twofactor.options.server_checks import check_one_line, check_sender_address, check_sms_sender

DIGITS = declare_number(
    "digits",
    6,
    4,
    9,
    "Number of digits for the Generated Code. Prompts, grammar and checks follow at once. Fewer than 6 are not safe.",
    unit="digits",
)
EXPIRY_MINUTES = declare_number(
    "code-expiration",
    5,
    1,
    60,
    "Internal Code Expiration Time (minutes). More than 10 is longer than ASVS 6.5.5 allows.",
    unit="minutes",
)
EMAIL_FROM = declare_text(
    "email-from",
    "",
    "Email Address 'From'.",
    check=check_sender_address,
    valid_values="an e-mail address",
    max_length=254,
)
EMAIL_SUBJECT = declare_text("email-subject", "Your code", "Email Subject.", check=check_one_line, max_length=200)
SMS_FROM = declare_text(
    "sms-from",
    "",
    "SMS Number 'From': a number with its country code, or up to 11 letters and digits.",
    check=check_sms_sender,
    valid_values="a number with its country code, or up to 11 letters and digits",
    max_length=16,
)
PRODUCT_NAME = declare_text(
    "product-name", "Deskgate", "The name that messages begin with.", check=check_one_line, max_length=40
)
INTERNAL_AUTHENTICATOR = declare_switch(
    "internal-authenticator", True, "Whether customers who enrolled an authenticator here may use it."
)
STRICT = declare_switch(
    "strict",
    False,
    "No e-mail, and text messages only for customers who have an authenticator too (NIST SP 800-63B-4, ASVS level 3).",
)
