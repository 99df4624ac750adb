"""The options that rule passwords, lockout, sessions and Basic credentials.

Those of passwords and lockout stand in Genesys' section ``security-authentication-rules``.
"""

from __future__ import annotations

from environment.declarations import CONTACT_CENTER, INSTALLATION, BooleanOption, IntegerOption

_RULES = "security-authentication-rules"
_CREDENTIALS = "basic-credentials"
_BOTH = (INSTALLATION, CONTACT_CENTER)

PASSWORD_MIN_LENGTH = IntegerOption(
    section=_RULES,
    name="password-min-length",
    default=8,
    minimum=1,
    maximum=128,
    unit="characters",
    holders=_BOTH,
    help="The shortest password a user may choose.",
)
PASSWORD_REQ_ALPHA = BooleanOption(
    section=_RULES, name="password-req-alpha", default=False, holders=_BOTH, help="A password holds a letter."
)
PASSWORD_REQ_NUMBER = BooleanOption(
    section=_RULES, name="password-req-number", default=False, holders=_BOTH, help="A password holds a digit."
)
PASSWORD_REQ_MIXED_CASE = BooleanOption(
    section=_RULES,
    name="password-req-mixed-case",
    default=False,
    holders=_BOTH,
    help="A password holds a capital and a small letter.",
)
PASSWORD_REQ_PUNCTUATION = BooleanOption(
    section=_RULES,
    name="password-req-punctuation",
    default=False,
    holders=_BOTH,
    help="A password holds a character that is neither letter nor digit.",
)
PASSWORD_NO_REPEATS = IntegerOption(
    section=_RULES,
    name="password-no-repeats",
    default=3,
    minimum=0,
    maximum=30,
    unit="passwords",
    holders=_BOTH,
    help="How many earlier passwords may not be chosen again. 0: none is remembered.",
)
PASSWORD_EXPIRATION = IntegerOption(
    section=_RULES,
    name="password-expiration",
    default=0,
    minimum=0,
    maximum=3650,
    unit="days",
    holders=_BOTH,
    help="After so many days a password must be changed at the next sign-in. 0: never.",
)
ACCOUNT_EXPIRATION = IntegerOption(
    section=_RULES,
    name="account-expiration",
    default=0,
    minimum=0,
    maximum=365,
    unit="days",
    holders=_BOTH,
    help="An account that has not signed in for so many days is refused. 0: never.",
)
LOCKOUT_THRESHOLD = IntegerOption(
    section=_RULES,
    name="account-lockout-threshold",
    default=10,
    minimum=0,
    maximum=1000,
    unit="failures",
    holders=_BOTH,
    help="Failures of one account from one address that lock this pair. 0: no lockout of pairs.",
)
LOCKOUT_PERIOD = IntegerOption(
    section=_RULES,
    name="account-lockout-attempts-period",
    default=10,
    minimum=0,
    maximum=20,
    unit="minutes",
    holders=_BOTH,
    help="Within which time the failures are counted. 0: until the next success.",
)
LOCKOUT_DURATION = IntegerOption(
    section=_RULES,
    name="account-lockout-duration",
    default=5,
    minimum=1,
    maximum=1440,
    unit="minutes",
    holders=_BOTH,
    help="How long the pair stays locked.",
)
ACCOUNT_FAILURES_PER_HOUR = IntegerOption(
    section="security",
    name="account-failures-per-hour",
    default=50,
    minimum=1,
    maximum=100_000,
    unit="failures",
    holders=_BOTH,
    help="Failures of one account from all addresses in an hour; beyond them only devices that signed in before try.",
)
ADDRESS_FAILURES = IntegerOption(
    section="security",
    name="address-failures-per-10-minutes",
    default=300,
    minimum=1,
    maximum=1_000_000,
    unit="failures",
    holders=(INSTALLATION,),
    help="Failures of one address in 10 minutes over all accounts, and as many with API clients that there are not.",
)
CLIENT_FAILURES = IntegerOption(
    section="security",
    name="client-failures-per-10-minutes",
    default=50,
    minimum=1,
    maximum=1_000_000,
    unit="failures",
    holders=(INSTALLATION,),
    help="Failures of one API client or Basic credential from one address in 10 minutes.",
)
KEY_ROTATION = IntegerOption(
    section="security",
    name="signing-key-rotation",
    default=90,
    minimum=0,
    maximum=3650,
    unit="days",
    holders=(INSTALLATION,),
    help="A signing key that has signed for so many days is followed by a new one, published a day before it signs. "
    "0: rotated by hand only.",
)
SESSION_IDLE = IntegerOption(
    section="sessions",
    name="idle-minutes",
    default=30,
    minimum=1,
    maximum=1440,
    unit="minutes",
    holders=_BOTH,
    help="A session ends after so long without a request.",
)
SESSION_ABSOLUTE = IntegerOption(
    section="sessions",
    name="absolute-hours",
    default=12,
    minimum=1,
    maximum=720,
    unit="hours",
    holders=_BOTH,
    help="A session ends after so long, whatever happens in it.",
)
TEMPORARY_TOKEN_MINUTES = IntegerOption(
    section=_CREDENTIALS,
    name="temporary-token-minutes",
    default=15,
    minimum=1,
    maximum=60,
    unit="minutes",
    holders=_BOTH,
    help="How long a temporary authorization token that an administrator took from the browser is accepted.",
)
CREDENTIAL_LIFETIME = IntegerOption(
    section=_CREDENTIALS,
    name="default-lifetime-days",
    default=90,
    minimum=1,
    maximum=3650,
    unit="days",
    holders=_BOTH,
    help="After how long a Basic credential expires that was registered without an expiry, but never later than "
    "longest-lifetime-days.",
)
CREDENTIAL_LONGEST_LIFETIME = IntegerOption(
    section=_CREDENTIALS,
    name="longest-lifetime-days",
    default=1826,
    minimum=1,
    maximum=36_500,
    unit="days",
    holders=_BOTH,
    help="How far ahead the expiry of a Basic credential of a contact center may lie. In the admin and by "
    "`manage.py basicauth` one can be made that never expires.",
)
CREDENTIAL_REQUESTS = IntegerOption(
    section=_CREDENTIALS,
    name="requests-per-minute",
    default=200,
    minimum=1,
    maximum=1_000_000,
    unit="requests",
    holders=_BOTH,
    help="Requests to /configuration of one caller in a minute.",
)
CREDENTIAL_TOKEN_MINUTES = IntegerOption(
    section=_CREDENTIALS,
    name="token-minutes",
    default=10,
    minimum=1,
    maximum=10,
    unit="minutes",
    holders=_BOTH,
    help="How long a token is accepted that a Basic credential got for its pair; never past the credential's expiry.",
)
