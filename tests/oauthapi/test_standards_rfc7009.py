"""RFC 7009: what a revocation answers when there is nothing to revoke, or no way to; the line in the docstring."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.utils import timezone

from oauthapi.models import AccessToken, RefreshToken
from tests.cast import by_password, is_alive
from tests.oauthapi.test_revoke import revoke


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_an_expired_token_is_200(desk, bob, kind):
    """unknown/expired token → 200"""
    pair = by_password(desk, bob)
    AccessToken.objects.update(expires_at=timezone.now())
    RefreshToken.objects.update(expires_at=timezone.now())
    assert revoke(desk, pair[kind]).status_code == 200


def test_no_kind_of_token_is_unsupported(desk, bob):
    """`unsupported_token_type` 400: never answered, both kinds are revocable and others are unknown tokens"""
    pair = by_password(desk, bob, scope="openid")
    assert revoke(desk, pair["id_token"], token_type_hint="id_token").status_code == 200
    assert is_alive(pair["access_token"])
    for kind in ("access_token", "refresh_token"):
        assert revoke(desk, pair[kind], token_type_hint="urn:example:unknown").status_code == 200
    assert not is_alive(pair["access_token"])


def test_a_503_says_when_to_try_again_and_the_token_still_lives(desk, bob, monkeypatch):
    """503 (+Retry-After) allowed and means "still valid" """
    token = by_password(desk, bob)["access_token"]

    def away(*_):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("oauthapi.services.revocations.access_token_revoke", away)
        answer = revoke(desk, token)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert is_alive(token)
    assert revoke(desk, token).status_code == 200
    assert not is_alive(token)
