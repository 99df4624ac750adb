"""API clients, what they were given, and sign-ins under way. django-oauth-toolkit's five models are swapped here."""

from oauthapi.models.clients import ApiClient
from oauthapi.models.grants import AuthorizationCode, AuthorizationRequest, Consent
from oauthapi.models.tokens import AccessToken, IDToken, RefreshToken, TokenFamily

__all__ = [
    "AccessToken",
    "ApiClient",
    "AuthorizationCode",
    "AuthorizationRequest",
    "Consent",
    "IDToken",
    "RefreshToken",
    "TokenFamily",
]
