"""Password rules, change and reset."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.utils import timezone

from accounts.errors import PasswordRefused, PasswordUpdateRefused
from accounts.models import PasswordHistory, User
from accounts.selectors import principal_of_user
from accounts.services.passwords import password_change, password_expired, password_faults, password_reset
from accounts.services.sessions import sign_out_everywhere
from activity.models import Change
from config.context import RequestContext, entered
from config.http.errors import Forbidden
from environment.services.options import option_set
from tests.cast import PASSWORD, at_once

RULES = "security-authentication-rules"


def codes(password: str, user: User) -> list[str]:
    return [fault.code for fault in password_faults(password, user=user)]


def test_out_of_the_box_length_and_the_common_list_are_the_only_rules(bob):
    assert codes("kx7aqzpw", bob) == []
    assert codes("kx7aqzp", bob) == ["too_short"]
    assert codes("password1", bob) == ["too_common"]
    assert codes("bob bob bob", bob) == []


@pytest.mark.parametrize(
    ("rule", "bad", "good", "code"),
    [
        ("password-req-alpha", "83719402", "8371940a", "no_letter"),
        ("password-req-number", "qzpwkxam", "qzpwkxa4", "no_number"),
        ("password-req-mixed-case", "qzpwkxam", "qzpwkxaM", "no_mixed_case"),
        ("password-req-punctuation", "qzpwkx m", "qzpwkx.m", "no_punctuation"),
    ],
)
def test_a_character_class_is_demanded_when_switched_on(bob, t100, rule, bad, good, code):
    assert codes(bad, bob) == []
    option_set(holder=t100, section=RULES, name=rule, value="true")
    assert (codes(bad, bob), codes(good, bob)) == ([code], [])


def test_the_length_is_the_contact_centers(bob, eve, t100):
    option_set(holder=t100, section=RULES, name="password-min-length", value="12")
    assert codes("kx7aqzpwkx7", bob) == ["too_short"]
    assert codes("kx7aqzpwkx7", eve) == []


@pytest.mark.parametrize(("password", "code"), [("x" * 1025, "too_long"), ("kx7aqz\x00pw", "invalid")])
def test_what_cannot_be_typed_again_is_refused(bob, password, code):
    assert code in codes(password, bob)


def test_every_broken_rule_is_named(bob):
    option_set(holder=None, section=RULES, name="password-req-number", value="true")
    with pytest.raises(PasswordRefused) as refused:
        password_change(user=bob, old_password=PASSWORD, new_password="qz")
    assert {fault.code for fault in refused.value.fields} == {"too_short", "no_number"}
    assert {fault.field for fault in refused.value.fields} == {"newPassword"}
    assert (refused.value.status, refused.value.code) == (403, 10)


def test_a_change_stores_a_hash_ends_every_proof_and_is_recorded(bob):
    before = User.objects.get(pk=bob.pk)
    epoch = password_change(user=before, old_password=PASSWORD, new_password="another-word-77")
    after = User.objects.get(pk=bob.pk)
    assert check_password("another-word-77", after.password)
    assert after.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert after.epoch == epoch != bob.epoch
    assert after.stamp != bob.stamp
    change = Change.objects.latest("id")
    assert change.after["password"] == "changed"
    assert "another-word" not in str(Change.objects.values())


def test_a_change_lifts_the_demand_for_one(bob):
    User.objects.filter(pk=bob.pk).update(must_change_password=True)
    password_change(user=User.objects.get(pk=bob.pk), old_password=PASSWORD, new_password="another-word-77")
    assert not User.objects.get(pk=bob.pk).must_change_password


def test_the_last_three_are_not_repeated(bob):
    user, present = User.objects.get(pk=bob.pk), PASSWORD
    for new in ("word-one-7731", "word-two-7731"):
        password_change(user=user, old_password=present, new_password=new)
        present = new
    for old in (PASSWORD, "word-one-7731", "word-two-7731"):
        with pytest.raises(PasswordRefused) as refused:
            password_change(user=user, old_password=present, new_password=old)
        assert [fault.code for fault in refused.value.fields] == ["repeated"]
    password_change(user=user, old_password=present, new_password="word-three-7731")
    password_change(user=user, old_password="word-three-7731", new_password=PASSWORD)


def test_no_more_old_hashes_are_kept_than_the_rule_needs(bob):
    user, present = User.objects.get(pk=bob.pk), PASSWORD
    for number in range(6):
        password_change(user=user, old_password=present, new_password=f"word-{number}-77311")
        present = f"word-{number}-77311"
    assert PasswordHistory.objects.filter(user=user).count() <= 3


def test_without_the_rule_a_password_may_be_kept(bob):
    option_set(holder=None, section=RULES, name="password-no-repeats", value="0")
    user = User.objects.get(pk=bob.pk)
    password_change(user=user, old_password=PASSWORD, new_password=PASSWORD)
    assert PasswordHistory.objects.count() == 0


def test_age_makes_a_password_expire(bob, t100):
    late = timezone.now() + timedelta(days=31)
    assert not password_expired(bob, now=late)
    option_set(holder=t100, section=RULES, name="password-expiration", value="30")
    assert password_expired(bob, now=late)
    assert not password_expired(bob)


def test_a_reset_demands_a_change_and_ends_every_proof(bob):
    password_reset(user=User.objects.get(pk=bob.pk), new_password="set-by-alice-77")
    after = User.objects.get(pk=bob.pk)
    assert after.must_change_password
    assert after.epoch != bob.epoch
    assert check_password("set-by-alice-77", after.password)


@pytest.mark.parametrize(
    ("asker", "target", "allowed"),
    [
        ("alice", "bob", True),
        ("eve", "bob", False),
        ("bob", "alice", False),
        ("alice", "root", False),
        ("root", "alice", True),
    ],
)
def test_only_who_administers_a_user_and_all_he_holds_resets(request, asker, target, allowed, alice, bob, eve, root):
    people = {"alice": alice, "bob": bob, "eve": eve, "root": root}
    who = principal_of_user(people[asker], proof="session")
    user = User.objects.get(pk=people[target].pk)
    with entered(RequestContext(principal=who)):
        if allowed:
            password_reset(user=user, new_password="set-by-other-77")
        else:
            with pytest.raises(Forbidden):
                password_reset(user=user, new_password="set-by-other-77")
    assert (User.objects.get(pk=user.pk).password != people[target].password) == allowed


def test_a_change_that_lost_the_race_changes_nothing(bob):
    first, second = User.objects.get(pk=bob.pk), User.objects.get(pk=bob.pk)
    password_change(user=first, old_password=PASSWORD, new_password="word-first-77")
    with pytest.raises(PasswordUpdateRefused) as refused:
        password_change(user=second, old_password=PASSWORD, new_password="word-second-77")
    assert (refused.value.status, refused.value.code) == (403, 3)
    assert check_password("word-first-77", User.objects.get(pk=bob.pk).password)


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_wins(bob, wide_gate):
    def change(new: str) -> str:
        user = User.objects.get(pk=bob.pk)
        try:
            password_change(user=user, old_password=PASSWORD, new_password=new)
        except PasswordUpdateRefused:
            return "refused"
        return new

    stored = User.objects.get(pk=bob.pk)
    users = [User.objects.get(pk=bob.pk) for _ in range(4)]
    assert {user.password for user in users} == {stored.password}

    def racing(position: int) -> str:
        new = f"racing-word-{position}"
        try:
            password_change(user=users[position], old_password=PASSWORD, new_password=new)
        except PasswordUpdateRefused:
            return "refused"
        return new

    told = at_once([lambda position=position: racing(position) for position in range(4)])
    won = [word for word in told if word != "refused"]
    assert len(won) == 1, told
    assert check_password(won[0], User.objects.get(pk=bob.pk).password)


def test_a_sign_out_everywhere_between_proof_and_change_is_not_undone(bob):
    proven = User.objects.get(pk=bob.pk)
    epoch = sign_out_everywhere(bob, by_himself=True)
    with pytest.raises(PasswordUpdateRefused):
        password_change(user=proven, old_password=PASSWORD, new_password="another-good-one")
    kept = User.objects.get(pk=bob.pk)
    assert (kept.epoch, kept.password) == (epoch, bob.password)
