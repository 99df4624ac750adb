"""Two Factor Authentication Settings: the rows of the seed's table (seed 004) that every application needs.

Beside it: ``external``, ``internal`` and ``services`` of the same page, and the ``rules`` between them.
"""

from __future__ import annotations

from environment.declarations import ChoiceOption, ListOption
from twofactor.options.declaring import (
    HOLDERS,
    SECTION,
    check_path,
    check_path_of_failure,
    check_path_of_failure_or_none,
    check_variable,
    declare_number,
    declare_switch,
    declare_text,
)
from twofactor.options.fixed_codes import check_fixed_code

DEFAULT_PATHS = ("success", "error", "agent", "hangup", "maxnoinput", "maxnomatch")
"""The paths that every application has."""

PATHS = ListOption(
    section=SECTION,
    name="paths",
    default=(),
    check=check_path,
    valid_values="names of paths, with commas between",
    holders=HOLDERS,
    help=f"The paths that leave the Link block which calls this application, beside {', '.join(DEFAULT_PATHS)}.",
)

# --- Contact Methods and Behavior ---
EMAIL_VARIABLE = declare_text(
    "email-variable",
    "CustomerEmail",
    "Variable Name for Customer Email Address: holds the user's verified email address.",
    check=check_variable,
    valid_values="the name of a variable",
)
PHONE_VARIABLE = declare_text(
    "phone-variable",
    "CustomerPhone",
    "Variable Name for Customer Phone Number: holds the user's verified phone number.",
    check=check_variable,
    valid_values="the name of a variable",
)
NO_METHOD_PATH = declare_text(
    "no-method-path",
    "error",
    "Behaviour if No Verified Contact Method Available: the path to take.",
    check=check_path_of_failure,
    valid_values="a path of this application",
)
MAX_SENDS = declare_number(
    "max-sends", 3, 1, 10, "Maximum Attempts at Sending an Authentication Code: how many new codes one call gets."
)
MAX_SENDS_PATH = declare_text(
    "max-sends-path",
    "error",
    "Behaviour After Exceeding Maximum Code Send Attempts: the path to take.",
    check=check_path_of_failure,
    valid_values="a path of this application",
)
MAX_VERIFY = declare_number(
    "max-verify",
    3,
    1,
    10,
    "Maximum Attempts at Verifying an Authentication Code: how many requests one code gets.",
)
MAX_VERIFY_PATH = declare_text(
    "max-verify-path",
    "",
    "Behaviour After Exceeding Maximum Code Verification Attempts: the path to take. Empty: another code is sent, "
    "while sends are left.",
    check=check_path_of_failure_or_none,
    valid_values="a path of this application, or nothing",
)
SKIP = declare_switch(
    "skip-authenticated",
    True,
    "Skip Options: whoever has passed in this call is not asked again when the call comes back.",
)
SKIP_MINUTES = declare_number("skip-minutes", 60, 1, 1440, "How long after passing that holds.", unit="minutes")

# --- Code Generation Options ---
CODE_GENERATION = ChoiceOption(
    section=SECTION,
    name="code-generation",
    default="internal",
    choices=("internal", "external"),
    holders=HOLDERS,
    help="Code Generation Options. internal: codes are made and sent here. external: the web services below do it.",
)

# --- The call ---
INPUT_ROUNDS = declare_number(
    "max-input-rounds", 3, 1, 10, "How many times in a row a caller may say nothing, or nothing that counts."
)
NO_INPUT_PATH = declare_text(
    "no-input-path",
    "maxnoinput",
    "The path when no input came too often.",
    check=check_path_of_failure,
    valid_values="a path",
)
NO_MATCH_PATH = declare_text(
    "no-match-path",
    "maxnomatch",
    "The path after too many answers that did not match.",
    check=check_path_of_failure,
    valid_values="a path",
)
SESSION_MINUTES = declare_number("session-minutes", 15, 1, 120, "How long one call may take.", unit="minutes")
MAX_DELIVERY_FAILURES = declare_number(
    "max-delivery-failures", 3, 1, 10, "How many sends that surely failed are given back to the call."
)
TEST_DELIVERY = ChoiceOption(
    section=SECTION,
    name="test-call-delivery",
    default="none",
    choices=("none", "gateways"),
    holders=HOLDERS,
    help="What becomes of the codes of test calls. none: only test-destinations get one, which is not sent.",
)
TEST_DESTINATIONS = ListOption(
    section=SECTION,
    name="test-destinations",
    default=(),
    check=check_fixed_code,
    valid_values="destination=code, with commas between",
    holders=HOLDERS,
    secret=True,
    told=False,
    help="Numbers and addresses that have a fixed code on test calls, to which nothing is sent. A code has as many "
    "digits as codes that are made here.",
)
