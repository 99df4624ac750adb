"""The engine of options: an option is declared once, as an object in the room that reads it.

::

    MIN_LENGTH = IntegerOption(
        section="security-authentication-rules", name="password-min-length", default=8, minimum=1, maximum=128,
        unit="characters", holders=(INSTALLATION, CONTACT_CENTER), help="The shortest password a user may choose.",
    )
    MIN_LENGTH.of(contact_center)   # -> 8

A read falls back application → contact center → installation → default, over the levels in ``holders``, and takes
effect on the next request in every worker (``environment.snapshots``). Making a declaration registers it; do so at
the top of a room's ``options.py`` only.
"""

from environment.declarations.base import (
    CONTACT_CENTER,
    HOLDERS,
    INSTALLATION,
    MAX_TEXT,
    Explained,
    Holder,
    Level,
    OptionDeclaration,
    declaration_of,
    find,
    holder_kind,
    is_told,
    registry,
    unregister,
)
from environment.declarations.rules import Named, Standing, option_rule, rule_faults, rules_require
from environment.declarations.types import (
    BooleanOption,
    ChoiceOption,
    DurationOption,
    IntegerOption,
    ListOption,
    TextOption,
)

__all__ = [
    "CONTACT_CENTER",
    "HOLDERS",
    "INSTALLATION",
    "MAX_TEXT",
    "BooleanOption",
    "ChoiceOption",
    "DurationOption",
    "Explained",
    "Holder",
    "IntegerOption",
    "Level",
    "ListOption",
    "Named",
    "OptionDeclaration",
    "Standing",
    "TextOption",
    "declaration_of",
    "find",
    "holder_kind",
    "is_told",
    "option_rule",
    "registry",
    "rule_faults",
    "rules_require",
    "unregister",
]
