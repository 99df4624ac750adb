"""Who exists: users, roles, access groups, Basic credentials; and what proves or ends a proof."""

from accounts.models.credentials import BasicCredential
from accounts.models.keys import SigningKey
from accounts.models.proofs import FailureCounter, PasswordHistory, Session
from accounts.models.roles import AccessGroup, Role
from accounts.models.temporary import TemporaryToken
from accounts.models.users import User

__all__ = [
    "AccessGroup",
    "BasicCredential",
    "FailureCounter",
    "PasswordHistory",
    "Role",
    "Session",
    "SigningKey",
    "TemporaryToken",
    "User",
]
