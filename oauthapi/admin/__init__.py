"""The screens of this room. Those that django-oauth-toolkit registers are named in its settings and only imported."""

from oauthapi.admin.clients import ApiClientAdmin
from oauthapi.admin.tokens import (
    AccessTokenAdmin,
    AuthorizationCodeAdmin,
    ConsentAdmin,
    IDTokenAdmin,
    RefreshTokenAdmin,
    TokenFamilyAdmin,
)

__all__ = [
    "AccessTokenAdmin",
    "ApiClientAdmin",
    "AuthorizationCodeAdmin",
    "ConsentAdmin",
    "IDTokenAdmin",
    "RefreshTokenAdmin",
    "TokenFamilyAdmin",
]
