"""The purges of this room: what has ended goes, in slices, and what counts stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import periodic
from accounts.models import FailureCounter, PasswordHistory, Session, SigningKey, User
from activity import jobs, purges
from activity.jobs import Done
from environment.services import option_delete, option_set

pytestmark = pytest.mark.django_db
NOW = timezone.now
HOURS = timedelta(hours=1)


def session(number: int, *, ends: timedelta, seen: timedelta = -HOURS) -> Session:
    return Session.objects.create(
        key_hash=f"{number:064}", kind="desk", ends_at=NOW() + ends, last_seen_at=NOW() + seen
    )


def counter(subject: str, *, ends: timedelta, locked: timedelta | None = None) -> FailureCounter:
    return FailureCounter.objects.create(
        kind="pair", subject=subject, window_ends_at=NOW() + ends, locked_until=NOW() + locked if locked else None
    )


def test_ended_sessions_go() -> None:
    session(1, ends=-2 * HOURS)
    kept = session(2, ends=2 * HOURS)
    assert periodic.sessions_purge() == Done(1)
    assert list(Session.objects.all()) == [kept]


def test_sessions_idle_beyond_every_option_go() -> None:
    session(1, ends=90 * HOURS, seen=-26 * HOURS)
    kept = session(2, ends=90 * HOURS, seen=-24 * HOURS)
    assert periodic.idle_sessions_purge() == Done(1)
    assert list(Session.objects.all()) == [kept]


def test_counters_of_past_windows_go_and_locks_stay() -> None:
    counter("over", ends=-HOURS)
    kept = {counter("open", ends=HOURS).pk, counter("locks", ends=-HOURS, locked=HOURS).pk}
    assert periodic.failures_purge() == Done(1)
    assert set(FailureCounter.objects.values_list("pk", flat=True)) == kept


def test_old_passwords_are_never_purged(bob: User) -> None:
    PasswordHistory.objects.create(user=bob, password="old")
    PasswordHistory.objects.update(at=NOW() - timedelta(days=4000))
    for job in jobs.registry():
        if job.name.startswith("accounts."):
            job.run()
    assert PasswordHistory.objects.count() == 1


@pytest.mark.parametrize("run", [periodic.sessions_purge, periodic.idle_sessions_purge])
def test_a_full_slice_says_that_more_waits(run: Callable[[], Done], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purges, "SLICE", 2)
    for number in range(5):
        session(number, ends=-2 * HOURS, seen=-30 * HOURS)
    assert [run(), run(), run()] == [Done(2, left_over=True), Done(2, left_over=True), Done(1)]
    assert not Session.objects.exists()


def test_the_ones_that_ended_first_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purges, "SLICE", 1)
    later, first = session(1, ends=-2 * HOURS), session(2, ends=-3 * HOURS)
    periodic.sessions_purge()
    assert list(Session.objects.all()) == [later]
    assert first.pk != later.pk


def test_signing_keys_are_rotated_by_the_option_and_deleted_in_the_end(signing_keys: list[SigningKey]) -> None:
    one, two = signing_keys
    SigningKey.objects.filter(pk=one.pk).update(signs_from=NOW() - timedelta(days=90))
    SigningKey.objects.filter(pk=two.pk).update(signs_from=NOW() - timedelta(days=89))
    option_set(holder=None, section="security", name="signing-key-rotation", value="0")
    assert periodic.keys_rotate() == Done()
    option_delete(holder=None, section="security", name="signing-key-rotation")
    assert [periodic.keys_rotate(), periodic.keys_rotate()] == [Done(1), Done()]
    assert SigningKey.objects.filter(purpose=one.purpose).count() == 2
    SigningKey.objects.filter(pk=one.pk).update(published_until=NOW() - HOURS)
    assert [periodic.keys_purge(), periodic.keys_purge()] == [Done(1), Done()]
    assert not SigningKey.objects.filter(pk=one.pk).exists()
