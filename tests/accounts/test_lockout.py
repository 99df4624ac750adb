"""Lockout and limits: every number that docs/options.md gives."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import options
from accounts.errors import ProofRefused
from accounts.models import FailureCounter
from accounts.selectors import Login
from accounts.services import lockout
from accounts.services.proofs import password_prove
from activity.models import SecurityEvent
from config.http.errors import Forbidden
from environment.services.options import option_set
from tests.cast import PASSWORD, asking_from, at_once, counted_hashes

Kind = FailureCounter.Kind
HOME, AWAY = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def quick(monkeypatch):
    """Compare without Argon2, and count how often: these tests are about numbers, not hashes."""
    compared = []

    def compare(password, encoded):
        compared.append(password)
        return password == PASSWORD

    monkeypatch.setattr("accounts.services.proofs.check_password", compare)
    return compared


def attempt(name="t100\\bob", password="wrong", address=HOME, **words) -> str:
    with asking_from(address):
        try:
            password_prove(login=Login.parse(name), password=password, via="test", **words)
        except ProofRefused as refused:
            return refused.reason
        return "proven"


def failures(kind: str) -> int:
    return FailureCounter.objects.get(kind=kind).failures


def move_back(kind: str, **age: int) -> None:
    """Let time pass for the counters of a kind."""
    for row in FailureCounter.objects.filter(kind=kind):
        row.window_ends_at -= timedelta(**age)
        row.locked_until = row.locked_until and row.locked_until - timedelta(**age)
        row.save()


def test_the_defaults_are_the_contracts_numbers(db):
    assert options.LOCKOUT_THRESHOLD.of(None) == 10
    assert options.LOCKOUT_DURATION.of(None) == 5
    assert options.ACCOUNT_FAILURES_PER_HOUR.of(None) == 50
    assert options.ADDRESS_FAILURES.of(None) == 300
    assert options.CLIENT_FAILURES.of(None) == 50


def test_ten_failures_lock_the_pair_for_five_minutes(bob, quick):
    for _ in range(9):
        attempt()
    assert attempt(password=PASSWORD) == "proven"
    for _ in range(10):
        assert attempt() == "wrong password"
    assert attempt(password=PASSWORD).startswith("locked: pair")
    row = FailureCounter.objects.get(kind=Kind.PAIR)
    assert timedelta(minutes=4, seconds=55) < row.locked_until - timezone.now() <= timedelta(minutes=5)
    move_back(Kind.PAIR, minutes=5)
    assert attempt(password=PASSWORD) == "proven"


def test_a_locked_pair_leaves_other_addresses_and_accounts_alone(bob, alice, quick):
    for _ in range(10):
        attempt()
    assert attempt(password=PASSWORD, address=AWAY) == "proven"
    assert attempt("t100\\alice", PASSWORD) == "proven"


def test_a_try_refused_by_a_lock_is_neither_compared_nor_counted(bob, quick):
    for _ in range(10):
        attempt()
    before = list(FailureCounter.objects.order_by("pk").values())
    compared = len(quick)
    for _ in range(5):
        attempt()
        attempt(password=PASSWORD)
    assert list(FailureCounter.objects.order_by("pk").values()) == before
    assert len(quick) == compared


def test_a_success_resets_its_pair_and_counts_nowhere(bob, quick):
    for _ in range(5):
        attempt()
    attempt(password=PASSWORD)
    assert failures(Kind.PAIR) == 0
    assert failures(Kind.ACCOUNT) == failures(Kind.ADDRESS) == 5


def test_only_failures_are_counted(bob, quick):
    for _ in range(400):
        assert attempt(password=PASSWORD) == "proven"


def test_the_same_account_by_another_domain_or_case_is_one_account(bob, quick):
    for name in ("t100\\bob", "T100\\BOB", "one.example.com\\Bob", "bob", "\\bob") * 2:
        attempt(name)
    assert attempt(password=PASSWORD).startswith("locked: pair")


def test_an_old_window_is_forgotten(bob, quick):
    for _ in range(9):
        attempt()
    move_back(Kind.PAIR, minutes=options.LOCKOUT_PERIOD.of(None))
    for _ in range(9):
        assert attempt() == "wrong password"
    assert attempt(password=PASSWORD) == "proven"


def test_fifty_failures_in_an_hour_lock_the_account_for_unknown_devices(bob, quick):
    for number in range(50):
        attempt(address=f"198.51.100.{number // 9}")
    assert attempt(password=PASSWORD, address="203.0.113.1").startswith("locked: account")
    move_back(Kind.ACCOUNT, hours=1)
    assert attempt(password=PASSWORD, address="203.0.113.1") == "proven"


def test_a_device_that_signed_in_before_may_still_try(bob, quick):
    for number in range(50):
        attempt(address=f"198.51.100.{number // 9}")
    remembered = frozenset({bob.pk})
    assert attempt(password=PASSWORD, address="203.0.113.1", remembered=remembered) == "proven"
    assert attempt(password=PASSWORD, address="203.0.113.1", remembered=frozenset({bob.pk + 1})).startswith("locked")


def test_a_remembered_device_is_still_bound_by_its_pair(bob, quick):
    for _ in range(10):
        attempt(remembered=frozenset({bob.pk}))
    assert attempt(password=PASSWORD, remembered=frozenset({bob.pk})).startswith("locked: pair")


def test_three_hundred_failures_lock_an_address_whatever_the_account(bob, quick):
    for number in range(300):
        attempt(f"t100\\name{number}")
    assert attempt(password=PASSWORD).startswith("locked: address")
    assert attempt(password=PASSWORD, address=AWAY) == "proven"
    move_back(Kind.ADDRESS, minutes=10)
    assert attempt(password=PASSWORD) == "proven"


def test_made_up_names_from_a_locked_address_leave_no_rows(bob, quick):
    option_set(holder=None, section="security", name="address-failures-per-10-minutes", value="1")
    attempt()
    rows = FailureCounter.objects.count()
    for number in range(5):
        attempt(f"t100\\flood{number}")
    assert FailureCounter.objects.count() == rows


@pytest.mark.parametrize("name", ["t100\\nobody", "nowhere\\bob", "nobody"])
def test_unknown_names_lock_as_known_ones_do(bob, quick, name):
    for _ in range(10):
        assert attempt(name) == "unknown user"
    assert attempt(name).startswith("locked: pair")


def test_unknown_names_lock_by_the_rules_of_their_contact_center(bob, t100, quick):
    option_set(holder=t100, section="security-authentication-rules", name="account-lockout-threshold", value="3")
    for name in ("t100\\bob", "t100\\nobody", "one.example.com\\nobody2"):
        told = [attempt(name).startswith("locked") for _ in range(5)]
        assert told == [False, False, False, True, True], name


@pytest.mark.parametrize(
    ("name", "value", "tries"),
    [("account-lockout-threshold", "2", 2), ("account-lockout-threshold", "1", 1)],
)
def test_genesys_threshold_sets_the_pair(bob, quick, name, value, tries):
    option_set(holder=None, section="security-authentication-rules", name=name, value=value)
    for _ in range(tries):
        assert attempt() == "wrong password"
    assert attempt().startswith("locked: pair")


def test_genesys_duration_sets_how_long(bob, quick):
    option_set(holder=None, section="security-authentication-rules", name="account-lockout-duration", value="30")
    for _ in range(10):
        attempt()
    move_back(Kind.PAIR, minutes=29)
    assert attempt(password=PASSWORD).startswith("locked")
    move_back(Kind.PAIR, minutes=1)
    assert attempt(password=PASSWORD) == "proven"


def test_a_threshold_of_zero_locks_no_pair(bob, quick):
    option_set(holder=None, section="security-authentication-rules", name="account-lockout-threshold", value="0")
    for _ in range(20):
        assert attempt() == "wrong password"


def test_a_period_of_zero_counts_until_the_next_success(bob, quick):
    option_set(holder=None, section="security-authentication-rules", name="account-lockout-attempts-period", value="0")
    for _ in range(9):
        attempt()
    move_back(Kind.PAIR, days=300)
    attempt()
    assert attempt(password=PASSWORD).startswith("locked: pair")


def test_a_try_without_a_turn_to_hash_counts_for_nothing(bob, monkeypatch):
    from config.http.errors import Busy

    def busy(*_):
        raise Busy

    monkeypatch.setattr("accounts.services.proofs.check_password", busy)
    with pytest.raises(Busy):
        attempt()
    assert not FailureCounter.objects.filter(failures__gt=0).exists()


def test_an_administrator_releases_a_lock(bob, alice, quick):
    for _ in range(10):
        attempt()
    lockout.lockout_release(FailureCounter.objects.get(kind=Kind.PAIR), reason="called the desk")
    assert attempt(password=PASSWORD) == "proven"


def test_another_contact_centers_administrator_does_not(bob, eve, quick):
    from accounts.selectors import principal_of_user
    from config.context import RequestContext, entered

    for _ in range(10):
        attempt()
    with entered(RequestContext(principal=principal_of_user(eve, proof="session"))), pytest.raises(Forbidden):
        lockout.lockout_release(FailureCounter.objects.get(kind=Kind.PAIR))
    assert attempt(password=PASSWORD).startswith("locked")


@pytest.mark.django_db(transaction=True)
def test_twenty_wrong_tries_at_once_are_ten_comparisons(bob, wide_gate, monkeypatch):
    with counted_hashes(monkeypatch) as hashes:
        told = at_once([attempt] * 20)
    assert hashes.passwords == 10, told
    assert sorted(word.split(":")[0] for word in told) == ["locked"] * 10 + ["wrong password"] * 10
    assert failures(Kind.PAIR) == failures(Kind.ACCOUNT) == failures(Kind.ADDRESS) == 10
    assert attempt(password=PASSWORD).startswith("locked: pair")


@pytest.mark.django_db(transaction=True)
def test_right_tries_at_once_are_never_locked_out_by_each_other(bob, wide_gate):
    told = at_once([lambda: attempt(password=PASSWORD)] * 8)
    assert told == ["proven"] * 8
    assert set(FailureCounter.objects.values_list("failures", flat=True)) == {0}


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        (Kind.PAIR, "security-authentication-rules/account-lockout-threshold"),
        (Kind.ACCOUNT, "security/account-failures-per-hour"),
        (Kind.ADDRESS, "security/address-failures-per-10-minutes"),
    ],
)
def test_what_is_locked_says_so_and_until_when(bob, quick, kind, option):
    section, _, name = option.partition("/")
    option_set(holder=None, section=section, name=name, value="3")
    for _ in range(3):
        assert not FailureCounter.objects.filter(locked_until__isnull=False).exists()
        attempt()
    row = FailureCounter.objects.get(locked_until__isnull=False)
    assert (row.kind, row.locked_until, row.failures) == (kind, row.window_ends_at, 3)
    assert SecurityEvent.objects.get(name="locked").refusal.startswith(f"{kind}: ")


@pytest.mark.parametrize("kind", [Kind.CLIENT, Kind.CREDENTIAL])
def test_a_machine_secret_that_is_locked_says_so_once(db, kind):
    option_set(holder=None, section="security", name="client-failures-per-10-minutes", value="3")
    limit = lockout.client_limit("Desk", HOME, kind)
    for _ in range(2):
        lockout.failure_count(limit)
    assert FailureCounter.objects.get().locked_until is None
    for _ in range(2):
        lockout.failure_count(limit)
    row = FailureCounter.objects.get()
    assert (row.failures, row.locked_until) == (4, row.window_ends_at)
    assert SecurityEvent.objects.get(name="locked").refusal == f"{kind}: desk from {HOME} after 3 failures"


def test_a_count_given_back_below_the_limit_is_no_lock(bob, quick):
    option_set(holder=None, section="security", name="account-failures-per-hour", value="2")
    limits = lockout.limits_of(account="t100\\bob", address=HOME, contact_center_id=None, remembered=False)
    # Two tries under way at once, one wrong and one right: only one failure.
    assert lockout.try_reserve(limits) is lockout.try_reserve(limits) is None
    assert [limit.kind for limit in lockout.try_failed(limits)] == [Kind.ACCOUNT]
    lockout.try_succeeded(limits)
    row = FailureCounter.objects.get(kind=Kind.ACCOUNT)
    assert (row.failures, row.locked_until) == (1, None)
    assert lockout.try_reserve(limits) is None
