"""The privileges that give rights here: Genesys' read < write < administer, per object type."""

from __future__ import annotations

LEVELS = ("read", "write", "administer")

CONTACT_CENTER_TYPES = (
    "contact-centers",
    "applications",
    "options",
    "places",
    "devices",
    "users",
    "roles",
    "access-groups",
    "basic-credentials",
    "api-clients",
    "tokens",
    "sessions",
    "lockouts",
    "changes",
    "security-events",
    "history",
    "strategies",
    "two-factor",
    "customers",
    "two-factor-sessions",
)
INSTALLATION_TYPES = ("installation", "environments", "signing-keys", "jobs")
READ_SECRETS = "option-secrets:read"

CONTACT_CENTER_PRIVILEGES = frozenset(
    f"{object_type}:{level}" for object_type in CONTACT_CENTER_TYPES for level in LEVELS
) | {READ_SECRETS}
"""What a contact center's administrator may hold."""

PRIVILEGES = CONTACT_CENTER_PRIVILEGES | {
    f"{object_type}:{level}" for object_type in INSTALLATION_TYPES for level in LEVELS
}
"""All that give rights; other names in a role are told to callers and give none."""


def covers(held: frozenset[str], object_type: str, level: str) -> bool:
    """Whether ``held`` gives this level: a higher one includes the lower."""
    wanted = LEVELS[LEVELS.index(level) :]
    return any(f"{object_type}:{step}" in held for step in wanted)


def closed(held: frozenset[str]) -> frozenset[str]:
    """``held`` with what each privilege includes: for comparing who holds more."""
    included = set(held)
    for privilege in held & PRIVILEGES:
        object_type, _, level = privilege.rpartition(":")
        if level in LEVELS:
            included |= {f"{object_type}:{step}" for step in LEVELS[: LEVELS.index(level) + 1]}
    return frozenset(included & PRIVILEGES)
