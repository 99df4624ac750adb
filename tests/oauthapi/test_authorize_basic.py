"""GET /auth/v3/oauth/authorize with Basic: the user's own pair."""

import pytest
from django.test import Client

from accounts.models import Session
from environment.services import contact_center_update
from oauthapi.models import AccessToken, AuthorizationCode
from tests.cast import CHALLENGE, PASSWORD, alter, asking_from, basic, by_code
from tests.oauthapi.browser import (
    AUTHORIZE,
    Browser,
    leads_to_sign_in,
    members_of,
    parameters,
    set_option,
)


@pytest.fixture
def browser(db):
    return Browser()


@pytest.fixture
def sample(desk):
    """A client whose switch is on."""
    alter(desk, basic_on_authorize=True)
    return desk


def by_basic(client, name="t100\\bob", password=PASSWORD, **headers):
    words = {"Authorization": basic(name, password), "Accept": "application/json"} | headers
    return Client(raise_request_exception=False).get(AUTHORIZE, parameters(client), headers=words)


def test_the_users_pair_gives_the_code_at_once_and_no_session(sample, bob):
    answer = by_basic(sample)
    assert (answer.status_code, "code" in members_of(answer)) == (302, True)
    assert not answer.cookies
    assert Session.objects.count() == 0
    assert by_code(sample, members_of(answer)["code"], code_verifier="").status_code == 200


def test_a_new_client_does_not_take_the_users_pair(make_client, bob):
    client = make_client("fresh", trusted=True)
    assert client.basic_on_authorize is False
    assert leads_to_sign_in(by_basic(client))


def test_the_switch_of_the_installation_and_the_strict_profile_end_it_everywhere(sample, bob):
    assert "code" in members_of(by_basic(sample))
    set_option("oauth", "basic-on-authorize", "false")
    assert leads_to_sign_in(by_basic(sample))
    set_option("oauth", "basic-on-authorize", "true")
    assert "code" in members_of(by_basic(sample))
    set_option("oauth", "strict", "true")
    alter(sample)
    answer = Client().get(
        AUTHORIZE,
        parameters(sample, code_challenge=CHALLENGE, code_challenge_method="S256"),
        headers={"Authorization": basic("t100\\bob", PASSWORD)},
    )
    assert leads_to_sign_in(answer)


@pytest.mark.parametrize("name", ["t100\\bob", "t100\\nobody", "elsewhere\\bob", ""])
def test_a_bad_pair_is_challenged_in_the_same_words(sample, bob, name):
    answer = by_basic(sample, name, "wrong")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Basic realm="')
    assert answer.json()["status"] == {
        "code": 20,
        "message": "User name or password is wrong, or the account cannot be used now.",
        "detail": {},
    }


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "basic %%%"])
def test_an_unreadable_pair_is_challenged(sample, header):
    answer = Client().get(AUTHORIZE, parameters(sample), headers={"Authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"].split()[0]) == (401, "Basic")


def test_a_person_gets_the_refusal_as_a_page(sample, bob):
    answer = by_basic(sample, password="wrong", Accept="text/html")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (401, "text/html")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_no_challenge_is_sent_to_who_sent_no_pair(sample):
    answer = Client().get(AUTHORIZE, parameters(sample))
    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (302, False)


def test_a_browsers_navigation_never_counts_as_the_users_pair(sample, bob):
    """A browser that once saw a challenge would send the pair by itself, for every application."""
    assert leads_to_sign_in(by_basic(sample, **{"Sec-Fetch-Mode": "navigate"}))
    assert leads_to_sign_in(by_basic(sample, password="wrong", **{"Sec-Fetch-Mode": "navigate"}))


def test_the_client_and_its_uri_come_before_the_password(sample, bob, monkeypatch):
    def never(**words):
        raise AssertionError("the password was looked at")

    monkeypatch.setattr("oauthapi.views.authorize.password_prove_basic", never)
    answer = Client().get(
        AUTHORIZE,
        parameters(sample, redirect_uri="https://evil.example/"),
        headers={"Authorization": basic("t100\\bob", PASSWORD)},
    )
    assert answer.status_code == 400


def test_lockout_holds_for_the_users_pair(sample, bob, t100):
    set_option("security-authentication-rules", "account-lockout-threshold", "3", t100)
    for _ in range(3):
        assert by_basic(sample, password="wrong").status_code == 401
    assert by_basic(sample).status_code == 401


def test_the_users_pair_does_not_skip_consent(partner, bob):
    alter(partner, basic_on_authorize=True)
    assert members_of(by_basic(partner))["error"] == "consent_required"
    assert AuthorizationCode.objects.count() == 0


def test_a_password_that_must_be_changed_gives_no_code(sample, bob):
    alter(bob, must_change_password=True)
    answer = by_basic(sample)
    assert (answer.status_code, answer.json()["status"]["code"]) == (403, 8)
    assert by_basic(sample, password="wrong").status_code == 401
    assert AuthorizationCode.objects.count() == 0


def test_the_pair_of_another_contact_centers_user_is_refused(sample, eve, t100):
    sample.contact_centers.add(t100)
    alter(sample)
    assert members_of(by_basic(sample, "t200\\eve"))["error"] == "access_denied"


def test_a_remembered_pair_is_refused_at_once_when_the_user_is_disabled_or_changes_it(sample, bob, t100):
    assert by_basic(sample).status_code == 302
    with asking_from("127.0.0.1"):
        contact_center_update(alter(t100, enabled=False) or t100)
    assert by_basic(sample).status_code == 401
    alter(t100, enabled=True)
    assert by_basic(sample).status_code == 302
    alter(bob, enabled=False)
    assert by_basic(sample).status_code == 401


def test_implicit_tokens_by_the_users_pair_are_as_short(sample, bob):
    answer = Client().get(
        AUTHORIZE, parameters(sample, response_type="token"), headers={"Authorization": basic("t100\\bob", PASSWORD)}
    )
    assert members_of(answer)["expires_in"] == "3600"
    assert AccessToken.objects.count() == 1
