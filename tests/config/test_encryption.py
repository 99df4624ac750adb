"""config.encryption: sealed values open in their place only, keyed hashes name their key."""

from typing import Any

import pytest

from config.encryption import SealBroken, derived_keys, keyed_hash, keyed_hash_matches, seal, sealed_under, unseal
from config.keyring import new_ring_text

PLACE = {"purpose": "option", "table": "environment_option", "field": "value", "row": "7"}


def test_what_was_sealed_opens() -> None:
    assert unseal(seal("geheim ü", **PLACE), **PLACE) == "geheim ü".encode()
    assert unseal(seal(b"\x00\xff", **PLACE), **PLACE) == b"\x00\xff"
    assert unseal(seal("", **PLACE), **PLACE) == b""


def test_two_seals_of_one_value_differ() -> None:
    assert seal("x", **PLACE) != seal("x", **PLACE)


@pytest.mark.parametrize("part", ["purpose", "table", "field", "row"])
def test_a_sealed_value_opens_nowhere_else(part: str) -> None:
    with pytest.raises(SealBroken):
        unseal(seal("x", **PLACE), **(PLACE | {part: "other"}))


def test_moving_a_border_between_the_parts_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        unseal(seal("x", **PLACE), **(PLACE | {"field": "value7", "row": ""}))


@pytest.mark.parametrize("broken", ["", "k1", "k1:", "k1:AAAA", "k1:!!!!", "zz:AAAA", "ü:ü"])
def test_anything_else_is_broken_and_not_a_crash(broken: str) -> None:
    with pytest.raises(SealBroken):
        unseal(broken, **PLACE)


def test_every_flipped_byte_is_noticed() -> None:
    sealed = seal("x", **PLACE)
    head, _, body = sealed.partition(":")
    for at in range(0, len(body) - 2, 5):
        swapped = "A" if body[at] != "A" else "B"
        with pytest.raises(SealBroken):
            unseal(f"{head}:{body[:at]}{swapped}{body[at + 1 :]}", **PLACE)


def test_a_new_primary_key_seals_and_the_old_one_still_opens(settings: Any) -> None:
    old, new = new_ring_text("old"), new_ring_text("new")
    settings.DESKGATE_KEYS = old
    sealed, hashed = seal("x", **PLACE), keyed_hash(b"token", purpose="access")
    settings.DESKGATE_KEYS = f"{new},{old}"
    assert unseal(sealed, **PLACE) == b"x"
    assert keyed_hash_matches(hashed, b"token", purpose="access")
    assert sealed_under(seal("x", **PLACE)) == "new"
    assert sealed_under(keyed_hash(b"token", purpose="access")) == "new"
    assert len(derived_keys("access")) == 2
    settings.DESKGATE_KEYS = new
    assert not keyed_hash_matches(hashed, b"token", purpose="access")
    with pytest.raises(SealBroken, match="not in DESKGATE_KEYS"):
        unseal(sealed, **PLACE)


def test_a_key_of_the_same_id_but_other_bytes_fails_closed(settings: Any) -> None:
    sealed, hashed = seal("x", **PLACE), keyed_hash(b"token", purpose="access")
    settings.DESKGATE_KEYS = new_ring_text(sealed_under(sealed))
    with pytest.raises(SealBroken):
        unseal(sealed, **PLACE)
    assert not keyed_hash_matches(hashed, b"token", purpose="access")


def test_a_keyed_hash_is_of_its_data_and_purpose() -> None:
    hashed = keyed_hash(b"token", purpose="access")
    assert keyed_hash_matches(hashed, b"token", purpose="access")
    assert not keyed_hash_matches(hashed, b"token2", purpose="access")
    assert not keyed_hash_matches(hashed, b"token", purpose="refresh")
    assert not keyed_hash_matches("", b"token", purpose="access")
    assert not keyed_hash_matches("ü$ü", b"token", purpose="access")


def test_purposes_have_keys_of_their_own() -> None:
    assert derived_keys("a") != derived_keys("b")
    assert {len(key) for key in derived_keys("a")} == {32}
