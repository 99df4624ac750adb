"""The strict profile and the switches it overrides, read from options."""

from __future__ import annotations

from oauthapi import options
from oauthapi.models import ApiClient


def strict_profile() -> bool:
    """Whether the installation keeps to RFC 9700 without the concessions to legacy clients."""
    return options.STRICT.of(None)


def basic_on_authorize(client: ApiClient) -> bool:
    """Whether this client may send the user's pair to the authorize endpoint."""
    return client.basic_on_authorize and options.BASIC_ON_AUTHORIZE.of(None) and not strict_profile()


def pkce_required(client: ApiClient) -> bool:
    """Whether the client's authorize requests need a challenge: public clients and the strict profile always."""
    return client.is_public or client.require_pkce or strict_profile()
