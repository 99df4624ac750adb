"""requests-oauthlib, unmodified, against a running server."""

import pytest
from oauthlib.oauth2 import BackendApplicationClient, InvalidGrantError, LegacyApplicationClient
from requests_oauthlib import OAuth2Session

from tests.cast import PASSWORD, SECRET
from tests.flows.people import members_of

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True)
def plain_http(monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def test_requests_oauthlib_completes_code_pkce_refresh_userinfo_and_sign_out(live, person, listener):
    api = f"{live}/auth/v3"
    client = OAuth2Session("desk", scope=["*"], redirect_uri=listener.url, pkce="S256")
    url, state = client.authorization_url(f"{api}/oauth/authorize", nonce="n-1")

    back = person.signs_in(url, "agent")
    assert members_of(back)["state"] == state
    token = client.fetch_token(
        f"{api}/oauth/token", authorization_response=back.headers["Location"], client_secret=SECRET
    )
    assert 0 < token["expires_in"] <= 43_200

    assert client.get(f"{api}/userinfo").json()["loginName"] == "agent"
    renewed = client.refresh_token(f"{api}/oauth/token", auth=("desk", SECRET))
    assert renewed["access_token"] != token["access_token"]
    assert client.get(f"{api}/openid/userinfo").json()["user_name"]

    assert client.post(f"{api}/sign-out").status_code == 200
    assert client.get(f"{api}/userinfo").status_code == 401


def test_requests_oauthlib_uses_the_password_grant_and_hears_why_not(live):
    client = OAuth2Session(client=LegacyApplicationClient("desk"))
    given = {"token_url": f"{live}/auth/v3/oauth/token", "auth": ("desk", SECRET), "username": "t100\\agent"}
    assert client.fetch_token(password=PASSWORD, **given)["access_token"]
    with pytest.raises(InvalidGrantError):
        client.fetch_token(password="wrong", **given)


def test_requests_oauthlib_gets_a_clients_own_token(live):
    client = OAuth2Session(client=BackendApplicationClient("desk"))
    token = client.fetch_token(f"{live}/auth/v3/oauth/token", auth=("desk", SECRET))
    assert "refresh_token" not in token
