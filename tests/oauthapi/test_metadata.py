"""Discovery and the key set."""

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from oauthapi.id_tokens import issuer
from tests.oauthapi.browser import set_option

PLACES = [
    "/auth/v3/.well-known/openid-configuration",
    "/auth/v3/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/auth/v3",
    "/.well-known/openid-configuration/auth/v3",
]


@pytest.fixture
def metadata(signing_keys):
    return Client().get(PLACES[0]).json()


def test_every_place_says_the_same(signing_keys):
    answers = [Client().get(place) for place in PLACES]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert all(answer.headers["Content-Type"] == "application/json" for answer in answers)


def test_every_endpoint_announced_is_served(metadata, settings):
    named = [value for name, value in metadata.items() if name.endswith("_endpoint") or name == "jwks_uri"]
    assert len(named) >= 4
    for url in named:
        path = url.removeprefix(settings.DESKGATE_PUBLIC_URL)
        assert resolve(path).url_name, path


def test_what_is_not_served_is_not_announced(metadata):
    for name in (
        "introspection_endpoint",
        "revocation_endpoint",
        "end_session_endpoint",
        "registration_endpoint",
        "device_authorization_endpoint",
        "backchannel_logout_supported",
    ):
        if name in metadata:
            try:
                assert resolve("/" + str(metadata[name]).split("/", 3)[3]).url_name
            except Resolver404:
                pytest.fail(name)


def test_the_strict_profile_announces_no_legacy_grant(metadata, db):
    assert {"password", "implicit"} <= set(metadata["grant_types_supported"])
    set_option("oauth", "strict", "true")
    strict = Client().get(PLACES[0]).json()
    assert set(strict["grant_types_supported"]) == {"authorization_code", "refresh_token", "client_credentials"}
    assert strict["response_types_supported"] == ["code"]


def test_the_issuer_is_ours_whatever_the_host_header_says(signing_keys, settings):
    settings.ALLOWED_HOSTS = ["*"]
    answer = Client().get(PLACES[0], headers={"Host": "evil.example"}).json()
    assert answer["issuer"] == issuer()
    assert "evil" not in str(answer)


def test_the_key_set_holds_public_halves_only(signing_keys):
    keys = Client().get("/auth/v3/.well-known/jwks.json").json()["keys"]
    assert {key.kid for key in signing_keys} <= {key["kid"] for key in keys}
    for key in keys:
        assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)


def test_any_registered_page_may_read_them(signing_keys, t100):
    set_option("settings", "cors-origins", "https://desk.example.com", t100)
    for place in [*PLACES, "/auth/v3/.well-known/jwks.json"]:
        answer = Client().get(place, headers={"Origin": "https://desk.example.com"})
        assert answer.headers["Access-Control-Allow-Origin"] == "https://desk.example.com"
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_unknown_paths_beside_them_are_404_in_the_dialect(db):
    answer = Client().get("/auth/v3/.well-known/nothing")
    assert (answer.status_code, answer.json()["status"]["code"]) == (404, 6)
