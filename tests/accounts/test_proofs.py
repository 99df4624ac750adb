"""Proving a user: no answer and no amount of work tells an unknown name from a known one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import ContactCenterDisabled, ProofRefused
from accounts.models import FailureCounter
from accounts.selectors import Login, installation_epoch
from accounts.services.proofs import password_prove, password_prove_basic
from activity.models import SecurityEvent
from environment.services import contact_center_update
from environment.services.options import option_set
from tests.cast import PASSWORD, alter, asking_from, counted_hashes


def prove(name: str, password: str = PASSWORD, how=password_prove, **words):
    with asking_from("192.0.2.1"):
        return how(login=Login.parse(name), password=password, via="test", **words)


CASES = {
    "wrong": ("t100\\bob", "wrong"),
    "unknown": ("t100\\nobody", PASSWORD),
    "unknown tenant": ("nowhere\\bob", PASSWORD),
    "bare unknown": ("nobody", PASSWORD),
    "disabled": ("t100\\gone", PASSWORD),
    "disabled and wrong": ("t100\\gone", "wrong"),
    "no password": ("t100\\bare", PASSWORD),
    "empty": ("t100\\bob", ""),
    "very long": ("t100\\bob", "x" * 100_000),
    "administrator": ("root", "wrong"),
    "expired account": ("t100\\old", PASSWORD),
}


@pytest.fixture
def everybody(bob, root, t100, make_user):
    make_user("gone", t100, enabled=False)
    make_user("bare", t100, encoded_password=None)
    old = make_user("old", t100)
    option_set(holder=t100, section="security-authentication-rules", name="account-expiration", value="30")
    alter(old, last_login=timezone.now() - timedelta(days=31))


@pytest.mark.parametrize("case", CASES)
def test_every_refusal_has_the_same_words_and_costs_one_hash(everybody, case, monkeypatch):
    with counted_hashes(monkeypatch) as hashes, pytest.raises(ProofRefused) as refused:
        prove(*CASES[case])
    assert hashes.passwords == 1
    assert type(refused.value) is ProofRefused
    assert (refused.value.status, refused.value.message) == (400, ProofRefused.message)
    assert refused.value.fields == ()
    assert refused.value.headers == {}


@pytest.mark.parametrize("case", ["wrong", "unknown", "unknown tenant", "disabled", "no password"])
def test_a_lock_has_the_same_words_and_costs_no_hash_whoever_is_locked(everybody, case, monkeypatch):
    with pytest.raises(ProofRefused):
        prove(*CASES[case])
    FailureCounter.objects.update(failures=10_000)
    with counted_hashes(monkeypatch) as hashes, pytest.raises(ProofRefused) as refused:
        prove(*CASES[case])
    assert hashes.all == 0
    assert refused.value.message == ProofRefused.message


@pytest.mark.parametrize(
    ("case", "inner"), [("wrong", "wrong password"), ("unknown", "unknown user"), ("disabled", "user is disabled")]
)
def test_the_inner_reason_is_in_the_security_events_only(everybody, case, inner):
    with pytest.raises(ProofRefused) as refused:
        prove(*CASES[case])
    event = SecurityEvent.objects.filter(name="sign-in").latest("id")
    assert (event.refusal, event.outcome, event.address) == (inner, "refused", "192.0.2.1")
    assert inner not in refused.value.message


def test_no_password_is_in_any_event(everybody):
    for name, password in (("t100\\bob", "hunter2-wrong"), ("hunter2-wrong", "x")):
        with pytest.raises(ProofRefused):
            prove(name, password)
    told = str(list(SecurityEvent.objects.values("detail", "refusal", "client_id")))
    assert "hunter2" not in told


def test_a_right_pair_proves_under_the_rows_epochs(bob, monkeypatch):
    with counted_hashes(monkeypatch) as hashes:
        proof = prove("t100\\bob")
    bob.refresh_from_db()
    assert (proof.user, proof.user_epoch, proof.installation_epoch) == (bob, bob.epoch, installation_epoch())
    assert hashes.passwords == 1


def test_must_change_is_told_with_the_right_password(bob):
    alter(bob, must_change_password=True)
    assert prove("t100\\bob").must_change


def test_an_old_password_must_be_changed(bob, t100):
    assert not prove("t100\\bob").must_change
    option_set(holder=t100, section="security-authentication-rules", name="password-expiration", value="30")
    alter(bob, password_changed_at=timezone.now() - timedelta(days=31))
    assert prove("t100\\bob").must_change


def test_a_disabled_contact_center_is_told_only_with_the_right_password(bob, t100):
    contact_center_update(t100, enabled=False)
    with pytest.raises(ContactCenterDisabled):
        prove("t100\\bob")
    with pytest.raises(ProofRefused) as refused:
        prove("t100\\bob", "wrong")
    assert type(refused.value) is ProofRefused


def test_the_administration_takes_a_bare_name_for_the_installations_first(t100, make_user):
    make_user("twin", None)
    make_user("twin", t100)
    assert prove("twin", administration=True).user.contact_center_id is None
    assert prove("twin").user.contact_center_id == t100.pk


def test_an_old_kind_of_hash_is_no_open_door(bob):
    alter(bob, password="plain")
    with pytest.raises(ProofRefused):
        prove("t100\\bob", "plain")


# --- pairs that come with every request -------------------------------------------------------------------------


def test_a_basic_pair_is_hashed_once_a_minute(bob, monkeypatch):
    with counted_hashes(monkeypatch) as hashes:
        for _ in range(5):
            assert prove("t100\\bob", how=password_prove_basic).user == bob
    assert hashes.passwords == 1


@pytest.mark.parametrize("change", [{"enabled": False}, {"password": "!"}])
def test_the_memory_of_a_pair_ends_with_the_users_stamp(bob, change):
    prove("t100\\bob", how=password_prove_basic)
    alter(bob, **change)
    with pytest.raises(ProofRefused):
        prove("t100\\bob", how=password_prove_basic)


def test_the_memory_of_a_pair_does_not_outlive_its_contact_center(bob, t100):
    prove("t100\\bob", how=password_prove_basic)
    contact_center_update(t100, enabled=False)
    with pytest.raises(ProofRefused):
        prove("t100\\bob", how=password_prove_basic)


def test_a_remembered_bare_name_is_not_another_contact_centers_user(t100, t200, make_user):
    one, two = make_user("twin", t100), make_user("twin", t200)
    here = prove("twin", how=password_prove_basic, contact_center_ids=frozenset({t100.pk}))
    there = prove("twin", how=password_prove_basic, contact_center_ids=frozenset({t200.pk}))
    assert (here.user, there.user) == (one, two)


def test_a_wrong_pair_is_not_remembered(bob, monkeypatch):
    with counted_hashes(monkeypatch) as hashes:
        for _ in range(2):
            with pytest.raises(ProofRefused):
                prove("t100\\bob", "wrong", how=password_prove_basic)
    assert hashes.passwords == 2


@pytest.mark.parametrize(
    ("typed", "tenant", "expected"),
    [
        ("t100\\bob", "", ("t100", "bob")),
        ("\\bob", "", ("", "bob")),
        ("\\bob", "t100", ("t100", "bob")),
        ("bob", "t100", ("t100", "bob")),
        ("a\\b\\c", "", ("a", "b\\c")),
        ("t200\\bob", "t100", ("t200", "bob")),
        (" bob ", " t100 ", ("t100", "bob")),
        ("user@example.com", "", ("", "user@example.com")),
    ],
)
def test_a_typed_name_is_split_at_its_first_backslash(typed, tenant, expected):
    login = Login.parse(typed, tenant)
    assert (login.tenant, login.user_name) == expected


def test_a_remembered_pair_is_under_the_lock_too(bob):
    """Else its owner's calls would give a guesser any number of tries: his right guess looks like the owner's call."""
    prove("t100\\bob", how=password_prove_basic)
    for _ in range(10):
        with pytest.raises(ProofRefused):
            prove("t100\\bob", "wrong", how=password_prove_basic)
    with pytest.raises(ProofRefused) as refused:
        prove("t100\\bob", how=password_prove_basic)
    assert "locked" in refused.value.reason


@pytest.mark.parametrize("name", ["bob", "nobody"])
def test_all_spellings_of_a_name_are_one_account_known_or_not(bob, t100, name, monkeypatch):
    contact_center_update(t100, domains=["t100", "t100.example"])
    for _ in range(10):
        with pytest.raises(ProofRefused):
            prove(f"t100\\{name}", "wrong")
    spellings = [(f"t100.example\\{name}", {}), (name, {"contact_center_ids": frozenset({t100.pk})})]
    for spelled, words in spellings:
        with counted_hashes(monkeypatch) as hashes, pytest.raises(ProofRefused):
            prove(spelled, "wrong", **words)
        assert hashes.passwords == 0
