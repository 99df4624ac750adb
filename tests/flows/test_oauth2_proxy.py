"""What oauth2-proxy (7.x, provider ``oidc``) asks of a provider, call by call, made by Authlib against a live server.

There is no package of it to run here. Its source says what it needs: discovery whose issuer is the one set; the code
flow with S256, state and nonce; an ID token that verifies (``aud`` is the client, nonce too); then ``sub``, ``email``,
``groups`` and ``preferred_username``, each from the ID token, else from user info (``profileURL``). There must be an
e-mail (else "neither the id_token nor the profileURL set an email"), and ``email_verified`` must not be false.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tests.cast import SECRET
from tests.flows.people import Person

pytestmark = pytest.mark.live
API = "/auth/v3"


class Refused(Exception):
    """What oauth2-proxy shows as 500 after the callback."""


class Proxy:
    """One oauth2-proxy: its settings, and the session that it would keep in its cookie."""

    def __init__(self, issuer: str, redirect_url: str, *, email_claim: str = "email") -> None:
        self.issuer, self.email_claim = issuer, email_claim
        # --oidc-issuer-url: go-oidc asks this one place and compares the issuer to the letter.
        self.metadata: dict[str, Any] = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
        assert self.metadata["issuer"] == issuer
        assert "S256" in self.metadata["code_challenge_methods_supported"]
        assert "RS256" in self.metadata["id_token_signing_alg_values_supported"]
        self.client = OAuth2Session(
            "desk",
            SECRET,
            scope="openid email profile",
            redirect_uri=redirect_url,
            code_challenge_method="S256",
        )
        self.nonce = generate_token(32)
        self.session: dict[str, Any] = {}

    def starts(self) -> str:
        """/oauth2/start: where the browser is sent."""
        self.verifier = generate_token(48)
        url, self.state = self.client.create_authorization_url(
            self.metadata["authorization_endpoint"],
            code_verifier=self.verifier,
            nonce=self.nonce,
            approval_prompt="force",
        )
        return str(url)

    def finishes(self, location: str) -> None:
        """/oauth2/callback."""
        token = self.client.fetch_token(
            self.metadata["token_endpoint"],
            authorization_response=location,
            state=self.state,
            code_verifier=self.verifier,
        )
        self.session = self._session_of(token)
        if self._verified(token["id_token"])["nonce"] != self.nonce:
            raise Refused("id_token nonce claim does not match the session nonce")
        if not self.session["email"]:
            raise Refused("neither the id_token nor the profileURL set an email")

    def refreshes(self) -> None:
        """--cookie-refresh: a new ID token is read like the first."""
        self.session = self._session_of(self.client.refresh_token(self.metadata["token_endpoint"]))

    def lets_in(self, bearer: str) -> bool:
        """--skip-jwt-bearer-tokens: an ID token of this issuer and client as bearer stands for a session."""
        try:
            self._verified(bearer)
        except JoseError:
            return False
        return True

    def _session_of(self, token: dict[str, Any]) -> dict[str, Any]:
        claim = self._claims(self._verified(token["id_token"]), token["access_token"])
        found = {"user": claim("sub"), "email": claim(self.email_claim), "groups": claim("groups")}
        if self.email_claim == "email" and claim("email_verified") is False:
            raise Refused("email in id_token isn't verified")
        return found | {"token": token}

    def _claims(self, id_token: dict[str, Any], access_token: str) -> Callable[[str], Any]:
        """The value of a claim: of the ID token, else of user info."""
        bearer = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        profile = httpx.get(self.metadata["userinfo_endpoint"], headers=bearer).raise_for_status().json()
        return lambda name: id_token.get(name, profile.get(name))

    def _verified(self, id_token: str) -> dict[str, Any]:
        keys = KeySet.import_key_set(httpx.get(self.metadata["jwks_uri"]).json())
        claims = jwt.decode(id_token, keys, algorithms=["RS256"]).claims
        jwt.JWTClaimsRegistry(
            exp={"essential": True},
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": "desk"},
        ).validate(claims)
        return claims


def signed_in(live: str, person: Person, listener: Any, user: str, **words: Any) -> Proxy:
    proxy = Proxy(f"{live}{API}", listener.url, **words)
    proxy.finishes(person.signs_in(proxy.starts(), user).headers["Location"])
    return proxy


def test_the_e_mail_comes_from_user_info(live, person, listener):
    proxy = signed_in(live, person, listener, "agent")
    assert proxy.session["email"] == "anna@one.example.com"
    # OpenID Connect Core §5.4: with an access token, what the scope asks for is at user info.
    assert "email" not in jwt_payload(proxy)
    assert proxy.session["user"] == jwt_payload(proxy)["sub"]


def jwt_payload(proxy: Proxy) -> dict[str, Any]:
    return proxy._verified(proxy.session["token"]["id_token"])


def test_somebody_without_an_e_mail_needs_another_claim(live, person, listener):
    with pytest.raises(Refused, match="nor the profileURL"):
        signed_in(live, person, listener, "bob")
    proxy = signed_in(live, Person(live), listener, "bob", email_claim="sub")
    assert proxy.session["email"] == proxy.session["user"]
    proxy = signed_in(live, Person(live), listener, "bob", email_claim="user_name")
    assert proxy.session["email"].startswith("bob:")


def test_a_session_is_refreshed_with_a_new_id_token(live, person, listener):
    proxy = signed_in(live, person, listener, "agent")
    before = proxy.session
    proxy.refreshes()
    assert proxy.session["email"] == before["email"]
    assert proxy.session["user"] == before["user"]
    assert proxy.session["token"]["access_token"] != before["token"]["access_token"]
    assert proxy.session["token"]["id_token"] != before["token"]["id_token"]
    assert proxy.session["token"]["refresh_token"]


def test_after_sign_out_no_refresh_succeeds(live, person, listener):
    proxy = signed_in(live, person, listener, "agent")
    bearer = {"Authorization": f"Bearer {proxy.session['token']['access_token']}"}
    assert httpx.post(f"{live}{API}/sign-out", headers=bearer).status_code == 200
    with pytest.raises(Exception, match="invalid_grant"):
        proxy.refreshes()


def test_an_id_token_may_be_the_bearer_and_an_access_token_not(live, person, listener):
    proxy = signed_in(live, person, listener, "agent")
    assert proxy.lets_in(proxy.session["token"]["id_token"])
    assert not proxy.lets_in(proxy.session["token"]["access_token"])
    headers = {"Authorization": f"Bearer {proxy.session['token']['access_token']}"}
    assert not proxy.lets_in(httpx.get(f"{live}{API}/jwt-userinfo", headers=headers).headers["X-GWS-User"])


def test_signing_out_goes_by_the_browser(live, person, listener):
    """/oauth2/sign_out?rd=…: the proxy drops its cookie and sends the browser on; without an ID token Deskgate asks."""
    proxy = signed_in(live, person, listener, "agent")
    asked = person.opens(f"{proxy.metadata['end_session_endpoint']}?client_id=desk")
    assert "Sign out?" in asked.text
    assert person.sends(asked, confirm="yes").status_code == 200
    assert "Sign in" in person.opens(proxy.starts()).text


def test_a_back_end_logout_without_the_browser_ends_nothing(live, person, listener):
    """--backend-logout-url is called by the proxy itself: Deskgate signs a browser out, and there is none."""
    proxy = signed_in(live, person, listener, "agent")
    hint = {"id_token_hint": proxy.session["token"]["id_token"]}
    assert httpx.get(proxy.metadata["end_session_endpoint"], params=hint).status_code == 302
    proxy.refreshes()
