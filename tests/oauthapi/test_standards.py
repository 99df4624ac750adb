"""One test per line of the standards about token, user info, discovery, sign-out; the line stands in the docstring."""

import json
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import (
    CALLBACK,
    TOKEN,
    by_code,
    by_password,
    get,
    new_code,
    post_token,
    refreshed,
)
from tests.oauthapi.test_token_password import _claims, _decoded


def test_token_is_post_only(client, db):
    """POST only → 405 otherwise, `Allow: POST`"""
    answer = client.get(TOKEN)
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]


def test_codes_are_single_use(spa, bob):
    """code: single use, bound to client + redirect_uri; second use denied and SHOULD revoke tokens issued from it"""
    code = new_code(spa, bob)
    token = by_code(spa, code).json()["access_token"]
    assert by_code(spa, code).status_code == 400
    assert get("/auth/v3/userinfo", token).status_code == 401


def test_redirect_uri_at_token(spa, bob):
    """`redirect_uri` at token must be identical if it was sent at authorize"""
    assert by_code(spa, new_code(spa, bob), redirect_uri=CALLBACK + "/").json()["error"] == "invalid_grant"


def test_client_credentials(desk, spa):
    """client_credentials: confidential only; refresh token SHOULD NOT"""
    assert "refresh_token" not in post_token(desk, grant_type="client_credentials").json()
    answer = post_token(spa, grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_one_method_of_client_authentication(desk):
    """never more than one client-auth method per request"""
    assert (
        post_token(desk, grant_type="client_credentials", client_id="desk", client_secret="x").json()["error"]
        == "invalid_request"
    )


def test_secret_not_in_the_uri(desk):
    """client secret not in the URI"""
    answer = Client().post(f"{TOKEN}?client_id=desk&client_secret=x", {})
    assert answer.status_code == 400


def test_failed_basic_client(desk):
    """failed Basic client auth → 401 with `WWW-Authenticate: Basic`"""
    answer = post_token("desk", secret="wrong", grant_type="client_credentials")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Basic ")


def test_refresh_is_bound_to_the_client(desk, partner, bob):
    """refresh: bound to client; client authenticated; scope can only shrink"""
    token = by_password(desk, bob, scope="openid")["refresh_token"]
    assert refreshed(partner, token).json()["error"] == "invalid_grant"
    assert post_token(None, grant_type="refresh_token", refresh_token=token, client_id="desk").status_code == 401
    assert refreshed(desk, token, scope="openid email").json()["error"] == "invalid_scope"


def test_scope_and_lifetime_are_answered(desk, bob):
    """`scope` in the response required when it differs from the request; `expires_in` RECOMMENDED"""
    body = by_password(desk, bob)
    assert body["scope"]
    assert body["expires_in"]


def test_token_answers_are_not_stored(desk, bob):
    """Cache-Control: no-store + Pragma: no-cache on token responses"""
    for answer in (post_token(desk, grant_type="client_credentials"), post_token(desk, grant_type="nonsense")):
        assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")


def test_entropy(desk, bob):
    """codes/tokens ≥128-bit entropy"""
    body = by_password(desk, bob)
    assert len(body["access_token"]) >= 43
    assert len(body["refresh_token"]) >= 43


def test_bearer_header_only(desk, bob):
    """Authorization header supported; query token SHOULD NOT (do not implement)"""
    token = by_password(desk, bob)["access_token"]
    assert get("/auth/v3/userinfo", token).status_code == 200
    assert get(f"/auth/v3/userinfo?access_token={token}").status_code == 401


def test_bearer_challenge(db):
    """401 carries `WWW-Authenticate: Bearer`; no error code when no credentials were sent; `invalid_token` 401"""
    assert "error" not in get("/auth/v3/userinfo")["WWW-Authenticate"]
    assert 'error="invalid_token"' in get("/auth/v3/userinfo", "x")["WWW-Authenticate"]


@pytest.mark.parametrize("verifier", ["", "w" * 43, "v" * 42, "v" * 129])
def test_verifier(spa, bob, verifier):
    """verifier 43-128 unreserved chars; missing/incorrect verifier → invalid_grant"""
    assert by_code(spa, new_code(spa, bob), code_verifier=verifier).json()["error"] == "invalid_grant"


@pytest.fixture
def metadata(db) -> dict:
    return get("/auth/v3/.well-known/openid-configuration").json()


def test_metadata_at_both_places(metadata):
    """metadata at /.well-known/oauth-authorization-server/auth/v3 (inserted)
    and /auth/v3/.well-known/openid-configuration (appended)"""
    assert get("/.well-known/oauth-authorization-server/auth/v3").json() == metadata


def test_issuer(metadata, desk, bob):
    """`issuer` identical to the prefix used and to `iss`; no query/fragment"""
    assert metadata["issuer"] == f"{settings.DESKGATE_PUBLIC_URL}/auth/v3"
    assert _claims(by_password(desk, bob, scope="openid")["id_token"])["iss"] == metadata["issuer"]


def test_metadata_members(metadata):
    """required: issuer, authorization_endpoint, token_endpoint, response_types_supported; OIDC adds jwks_uri,
    subject_types_supported, id_token_signing_alg_values_supported incl. RS256"""
    assert {"authorization_endpoint", "token_endpoint", "jwks_uri", "subject_types_supported"} <= set(metadata)
    assert set(metadata["response_types_supported"]) <= {"code", "token"}
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
        assert metadata[name].startswith(settings.DESKGATE_PUBLIC_URL)


def test_metadata_pkce_and_grants(metadata):
    """Publish code_challenge_methods_supported, grant_types_supported,
    authorization_response_iss_parameter_supported"""
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert {"authorization_code", "refresh_token", "client_credentials"} <= set(metadata["grant_types_supported"])
    assert metadata["authorization_response_iss_parameter_supported"] is True


def test_metadata_follows_the_strict_profile(db):
    """both off in the metadata when off"""
    from environment.services.options import option_set

    option_set(holder=None, section="oauth", name="strict", value="true")
    strict = get("/auth/v3/.well-known/openid-configuration").json()
    assert not {"password", "implicit"} & set(strict["grant_types_supported"])
    assert strict["response_types_supported"] == ["code"]


def test_jwks_verifies_id_tokens(metadata, desk, bob):
    """jwks_uri"""
    token = by_password(desk, bob, scope="openid")["id_token"]
    kid = json.loads(_decoded(token.split(".")[0]))["kid"]
    published = get(urlsplit(metadata["jwks_uri"]).path).json()["keys"]
    assert kid in [key["kid"] for key in published]
    assert not any("d" in key for key in published)


def test_userinfo_by_get_and_post(desk, bob):
    """UserInfo over GET and POST, `sub` always and matching"""
    body = by_password(desk, bob, scope="openid")
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    for answer in (
        Client().get("/auth/v3/openid/userinfo", headers=bearer),
        Client().post("/auth/v3/openid/userinfo", headers=bearer),
    ):
        assert answer.json()["sub"] == _claims(body["id_token"])["sub"]


def test_pkce_downgrade(desk, bob):
    """reject a `code_verifier` when no challenge was sent"""
    assert by_code(desk, new_code(desk, bob, code_challenge="")).json()["error"] == "invalid_grant"


def test_rotation_of_public_clients(spa, bob):
    """refresh tokens of public clients: rotation"""
    body = by_code(spa, new_code(spa, bob)).json()
    assert refreshed(spa, body["refresh_token"]).json()["refresh_token"] != body["refresh_token"]


def test_clients_are_no_users(desk, bob):
    """a client-credentials token must never be mistaken for a user's"""
    own = post_token(desk, grant_type="client_credentials", scope="openid").json()["access_token"]
    assert ":" not in get("/auth/v3/openid/userinfo", own).json()["sub"]
    assert ":" in bob.subject


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", CALLBACK + ".evil.example"])
def test_sign_out_is_no_open_redirector(desk, bob, target):
    """no open redirectors (authorize, sign-out, sign-in `next`)"""
    token = by_password(desk, bob)["access_token"]
    answer = get(f"/auth/v3/sign-out?{urlencode({'redirectUri': target})}", token)
    assert answer.status_code == 200
    assert "Location" not in answer


def test_sign_out_ends_the_token(desk, bob):
    """refresh tokens may be revoked on password change/logout"""
    body = by_password(desk, bob)
    bearer = {"Authorization": f"bearer {body['access_token']}"}
    assert Client().post("/auth/v3/sign-out", headers=bearer, content_type="application/json").status_code == 200
    assert Client().post("/auth/v3/sign-out", headers=bearer, content_type="application/json").status_code == 401
    assert refreshed(desk, body["refresh_token"]).json()["error"] == "invalid_grant"
