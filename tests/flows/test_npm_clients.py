"""JavaScript's OAuth clients, unmodified and at their strictest, against a running server."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest

from tests.cast import PASSWORD, SECRET
from tests.flows.npm_clients import ClientError, Library
from tests.flows.people import members_of
from tests.tools import needs

pytestmark = [pytest.mark.live, needs("node", "npm")]
API = "/auth/v3"
BACK = "http://127.0.0.1:8080/initialize"
LEFT = "http://127.0.0.1:8080/signed-out"
Discover = Callable[..., Library]


@pytest.fixture(params=["oauth4webapi", "openid-client"])
def discover(request: pytest.FixtureRequest, live: str) -> Iterator[Discover]:
    """Start a library that reads our metadata, as a client of ours; each test runs with each."""
    with ExitStack() as stack:

        def discover(client_id: str, method: str, algorithm: str = "oidc", secret: str = SECRET) -> Library:
            client = stack.enter_context(closing(Library(request.param)))
            words = {"clientId": client_id, "method": method} | ({} if method == "none" else {"secret": secret})
            client.metadata = client("discover", issuer=f"{live}{API}", algorithm=algorithm, **words)
            return client

        yield discover


@pytest.fixture
def desk(discover: Discover) -> Library:
    """Confidential, by Basic."""
    return discover("desk", "basic")


@pytest.fixture
def spa(discover: Discover) -> Library:
    """Public."""
    return discover("spa", "none")


@pytest.fixture
def resource(discover: Discover) -> Library:
    """May introspect everybody's tokens; its secret goes in the form."""
    return discover("resource", "post")


def signed_in(client: Any, person: Any, user: str = "agent", **words: Any) -> dict[str, Any]:
    """The tokens of a whole code flow with PKCE, state, nonce and iss; ``claims`` are the validated ID token's."""
    back = person.signs_in(client("begin", redirectUri=BACK, **words), user)
    return client("finish", callback=back.headers["Location"])


def half_hash(token: str) -> str:
    """``at_hash`` of an RS256 ID token (OpenID Connect Core §3.1.3.6); neither library checks it."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["oidc", "oauth2"])
def test_the_metadata_is_found_at_both_places(discover, live, algorithm):
    metadata = discover("spa", "none", algorithm).metadata
    assert metadata["issuer"] == f"{live}{API}"
    assert metadata["authorization_response_iss_parameter_supported"] is True


@pytest.mark.parametrize(("client_id", "method"), [("desk", "basic"), ("desk", "post"), ("spa", "none")])
def test_a_person_signs_in_and_the_id_token_holds(discover, person, client_id, method):
    client = discover(client_id, method)
    tokens = signed_in(client, person)
    claims = tokens["claims"]
    assert claims["aud"] == client_id
    assert claims["at_hash"] == half_hash(tokens["access_token"])
    told = client("userinfo", token=tokens["access_token"], sub=claims["sub"])
    assert (told["given_name"], told["email"]) == ("Anna", "anna@one.example.com")


def test_the_librarys_checks_are_on(spa, person):
    """What these tests rest on: a missing iss, another state and another subject are noticed."""
    back = person.signs_in(spa("begin", redirectUri=BACK), "agent").headers["Location"]
    for tampered in (re.sub("[&]iss=[^&]*", "", back), back.replace("state=", "state=x")):
        assert tampered != back
        with pytest.raises(ClientError) as refused:
            spa("finish", callback=tampered)
        assert refused.value.code == "OAUTH_INVALID_RESPONSE"
    tokens = spa("finish", callback=back)
    with pytest.raises(ClientError) as refused:
        spa("userinfo", token=tokens["access_token"], sub="somebody else")
    assert refused.value.code == "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"


def test_max_age_and_auth_time(spa, person):
    tokens = signed_in(spa, person, max_age=600)
    assert abs(tokens["claims"]["auth_time"] - time.time()) < 60
    again = person.opens(spa("begin", redirectUri=BACK, max_age=600))
    later = spa("finish", callback=again.headers["Location"])
    assert later["claims"]["auth_time"] == tokens["claims"]["auth_time"]
    time.sleep(1.1)
    anew = signed_in(spa, person, max_age=0)
    assert anew["claims"]["auth_time"] > tokens["claims"]["auth_time"]


def test_prompt_none_without_a_session_is_login_required(spa, person):
    back = person.opens(spa("begin", redirectUri=BACK, prompt="none"))
    with pytest.raises(ClientError) as refused:
        spa("finish", callback=back.headers["Location"])
    assert (refused.value.type, refused.value.error) == ("AuthorizationResponseError", "login_required")


def test_prompt_none_with_a_session_signs_in_without_a_page(spa, person):
    first = signed_in(spa, person)
    back = person.opens(spa("begin", redirectUri=BACK, prompt="none"))
    assert spa("finish", callback=back.headers["Location"])["claims"]["sub"] == first["claims"]["sub"]


def test_a_wrong_code_verifier_is_the_librarys_typed_error(spa, person):
    back = person.signs_in(spa("begin", redirectUri=BACK), "agent")
    with pytest.raises(ClientError) as refused:
        spa("finish", callback=back.headers["Location"], verifier="w" * 43)
    error = refused.value
    assert (error.type, error.error, error.status) == ("ResponseBodyError", "invalid_grant", 400)


def test_a_wrong_secret_is_the_librarys_typed_error(discover):
    with pytest.raises(ClientError) as refused:
        discover("desk", "basic", secret="not the secret")("clientCredentials")
    assert refused.value.status == 401


def test_a_public_clients_refresh_token_rotates(spa, person):
    first = signed_in(spa, person)
    second = spa("refresh", token=first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    for claim in ("iss", "sub", "aud", "auth_time"):  # OpenID Connect Core §12.2
        assert second["claims"][claim] == first["claims"][claim]
    assert second["claims"]["at_hash"] == half_hash(second["access_token"])
    spa("refresh", token=second["refresh_token"])
    with pytest.raises(ClientError) as refused:
        spa("refresh", token=first["refresh_token"])
    assert (refused.value.type, refused.value.error) == ("ResponseBodyError", "invalid_grant")


def test_a_confidential_clients_refresh_token_stays(desk, person):
    first = signed_in(desk, person)
    second = desk("refresh", token=first["refresh_token"])
    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] != first["access_token"]


@pytest.mark.parametrize("method", ["basic", "post"])
def test_a_client_gets_a_token_of_its_own(discover, method):
    tokens = discover("desk", method)("clientCredentials", scope="*")
    assert tokens["token_type"] == "bearer"
    assert "refresh_token" not in tokens


@pytest.mark.parametrize("method", ["basic", "post"])
def test_a_client_introspects_its_own_token(discover, person, method):
    client = discover("desk", method)
    tokens = signed_in(client, person)
    told = client("introspect", token=tokens["access_token"])
    assert told["active"] is True
    assert (told["client_id"], told["sub"], told["token_type"]) == ("desk", tokens["claims"]["sub"], "bearer")
    assert told["exp"] - told["iat"] == tokens["expires_in"]
    assert client("introspect", token="unknown") == {"active": False}


def test_a_resource_server_introspects_what_others_were_given(spa, resource, person):
    tokens = signed_in(spa, person)
    told = resource("introspect", token=tokens["access_token"])
    assert (told["active"], told["client_id"]) == (True, "spa")


def test_a_client_that_may_not_sees_others_tokens_inactive(spa, desk, person):
    assert desk("introspect", token=signed_in(spa, person)["access_token"]) == {"active": False}


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}])
@pytest.mark.parametrize("token", ["access_token", "refresh_token"])
def test_a_revoked_token_is_inactive_whatever_the_hint(spa, resource, person, token, hint):
    tokens = signed_in(spa, person)
    assert spa("revoke", token=tokens[token], **hint) is None
    assert resource("introspect", token=tokens[token]) == {"active": False}
    if token == "refresh_token":  # RFC 7009 §2.1: with all access tokens of the same grant
        assert resource("introspect", token=tokens["access_token"]) == {"active": False}


@pytest.mark.parametrize(("client_id", "method"), [("desk", "basic"), ("desk", "post"), ("spa", "none")])
def test_revoking_what_is_unknown_is_no_error(discover, client_id, method):
    assert discover(client_id, method)("revoke", token="unknown") is None


def test_another_clients_token_is_not_revoked_and_the_library_is_told(spa, desk, resource, person):
    token = signed_in(spa, person)["access_token"]
    with pytest.raises(ClientError) as refused:
        desk("revoke", token=token)
    error = refused.value
    assert (error.type, error.error, error.status) == ("ResponseBodyError", "unauthorized_client", 400)
    assert resource("introspect", token=token)["active"] is True


def test_a_revoked_refresh_token_refreshes_nothing(desk, person):
    tokens = signed_in(desk, person)
    desk("revoke", token=tokens["refresh_token"])
    with pytest.raises(ClientError) as refused:
        desk("refresh", token=tokens["refresh_token"])
    assert (refused.value.type, refused.value.error) == ("ResponseBodyError", "invalid_grant")


@pytest.mark.parametrize("refreshes", [0, 1])
def test_signing_out_comes_back_with_state_and_ends_session_and_tokens(spa, resource, person, refreshes):
    tokens = signed_in(spa, person)
    for _ in range(refreshes):
        tokens = spa("refresh", token=tokens["refresh_token"])
    url = spa("endSession", id_token_hint=tokens["id_token"], post_logout_redirect_uri=LEFT, state="out-1")
    assert person.opens(url).headers["Location"] == f"{LEFT}?state=out-1"
    assert resource("introspect", token=tokens["access_token"]) == {"active": False}
    back = person.opens(spa("begin", redirectUri=BACK, prompt="none"))
    assert members_of(back)["error"] == "login_required"


def test_signing_out_without_an_id_token_asks_first(desk, person):
    signed_in(desk, person)
    page = person.opens(desk("endSession", post_logout_redirect_uri=LEFT, state="out-2"))
    assert page.status_code == 200
    assert person.sends(page).headers["Location"] == f"{LEFT}?state=out-2"


def test_signing_out_goes_nowhere_that_is_not_registered(spa, person, live):
    tokens = signed_in(spa, person)
    elsewhere = "http://127.0.0.1:8080/elsewhere"
    left = person.opens(spa("endSession", id_token_hint=tokens["id_token"], post_logout_redirect_uri=elsewhere))
    assert (left.status_code, left.url) == (200, f"{live}{API}/signed-out")


@pytest.fixture(params=["header", "body"])
def simple(request: pytest.FixtureRequest, live: str) -> Iterator[Library]:
    """simple-oauth2 as ``desk``, its secret in either place."""
    with closing(Library("simple-oauth2")) as client:
        client("configure", tokenHost=live, clientId="desk", secret=SECRET, method=request.param)
        yield client


def test_simple_oauth2_signs_in_and_refreshes(simple, live, person):
    back = person.signs_in(simple("begin", redirect_uri=BACK, scope=["openid", "profile"], state="s-1"), "agent")
    told = members_of(back)
    assert told["state"] == "s-1"
    first = simple("finish", code=told["code"], redirect_uri=BACK)
    assert first["token_type"] == "bearer"
    assert simple("expired") is False
    second = simple("refresh")
    assert second["refresh_token"] == first["refresh_token"]
    assert [who(live, token["access_token"]) for token in (first, second)] == [200, 200]


def test_simple_oauth2_gets_a_clients_own_token(simple, live):
    assert who(live, simple("clientCredentials", scope="*")["access_token"]) == 200


def test_simple_oauth2_signs_in_by_password(simple, live):
    token = simple("password", username="t100\\agent", password=PASSWORD, scope="*")
    assert who(live, token["access_token"]) == 200
    with pytest.raises(ClientError) as refused:
        simple("password", username="t100\\agent", password="wrong")
    assert (refused.value.status, refused.value.error) == (400, "invalid_grant")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_simple_oauth2_revokes_one_kind(simple, live, kind):
    token = simple("password", username="t100\\agent", password=PASSWORD, scope="*")
    simple("revoke", type=kind)
    assert who(live, token["access_token"]) == 401


def test_simple_oauth2_revokes_all(simple, live):
    token = simple("password", username="t100\\agent", password=PASSWORD, scope="*")
    simple("revokeAll")
    assert who(live, token["access_token"]) == 401
    with pytest.raises(ClientError) as refused:
        simple("refresh")
    assert refused.value.error == "invalid_grant"


def who(live: str, token: str) -> int:
    """The status of user info for this token."""
    return httpx.get(f"{live}{API}/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code
