"""RFC 6750: bearer tokens at every endpoint that takes one; the line stands in the docstring."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from oauthapi.models import AccessToken
from tests.cast import by_password, get
from tests.oauthapi.ops import CLIENTS

FORM = "application/x-www-form-urlencoded"
OPENID = "/auth/v3/openid/userinfo"
READ = ["/auth/v3/userinfo", OPENID, "/auth/v3/jwt-userinfo", "/auth/v3/sign-out"]
POSTED = [OPENID, "/auth/v3/sign-out"]


@pytest.fixture
def token(desk, bob) -> str:
    return by_password(desk, bob, scope="openid *")["access_token"]


def post(path: str, body: str = "", **headers: str) -> Any:
    return Client(raise_request_exception=False).post(path, body, content_type=FORM, headers=headers)


def is_two_methods(answer: Any) -> None:
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer["WWW-Authenticate"] == 'Bearer realm="Deskgate", error="invalid_request"'


@pytest.mark.parametrize("path", POSTED)
def test_a_token_in_header_and_form_is_invalid_request(token, path):
    """≤1 method per request; `invalid_request` 400"""
    is_two_methods(post(path, f"access_token={token}", Authorization=f"Bearer {token}"))
    assert get(OPENID, token).status_code == 200


@pytest.mark.parametrize("path", [*READ, CLIENTS])
def test_a_token_in_header_and_address_is_invalid_request(token, path):
    """≤1 method per request; `invalid_request` 400"""
    is_two_methods(get(f"{path}?access_token={token}", token))
    assert get(OPENID, token).status_code == 200


def test_another_parameter_of_a_like_name_is_no_token(token):
    """≤1 method per request: only ``access_token`` itself is a second one"""
    assert get(f"{OPENID}?no_access_token=x&access_tokens=y", token).status_code == 200
    assert post(OPENID, "access_tokens=y", Authorization=f"Bearer {token}").status_code == 200


@pytest.mark.parametrize("path", READ)
def test_a_token_in_the_address_alone_is_none(token, path):
    """query token SHOULD NOT (do not implement); no error code when no credentials were sent"""
    answer = get(f"{path}?access_token={token}")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="Deskgate"')


@pytest.mark.parametrize("path", POSTED)
def test_a_token_in_the_form_alone_is_none(token, path):
    """form body only for form POST (not implemented: the header only)"""
    answer = post(path, f"access_token={token}")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="Deskgate"')
    assert get(OPENID, token).status_code == 200


@pytest.mark.parametrize("path", READ)
def test_a_token_that_ended_is_invalid_token_at_every_endpoint(token, path):
    """401 carries `WWW-Authenticate: Bearer`; `invalid_token` 401"""
    AccessToken.objects.update(expires_at=timezone.now())
    answer = get(path, token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer["WWW-Authenticate"].startswith('Bearer realm="Deskgate", error="invalid_token"')


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_without_the_scope_is_insufficient_scope_with_the_scope_named(token, method):
    """`insufficient_scope` 403"""
    http = Client(raise_request_exception=False)
    answer = getattr(http, method)(
        CLIENTS, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    expected = 'Bearer realm="Deskgate", error="insufficient_scope", scope="configuration"'
    assert answer["WWW-Authenticate"] == expected
