"""``manage.py revoke``: everything of one user, one client, or everybody, with the next request."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from activity.models import SecurityEvent
from oauthapi.models import ApiClient
from tests.cast import by_code, by_password, is_alive, new_code, post_token, refreshed


def revoke(*words: str) -> None:
    call_command("revoke", *words, verbosity=0)


def test_a_users_tokens_end_and_another_ones_live(desk: ApiClient, bob: User, alice: User) -> None:
    his, hers = by_password(desk, bob), by_password(desk, alice)
    revoke("--user", str(bob))
    assert not is_alive(his["access_token"])
    assert refreshed(desk, his["refresh_token"]).status_code == 400
    assert is_alive(hers["access_token"])


def test_a_clients_tokens_end_its_own_and_its_users(desk: ApiClient, partner: ApiClient, bob: User) -> None:
    own = post_token(desk, grant_type="client_credentials").json()
    his = by_password(desk, bob)
    code = new_code(desk, bob)
    others = by_code(partner, new_code(partner, bob, code="other")).json()
    revoke("--client", "desk", "--reason", "leaked")
    assert not is_alive(own["access_token"])
    assert not is_alive(his["access_token"])
    assert refreshed(desk, his["refresh_token"]).status_code == 400
    assert by_code(desk, code).status_code == 400
    assert is_alive(others["access_token"])
    event = SecurityEvent.objects.get(name="tokens-revoked")
    assert event.detail == {"ended": 2, "reason": "leaked"}


def test_a_client_may_be_given_new_tokens_afterwards(desk: ApiClient, bob: User) -> None:
    revoke("--client", "desk")
    assert is_alive(by_password(desk, bob)["access_token"])


def test_all_ends_everybodys(desk: ApiClient, bob: User) -> None:
    tokens = [by_password(desk, bob), post_token(desk, grant_type="client_credentials").json()]
    revoke("--all")
    assert not any(is_alive(each["access_token"]) for each in tokens)


@pytest.mark.django_db
@pytest.mark.parametrize("words", [["--user", "t9\\nobody"], ["--client", "nope"]])
def test_an_unknown_name_is_an_error(words: list[str]) -> None:
    with pytest.raises(CommandError, match="There is no"):
        revoke(*words)


@pytest.mark.parametrize("command", ["cleartokens", "createapplication", "clearcimdapplications"])
def test_commands_that_would_break_on_our_models_say_what_to_use(command: str) -> None:
    with pytest.raises(CommandError, match=r"^Not (needed|used) here"):
        call_command(command)
