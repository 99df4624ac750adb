"""Authlib, unmodified, against a running server."""

import pytest
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.cast import SECRET
from tests.flows.people import members_of

pytestmark = pytest.mark.live
API = "/auth/v3"


def test_authlib_completes_code_pkce_refresh_userinfo_and_sign_out(live, person, listener):
    metadata = person.http.get(f"{live}{API}/.well-known/openid-configuration").json()
    client = OAuth2Session(
        "spa",
        scope="openid profile",
        redirect_uri=listener.url,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
    )
    verifier = generate_token(48)
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce="n-1"
    )

    back = person.signs_in(url, "agent")
    assert members_of(back)["iss"] == metadata["issuer"]
    token = client.fetch_token(
        metadata["token_endpoint"], authorization_response=back.headers["Location"], state=state, code_verifier=verifier
    )
    assert token["token_type"] == "bearer"

    keys = KeySet.import_key_set(person.http.get(metadata["jwks_uri"]).json())
    claims = jwt.decode(token["id_token"], keys).claims
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": metadata["issuer"]},
        aud={"essential": True, "value": "spa"},
        nonce={"essential": True, "value": "n-1"},
        exp={"essential": True},
    ).validate(claims)

    first = token["access_token"]
    assert client.get(metadata["userinfo_endpoint"]).json()["sub"] == claims["sub"]
    token = client.refresh_token(metadata["token_endpoint"])
    assert token["access_token"] != first
    who = client.get(f"{live}{API}/userinfo").json()
    assert (who["loginName"], who["authorities"]) == ("agent", [{"name": "ROLE_AGENT", "privileges": []}])

    assert client.post(f"{live}{API}/sign-out").json()["status"]["code"] == 0
    assert client.get(f"{live}{API}/userinfo").status_code == 401


def test_authlib_understands_our_errors(live):
    client = OAuth2Session("desk", "not the secret")
    with pytest.raises(Exception, match="invalid_client"):
        client.fetch_token(f"{live}{API}/oauth/token", grant_type="client_credentials")


def test_authlib_gets_a_clients_own_token(live):
    client = OAuth2Session("desk", SECRET)
    client.fetch_token(f"{live}{API}/oauth/token", grant_type="client_credentials")
    assert client.get(f"{live}{API}/userinfo").json()["username"] == "desk"
