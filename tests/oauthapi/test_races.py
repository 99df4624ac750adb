"""What happens at the same moment: real threads with real connections, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import PasswordUpdateRefused
from accounts.models import User
from accounts.services.passwords import password_change
from accounts.services.users import user_update
from oauthapi.models import AccessToken, RefreshToken, TokenFamily
from oauthapi.services.families import family_revoke
from tests.cast import PASSWORD, alter, at_once, by_code, is_alive, new_code, refreshed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wide_gate")]

THREADS = 8


def pair_of(body: dict) -> tuple[str, str]:
    return body["access_token"], body["refresh_token"]


def answers(calls: list) -> list:
    told = at_once(calls)
    assert not [each for each in told if isinstance(each, BaseException)], told
    assert all(each.status_code < 500 for each in told), [each.content for each in told]
    return told


@pytest.fixture
def pair(spa, bob) -> dict:
    return by_code(spa, new_code(spa, bob)).json()


def test_one_refresh_token_used_in_parallel_gives_one_pair_per_round(spa, pair):
    token = pair["refresh_token"]
    for round_number in range(5):
        told = answers([lambda token=token: refreshed(spa, token)] * THREADS)
        assert [each.status_code for each in told] == [200] * THREADS, round_number
        pairs = {pair_of(each.json()) for each in told}
        assert len(pairs) == 1, round_number
        access, refresh = pairs.pop()
        assert access
        assert refresh
        assert refresh != token
        assert is_alive(access)
        token = refresh
    assert TokenFamily.objects.get().generation == 5
    assert RefreshToken.objects.count() == AccessToken.objects.count() == 6


def test_parallel_refreshes_asking_for_different_scopes_agree_on_one(spa, pair):
    scopes = ["openid", "email", "profile", "*"] * 2
    told = answers([lambda scope=scope: refreshed(spa, pair["refresh_token"], scope=scope) for scope in scopes])
    assert len({(*pair_of(each.json()), each.json()["scope"]) for each in told}) == 1


def test_a_reuse_beside_honest_refreshes_leaves_nothing_alive(spa, pair):
    second = refreshed(spa, pair["refresh_token"]).json()
    TokenFamily.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    told = answers(
        [lambda: refreshed(spa, pair["refresh_token"])] + [lambda: refreshed(spa, second["refresh_token"])] * 3
    )
    assert told[0].status_code == 400
    given = [second, *(each.json() for each in told if each.status_code == 200)]
    assert not any(is_alive(body["access_token"]) for body in given)
    assert all(refreshed(spa, body["refresh_token"]).status_code == 400 for body in given)


def test_a_confidential_clients_token_in_parallel_is_good_for_all(desk, bob):
    body = by_code(desk, new_code(desk, bob)).json()
    told = answers([lambda: refreshed(desk, body["refresh_token"])] * THREADS)
    assert {each.status_code for each in told} == {200}
    assert {each.json()["refresh_token"] for each in told} == {body["refresh_token"]}
    assert len({each.json()["access_token"] for each in told}) == THREADS


def test_one_code_used_in_parallel_never_gives_two_living_tokens(spa, bob):
    for round_number in range(5):
        code = new_code(spa, bob, nonce=str(round_number))
        told = answers([lambda code=code: by_code(spa, code)] * THREADS)
        given = [each.json() for each in told if each.status_code == 200]
        assert len(given) <= 1
        assert {each.json()["error"] for each in told if each.status_code != 200} == {"invalid_grant"}
        # A second use beside the first revokes it: nothing lives.
        assert not any(is_alive(body["access_token"]) for body in given)
    assert not TokenFamily.objects.filter(revoked_at__isnull=True).exists()


def test_a_revocation_among_refreshes_leaves_nothing_alive(spa, bob):
    for round_number in range(5):
        first = by_code(spa, new_code(spa, bob, nonce=f"r{round_number}")).json()
        family = TokenFamily.objects.order_by("-id")[0].pk
        told = at_once(
            [lambda family=family: family_revoke(family, because="test")]
            + [lambda first=first: refreshed(spa, first["refresh_token"])] * 7
        )
        assert told[0] is True
        assert all(each.status_code in (200, 400) for each in told[1:])
        given = [first, *(each.json() for each in told[1:] if each.status_code == 200)]
        assert not any(is_alive(body["access_token"]) for body in given)
        assert refreshed(spa, given[-1]["refresh_token"]).status_code == 400


@pytest.mark.parametrize("rotating", [True, False])
def test_a_deactivation_among_refreshes_leaves_nothing_alive(spa, desk, bob, rotating):
    client = spa if rotating else desk
    first = by_code(client, new_code(client, bob)).json()
    bob.refresh_from_db()
    bob.enabled = False
    told = at_once([lambda: user_update(bob)] + [lambda: refreshed(client, first["refresh_token"])] * 5)
    assert isinstance(told[0], User), told
    assert all(each.status_code in (200, 400, 403) for each in told[1:])
    given = [first, *(each.json() for each in told[1:] if each.status_code == 200)]
    assert not any(is_alive(body["access_token"]) for body in given)
    alter(bob, enabled=True)
    assert not any(is_alive(body["access_token"]) for body in given)


def test_a_code_exchanged_beside_a_password_change_dies_with_it(spa, bob):
    code = new_code(spa, bob)
    user = User.objects.get(pk=bob.pk)
    told = at_once(
        [
            lambda: password_change(user=user, old_password=PASSWORD, new_password="another-word-77"),
            lambda: by_code(spa, code),
        ]
    )
    assert isinstance(told[0], int), told
    assert told[1].status_code in (200, 400)
    if told[1].status_code == 200:
        assert not is_alive(told[1].json()["access_token"])


def test_of_two_password_changes_at_once_one_wins(bob):
    users = [User.objects.get(pk=bob.pk) for _ in range(2)]
    told = at_once(
        [
            lambda user=user: password_change(
                user=user, old_password=PASSWORD, new_password=f"racing-word-{user is users[0]}"
            )
            for user in users
        ]
    )
    assert sorted(type(each).__name__ for each in told) == sorted([int.__name__, PasswordUpdateRefused.__name__])


def test_parallel_password_grants_give_one_pair_each(desk, bob):
    from tests.cast import post_token

    told = answers([lambda: post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD)] * 6)
    assert {each.status_code for each in told} == {200}
    assert len({each.json()["access_token"] for each in told}) == 6
