"""Client secrets at rest, and what proving one costs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from oauthapi.client_secrets import secret_encode, secret_generate, secret_matches
from tests.cast import SECRET, alter, counted_hashes, post_token


def test_a_generated_secret_has_256_bits_and_a_fast_keyed_hash(desk, monkeypatch):
    secret = secret_generate()
    assert len(secret) == 47
    assert secret != secret_generate()
    alter(desk, secret_hash=secret_encode(secret))
    with counted_hashes(monkeypatch) as hashes:
        assert secret_matches(desk, secret)
    assert hashes.all == 0
    assert secret not in desk.secret_hash


def test_a_chosen_secret_is_a_pbkdf2_of_20_to_50_thousand_rounds(desk):
    algorithm, rounds, *_ = desk.secret_hash.split("$")
    assert algorithm == "pbkdf2_sha256"
    assert 20_000 <= int(rounds) <= 50_000
    assert SECRET not in desk.secret_hash


@pytest.mark.parametrize("weak", ["x", "secret", "dgs_", "dgs_" + "a" * 43])
def test_weak_secrets_of_deployment_scripts_work(desk, weak):
    alter(desk, secret_hash=secret_encode(weak))
    assert secret_matches(desk, weak)
    assert not secret_matches(desk, weak + "x")


def test_a_chosen_secret_is_hashed_once_a_minute(desk, monkeypatch):
    with counted_hashes(monkeypatch) as hashes:
        for _ in range(5):
            assert post_token(desk, grant_type="client_credentials").status_code == 200
    assert hashes.secrets == 1


def test_the_memory_ends_with_the_clients_stamp(desk, monkeypatch):
    assert secret_matches(desk, SECRET)
    alter(desk, secret_hash=secret_encode("another"))
    assert not secret_matches(desk, SECRET)
    assert post_token(desk, grant_type="client_credentials").status_code == 401


def test_the_memory_ends_after_a_minute(desk, monkeypatch):
    import time

    assert secret_matches(desk, SECRET)
    later = time.monotonic() + 61
    monkeypatch.setattr("accounts.services.verified.time.monotonic", lambda: later)
    with counted_hashes(monkeypatch) as hashes:
        assert secret_matches(desk, SECRET)
    assert hashes.secrets == 1


def test_a_wrong_secret_is_never_remembered(desk, monkeypatch):
    with counted_hashes(monkeypatch) as hashes:
        assert not secret_matches(desk, "wrong")
        assert not secret_matches(desk, "wrong")
    assert hashes.secrets == 2


@pytest.mark.parametrize("chosen", [True, False])
def test_the_previous_secret_works_until_its_end(desk, chosen):
    old, new = (SECRET, "new") if chosen else (secret_generate(), secret_generate())
    until = timezone.now() + timedelta(hours=1)
    alter(desk, secret_hash=secret_encode(new), previous_secret_hash=secret_encode(old), previous_secret_until=until)
    assert secret_matches(desk, old)
    assert secret_matches(desk, new)
    assert not secret_matches(desk, old, now=until + timedelta(seconds=1))


def test_a_previous_secret_past_its_end_does_not_live_in_the_memory(desk):
    until = timezone.now() + timedelta(seconds=30)
    alter(
        desk, secret_hash=secret_encode("new"), previous_secret_hash=secret_encode(SECRET), previous_secret_until=until
    )
    assert secret_matches(desk, SECRET)
    assert not secret_matches(desk, SECRET, now=until + timedelta(seconds=1))


def test_a_previous_secret_without_end_is_none(desk):
    alter(
        desk, secret_hash=secret_encode("new"), previous_secret_hash=secret_encode(SECRET), previous_secret_until=None
    )
    assert not secret_matches(desk, SECRET)


def test_no_client_and_no_secret_match_nothing(spa, desk):
    assert not secret_matches(None, SECRET)
    assert not secret_matches(spa, "")
    assert not secret_matches(desk, "")


def test_a_keyed_hash_survives_a_new_primary_key_and_dies_with_its_own(desk, settings):
    from config.keyring import new_ring_text

    secret, first = secret_generate(), settings.DESKGATE_KEYS
    alter(desk, secret_hash=secret_encode(secret))
    settings.DESKGATE_KEYS = f"{new_ring_text('fresh')},{first}"
    assert secret_matches(desk, secret)
    settings.DESKGATE_KEYS = new_ring_text("fresh")
    assert not secret_matches(desk, secret)


def test_nul_in_a_secret_matches_nothing(desk):
    assert not secret_matches(desk, SECRET + "\x00")
