"""POST /auth/v3/oauth/token, grant refresh_token."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services.users import user_update
from environment.services import contact_center_update, installation_new_epoch
from oauthapi.models import ApiClient, RefreshToken, TokenFamily
from oauthapi.services.families import family_revoke
from oauthapi.validation import saving
from tests.cast import alter, by_code, by_password, is_alive, new_code, post_token, refreshed
from tests.oauthapi.browser import set_option


@pytest.fixture
def pair(desk, bob):
    """A pair of the confidential client, which does not rotate."""
    return by_password(desk, bob)


@pytest.fixture
def public_pair(spa, bob):
    """A pair of the public client, which rotates."""
    return by_code(spa, new_code(spa, bob)).json()


def test_a_confidential_client_gets_its_refresh_token_echoed(desk, pair):
    body = refreshed(desk, pair["refresh_token"]).json()
    assert body["refresh_token"] == pair["refresh_token"]
    assert body["access_token"] != pair["access_token"]
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}


def test_an_unrotated_token_is_good_again_and_again(desk, pair):
    answers = [refreshed(desk, pair["refresh_token"]).json()["access_token"] for _ in range(3)]
    assert len(set(answers)) == 3
    assert all(is_alive(token) for token in [*answers, pair["access_token"]])


def test_a_confidential_client_rotates_when_switched(desk, pair):
    alter(desk, rotate_refresh_tokens=True)
    assert refreshed(desk, pair["refresh_token"]).json()["refresh_token"] != pair["refresh_token"]


def test_a_public_client_gets_a_new_pair(spa, public_pair):
    body = refreshed(spa, public_pair["refresh_token"]).json()
    assert body["refresh_token"] != public_pair["refresh_token"]
    assert is_alive(body["access_token"])


def test_a_lost_answer_repeated_gives_the_same_pair(spa, public_pair):
    first = refreshed(spa, public_pair["refresh_token"]).json()
    second = refreshed(spa, public_pair["refresh_token"]).json()
    assert [first[k] for k in ("access_token", "refresh_token", "scope")] == [
        second[k] for k in ("access_token", "refresh_token", "scope")
    ]
    assert RefreshToken.objects.count() == 2


def test_a_repeat_with_another_scope_gives_the_stored_scope(spa, public_pair):
    first = refreshed(spa, public_pair["refresh_token"], scope="openid").json()
    second = refreshed(spa, public_pair["refresh_token"], scope="email").json()
    assert (second["access_token"], second["refresh_token"]) == (first["access_token"], first["refresh_token"])
    assert second["scope"] == "openid"


def test_reuse_after_the_window_revokes_the_family(spa, public_pair):
    successor = refreshed(spa, public_pair["refresh_token"]).json()
    TokenFamily.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    answer = refreshed(spa, public_pair["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not is_alive(successor["access_token"])
    assert refreshed(spa, successor["refresh_token"]).status_code == 400


def test_reuse_within_the_window_after_the_successor_was_used_revokes_the_family(spa, public_pair):
    second = refreshed(spa, public_pair["refresh_token"]).json()
    third = refreshed(spa, second["refresh_token"]).json()
    assert refreshed(spa, public_pair["refresh_token"]).status_code == 400
    assert not is_alive(third["access_token"])


def test_reuse_revokes_only_its_own_family(spa, bob, public_pair):
    other = by_code(spa, new_code(spa, bob, nonce="other")).json()
    refreshed(spa, public_pair["refresh_token"])
    TokenFamily.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    refreshed(spa, public_pair["refresh_token"])
    assert is_alive(other["access_token"])


def test_a_used_up_token_stays_used_up_when_rotation_is_switched_off(desk, pair):
    alter(desk, rotate_refresh_tokens=True)
    successor = refreshed(desk, pair["refresh_token"]).json()
    alter(desk, rotate_refresh_tokens=False)
    assert refreshed(desk, pair["refresh_token"]).status_code == 400
    assert not is_alive(successor["access_token"])


def test_scope_can_shrink(spa, public_pair):
    assert refreshed(spa, public_pair["refresh_token"], scope="openid").json()["scope"] == "openid"


def test_a_shrunk_refresh_leaves_the_refresh_token_its_scope(spa, public_pair):
    second = refreshed(spa, public_pair["refresh_token"], scope="openid").json()
    assert refreshed(spa, second["refresh_token"]).json()["scope"] == "*"


@pytest.mark.parametrize("scope", ["configuration", "* configuration", "nonsense"])
def test_scope_cannot_grow(spa, public_pair, scope):
    alter(spa, scopes=["*", "configuration"])
    assert refreshed(spa, public_pair["refresh_token"], scope=scope).json()["error"] == "invalid_scope"


def test_openid_by_name_gives_an_id_token(spa, public_pair):
    assert "id_token" in refreshed(spa, public_pair["refresh_token"], scope="openid").json()


def test_an_id_token_of_a_refresh_keeps_the_time_of_sign_in(spa, bob):
    import json

    from tests.oauthapi.test_token_password import _decoded

    pair = by_code(spa, new_code(spa, bob, scope="openid")).json()
    again = refreshed(spa, pair["refresh_token"]).json()
    first, second = (json.loads(_decoded(body["id_token"].split(".")[1])) for body in (pair, again))
    assert first["auth_time"] == second["auth_time"]
    assert first["sub"] == second["sub"]


@pytest.mark.parametrize("case", ["unknown", "foreign", "expired", "revoked", "access token"])
def test_what_is_no_living_refresh_token_of_this_client_is_refused(desk, partner, pair, case):
    token = pair["refresh_token"]
    asking = desk
    if case == "unknown":
        token = "nothing"
    elif case == "foreign":
        asking = partner
    elif case == "expired":
        RefreshToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif case == "revoked":
        family_revoke(TokenFamily.objects.get().pk, because="test")
    else:
        token = pair["access_token"]
    answer = refreshed(asking, token)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_foreign_clients_try_does_not_harm_the_owner(desk, partner, pair):
    refreshed(partner, pair["refresh_token"])
    assert refreshed(desk, pair["refresh_token"]).status_code == 200


def test_a_disabled_user_gets_nothing_more(desk, bob, pair):
    bob.refresh_from_db()
    bob.enabled = False
    user_update(bob)
    assert refreshed(desk, pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_enabling_a_user_again_brings_no_token_back(desk, bob, pair):
    for enabled in (False, True):
        bob.enabled = enabled
        user_update(bob)
    assert refreshed(desk, pair["refresh_token"]).status_code == 400
    assert not is_alive(pair["access_token"])


def test_a_new_epoch_of_the_installation_ends_it(desk, pair):
    installation_new_epoch()
    assert refreshed(desk, pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_disabled_contact_center_is_403(desk, t100, pair):
    contact_center_update(t100, enabled=False)
    answer = refreshed(desk, pair["refresh_token"])
    assert (answer.status_code, answer.json()["status"]["code"]) == (403, 5)


def test_a_client_taken_from_the_contact_center_is_403(desk, t200, pair):
    desk.contact_centers.add(t200)
    alter(desk)
    assert refreshed(desk, pair["refresh_token"]).status_code == 403


def test_a_client_without_the_grant_gets_unauthorized_client(desk, pair):
    alter(desk, grants=["password"])
    assert refreshed(desk, pair["refresh_token"]).json()["error"] == "unauthorized_client"


def test_a_refresh_token_in_a_code_request_is_not_handed_back(desk, bob):
    body = by_code(desk, new_code(desk, bob), refresh_token="chosen-by-the-caller").json()
    assert body["refresh_token"] != "chosen-by-the-caller"


def test_a_repeat_after_a_rekey_gives_the_same_pair(spa, public_pair, settings):
    from config.keyring import new_ring_text

    first = refreshed(spa, public_pair["refresh_token"]).json()
    settings.DESKGATE_KEYS = f"{new_ring_text('fresh')},{settings.DESKGATE_KEYS}"
    second = refreshed(spa, public_pair["refresh_token"]).json()
    assert second["refresh_token"] == first["refresh_token"]


def test_the_family_row_outlives_its_youngest_token(desk, pair):
    alter(desk, access_token_lifetime=10**8)
    refreshed(desk, pair["refresh_token"])
    family = TokenFamily.objects.get()
    assert family.ends_at >= family.access_tokens.order_by("-id")[0].expires_at


def test_a_missing_refresh_token_is_named(desk):
    body = post_token(desk, grant_type="refresh_token").json()
    assert (body["error"], body["status"]["code"]) == ("invalid_request", 1)


def test_what_the_password_grant_began_ends_with_it(desk, bob):
    token = by_password(desk, bob)["refresh_token"]
    assert refreshed(desk, token).status_code == 200
    alter(desk, legacy_grants_until="2020-01-01")
    assert refreshed(desk, token).json()["error"] == "invalid_grant"
    alter(desk, legacy_grants_until=None)
    assert refreshed(desk, token).status_code == 200
    set_option("oauth", "strict", "true")
    assert refreshed(desk, token).json()["error"] == "invalid_grant"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("gone", "told"), [("client", (401, "invalid_client")), ("user", (400, "invalid_grant"))])
def test_a_client_or_user_deleted_meanwhile_is_no_fault_of_ours(desk, bob, monkeypatch, gone, told):
    token = by_password(desk, bob)["refresh_token"]
    kept = saving._SAVE["refresh_token"]

    def late(*args):
        (ApiClient.objects.filter(pk=desk.pk) if gone == "client" else User.objects.filter(pk=bob.pk)).delete()
        kept(*args)

    monkeypatch.setitem(saving._SAVE, "refresh_token", late)
    answer = refreshed(desk, token)
    assert (answer.status_code, answer.json()["error"]) == told
