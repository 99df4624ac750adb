"""POST /auth/v3/oauth/token, grant authorization_code (codes made by the service)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services.users import user_update
from environment.services import contact_center_update, installation_new_epoch
from oauthapi.models import AccessToken, AuthorizationCode, TokenFamily
from tests.cast import CALLBACK, alter, by_code, is_alive, new_code, post_token, refreshed
from tests.oauthapi.browser import set_option


def refused(answer) -> None:
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), answer.content


def test_a_code_gives_a_pair(spa, bob):
    body = by_code(spa, new_code(spa, bob)).json()
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert is_alive(body["access_token"])


def test_a_confidential_client_may_leave_pkce_out(desk, bob):
    assert by_code(desk, new_code(desk, bob, code_challenge=""), code_verifier="").status_code == 200


@pytest.mark.parametrize(
    ("case", "form"),
    [
        ("wrong verifier", {"code_verifier": "w" * 43}),
        ("missing verifier", {"code_verifier": ""}),
        ("short verifier", {"code_verifier": "v" * 42}),
        ("long verifier", {"code_verifier": "v" * 129}),
        ("odd verifier", {"code_verifier": "é" * 43}),
        ("wrong uri", {"redirect_uri": "https://desk.example.com/other"}),
        ("missing uri", {"redirect_uri": ""}),
    ],
)
def test_a_wrong_exchange_is_refused_and_burns_the_code(spa, bob, case, form):
    code = new_code(spa, bob)
    refused(by_code(spa, code, **form))
    refused(by_code(spa, code))
    assert AccessToken.objects.count() == 0


def test_a_verifier_that_nobody_asked_for_is_refused_and_burns_the_code(desk, bob):
    code = new_code(desk, bob, code_challenge="")
    refused(by_code(desk, code))
    refused(by_code(desk, code, code_verifier=""))


def test_a_challenge_with_odd_characters_is_refused_and_not_a_fault_of_ours(spa, bob):
    refused(by_code(spa, new_code(spa, bob, code_challenge="é" * 43)))


def test_a_code_is_good_for_a_minute(spa, bob):
    code = new_code(spa, bob)
    row = AuthorizationCode.objects.get()
    assert 55 < (row.expires_at - timezone.now()).total_seconds() <= 60
    AuthorizationCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(by_code(spa, code))


def test_an_unknown_code_is_refused(spa):
    refused(by_code(spa, "never-given"))


def test_the_second_use_revokes_what_the_first_gave(spa, bob):
    code = new_code(spa, bob)
    pair = by_code(spa, code).json()
    refused(by_code(spa, code))
    assert not is_alive(pair["access_token"])
    refused(refreshed(spa, pair["refresh_token"]))


def test_the_second_use_revokes_the_refreshed_pair_too(spa, bob):
    code = new_code(spa, bob)
    second = refreshed(spa, by_code(spa, code).json()["refresh_token"]).json()
    by_code(spa, code)
    assert not is_alive(second["access_token"])


def test_another_client_neither_uses_nor_burns_a_code(spa, desk, bob):
    code = new_code(spa, bob)
    refused(by_code(desk, code))
    assert by_code(spa, code).status_code == 200


def test_another_client_does_not_revoke_by_a_second_use(spa, desk, bob):
    code = new_code(spa, bob)
    pair = by_code(spa, code).json()
    refused(by_code(desk, code))
    assert is_alive(pair["access_token"])


def test_a_code_given_before_a_new_epoch_is_dead(spa, bob):
    code = new_code(spa, bob)
    alter(bob, epoch=bob.epoch ^ 1)
    refused(by_code(spa, code))


def test_a_code_given_before_a_new_epoch_of_the_installation_is_dead(spa, bob):
    code = new_code(spa, bob)
    installation_new_epoch()
    refused(by_code(spa, code))


def test_a_code_of_a_user_disabled_meanwhile_is_dead(spa, bob):
    code = new_code(spa, bob)
    bob.enabled = False
    user_update(bob)
    refused(by_code(spa, code))


def test_a_code_of_a_contact_center_disabled_meanwhile_is_403(spa, bob, t100):
    code = new_code(spa, bob)
    contact_center_update(t100, enabled=False)
    assert by_code(spa, code).status_code == 403
    assert AccessToken.objects.count() == 0


def test_the_scope_of_the_code_is_the_tokens_whatever_the_exchange_asks(spa, bob):
    alter(spa, scopes=["*", "configuration"])
    body = by_code(spa, new_code(spa, bob, scope="openid"), scope="configuration").json()
    assert body["scope"] == "openid"


def test_nonce_and_time_of_sign_in_are_in_the_id_token(spa, bob):
    import json

    from tests.oauthapi.test_token_password import _decoded

    body = by_code(spa, new_code(spa, bob, scope="openid", nonce="n-1")).json()
    claims = json.loads(_decoded(body["id_token"].split(".")[1]))
    assert claims["nonce"] == "n-1"
    assert abs(claims["auth_time"] - claims["iat"]) < 60


def test_configuration_comes_by_code(desk, alice):
    alter(desk, scopes=["*", "configuration"])
    body = by_code(desk, new_code(desk, alice, scope="* configuration")).json()
    assert body["scope"] == "* configuration"


def test_only_the_hash_of_a_code_is_stored(spa, bob):
    code = new_code(spa, bob)
    row = AuthorizationCode.objects.values().get()
    assert code not in str(row)


def test_a_missing_code_is_named(spa):
    body = post_token(spa, grant_type="authorization_code", redirect_uri=CALLBACK).json()
    assert (body["error"], body["status"]["code"]) == ("invalid_request", 1)
    assert body["status"]["detail"] == {"field": "code"}


def test_a_client_without_the_grant_does_not_burn_the_code(desk, bob):
    code = new_code(desk, bob)
    alter(desk, grants=["password"])
    assert by_code(desk, code).json()["error"] == "unauthorized_client"
    alter(desk, grants=["authorization_code"])
    assert by_code(desk, code).status_code == 200
    assert TokenFamily.objects.count() == 1


def test_a_replay_between_burn_and_save_leaves_nothing(spa, bob, monkeypatch):
    from oauthapi.errors import InvalidGrant
    from oauthapi.validation import codes

    fault_of = codes._fault

    def replayed_meanwhile(row, request):
        with pytest.raises(InvalidGrant):
            codes.code_burn(row)
        return fault_of(row, request)

    monkeypatch.setattr(codes, "_fault", replayed_meanwhile)
    refused(by_code(spa, new_code(spa, bob)))
    assert TokenFamily.objects.count() == AccessToken.objects.count() == 0


@pytest.mark.parametrize(
    "change",
    [{"require_pkce": True}, {"client_type": "PUBLIC"}, {"redirect_uris": ["https://other.example/cb"]}],
)
def test_what_the_client_became_since_holds_for_its_waiting_codes(desk, bob, change):
    code = new_code(desk, bob, code_challenge="")
    alter(desk, **change)
    answer = by_code(desk, code, code_verifier="")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_without_challenge_is_worth_nothing_once_the_profile_is_strict(desk, bob):
    code = new_code(desk, bob, code_challenge="")
    set_option("oauth", "strict", "true")
    assert by_code(desk, code, code_verifier="").json()["error"] == "invalid_grant"
