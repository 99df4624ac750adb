"""An authorize request tried before anybody meets it: the ready-made URL, and what the endpoint would say.

The endpoint's own check is asked (``flows.authorize.checked``), without HTTP and without a trace: it writes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from config.http.errors import Refusal
from oauthapi.flows.authorize import AuthorizeRequest, RedirectError, checked
from oauthapi.models import ApiClient
from oauthapi.redirects import redirect_uri_verdict
from oauthapi.rules import allowed_scopes
from oauthapi.strict import pkce_required, strict_profile

RESPONSE_TYPES = {"code": "authorization_code", "token": "implicit"}
"""Response type → the grant behind it."""


@dataclass(frozen=True, slots=True)
class SignInUrl:
    """A ready-made authorize URL; ``verifier`` is what the exchange of its code needs ("" without PKCE)."""

    params: tuple[tuple[str, str], ...]
    verifier: str

    @property
    def url(self) -> str:
        """What a browser opens."""
        return f"{settings.DESKGATE_PUBLIC_URL}/auth/v3/oauth/authorize?{urlencode(self.params)}"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the endpoint would say: the sign-in page when ``error`` is empty.

    ``told`` is what user or application would read, ``because`` the inner reason; ``redirected`` says that the
    application hears it, by a redirect.
    """

    error: str = ""
    told: str = ""
    because: str = ""
    redirected: bool = False
    consent: bool = False


def sign_in_url(client: ApiClient, *, redirect_uri: str, response_type: str = "code", scope: str = "") -> SignInUrl:
    """The URL for one of the client's redirect URIs, with a fresh PKCE pair where the client needs one."""
    params = {
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "response_type": response_type,
        "scope": scope,
        "state": "test",
    }
    verifier = ""
    if response_type == "code" and pkce_required(client):
        verifier = secrets.token_urlsafe(32)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        params |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return SignInUrl(tuple((name, value) for name, value in params.items() if value), verifier)


def rehearsed(client: ApiClient, url: SignInUrl) -> Rehearsal:
    """What the endpoint would answer to a browser that nobody has signed in at."""
    asked = AuthorizeRequest(url.params)
    try:
        checked(asked)
    except RedirectError as refused:
        members = dict(parse_qsl(urlsplit(refused.location).query or urlsplit(refused.location).fragment))
        told = members.get("error_description", "")
        return Rehearsal(refused.error, told, _why_redirected(client, asked, refused) or told, redirected=True)
    except Refusal as refused:
        return Rehearsal(str(refused.status), refused.message, _why_refused(client, asked, refused))
    return Rehearsal(consent=not client.trusted)


def _why_refused(client: ApiClient, asked: AuthorizeRequest, refused: Refusal) -> str:
    if not client.enabled:
        return "The client is disabled."
    if client.owner and not client.owner.enabled:
        return f"The contact center that owns it, {client.owner}, is disabled."
    bound = list(client.contact_centers.all())
    if bound and not any(contact_center.enabled for contact_center in bound):
        return "Every contact center that it is for is disabled."
    return redirect_uri_verdict(client, asked.get("redirect_uri")).why_not or refused.reason


def _why_redirected(client: ApiClient, asked: AuthorizeRequest, refused: RedirectError) -> str:
    grant = RESPONSE_TYPES.get(asked.get("response_type"), "")
    if refused.error == "unauthorized_client" and grant:
        return _why_no_grant(client, grant)
    if refused.error == "invalid_scope":
        barred = [one for one in asked.get("scope").split() if one not in allowed_scopes(client.scopes)]
        if not barred:
            return "The scope configuration is given by the code flow only."
        return f"Not among the client's scopes: {', '.join(barred)}."
    cause = refused.__cause__
    return (cause.description or "") if isinstance(cause, OAuth2Error) else ""


def _why_no_grant(client: ApiClient, grant: str) -> str:
    if grant not in client.grants:
        return f"The client does not have the grant {grant}."
    if grant == "implicit" and strict_profile():
        return "The strict profile turns the implicit grant off."
    return f"The client's legacy grants ended on {client.legacy_grants_until}."
