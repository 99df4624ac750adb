"""The screens of this room: Provisioning > Accounts."""

from accounts.admin.credentials import BasicCredentialAdmin
from accounts.admin.keys import SigningKeyAdmin
from accounts.admin.proofs import LockoutAdmin, SessionAdmin
from accounts.admin.roles import AccessGroupAdmin, RoleAdmin
from accounts.admin.temporary import TemporaryTokenAdmin
from accounts.admin.users import UserAdmin

__all__ = [
    "AccessGroupAdmin",
    "BasicCredentialAdmin",
    "LockoutAdmin",
    "RoleAdmin",
    "SessionAdmin",
    "SigningKeyAdmin",
    "TemporaryTokenAdmin",
    "UserAdmin",
]
