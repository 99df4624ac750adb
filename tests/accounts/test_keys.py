"""Signing keys: sealed, one kind each, published before use and after."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT

from accounts.models import SigningKey
from accounts.selectors import principal_of_user
from accounts.services import keys
from accounts.services.keys import (
    PUBLISH_AHEAD,
    Purpose,
    key_rotate,
    key_rotate_older,
    keys_delete_ended,
    published_keys,
    signed_jwt,
    signing_key,
)
from activity.models import Change
from config.context import RequestContext, entered
from config.encryption import SealBroken
from config.http.errors import Forbidden
from tests.cast import at_once


def kid_of(token: str) -> str:
    return JWT(jwt=token).token.jose_header["kid"]


def published(kid: str) -> JWK:
    """The key that a client finds by this id in the JWKS."""
    return JWK(**next(key for key in published_keys() if key["kid"] == kid))


def begun(key: SigningKey, **ago: int) -> None:
    """Let the key have signed for so long."""
    SigningKey.objects.filter(pk=key.pk).update(signs_from=timezone.now() - timedelta(**ago))


def test_the_first_use_makes_the_key(db):
    token = signed_jwt(Purpose.ID_TOKEN, {"sub": "x"})
    row = SigningKey.objects.get()
    assert (row.purpose, row.algorithm, row.kid) == ("id-token", "RS256", kid_of(token))
    key = published(row.kid)
    assert json.loads(JWT(jwt=token, key=key, algs=["RS256"]).claims) == {"sub": "x"}


def test_each_kind_has_its_own_key(signing_keys):
    assert signing_key(Purpose.ID_TOKEN).kid != signing_key(Purpose.USER_INFO).kid


def test_the_published_half_holds_nothing_private(signing_keys):
    for jwk in published_keys():
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(jwk)
        assert {"kty", "n", "e", "kid", "alg", "use"} <= set(jwk)


def test_the_private_half_is_sealed_to_its_row(signing_keys):
    one, two = signing_keys
    assert '"d"' not in one.private_sealed
    with pytest.raises(SealBroken):
        keys._private(two.kid, one.private_sealed)


def test_a_rotated_in_key_is_published_a_day_before_it_signs(signing_keys):
    old = signing_key(Purpose.ID_TOKEN)
    fresh = key_rotate(Purpose.ID_TOKEN)
    assert signing_key(Purpose.ID_TOKEN).kid == old.kid
    assert {old.kid, fresh.kid} <= {key["kid"] for key in published_keys()}
    SigningKey.objects.filter(pk=fresh.pk).update(signs_from=timezone.now() - timedelta(seconds=1))
    SigningKey.objects.filter(pk=old.pk).update(signs_until=timezone.now() - timedelta(seconds=1))
    assert signing_key(Purpose.ID_TOKEN).kid == fresh.kid


def test_there_is_a_signing_key_at_every_moment_of_a_rotation(signing_keys):
    fresh = key_rotate(Purpose.ID_TOKEN)
    old = SigningKey.objects.exclude(pk=fresh.pk).get(purpose="id-token")
    assert old.signs_until == fresh.signs_from
    assert keys._signing_now("id-token", fresh.signs_from - timedelta(microseconds=1)).first() == old
    assert keys._signing_now("id-token", fresh.signs_from).first() == fresh


def test_a_retired_key_stays_published_until_the_last_token_ends(signing_keys):
    old = signing_key(Purpose.ID_TOKEN)
    key_rotate(Purpose.ID_TOKEN, at_once=True)
    old.refresh_from_db()
    assert old.published_until - old.signs_until >= timedelta(days=30)
    assert old.kid in {key["kid"] for key in published_keys()}
    SigningKey.objects.filter(pk=old.pk).update(published_until=timezone.now())
    assert old.kid not in {key["kid"] for key in published_keys()}


def test_an_emergency_rotation_signs_at_once(signing_keys):
    fresh = key_rotate(Purpose.USER_INFO, at_once=True)
    assert signing_key(Purpose.USER_INFO).kid == fresh.kid


def test_a_rotation_is_recorded_without_the_private_half(signing_keys):
    fresh = key_rotate(Purpose.ID_TOKEN, reason="yearly")
    change = Change.objects.latest("id")
    assert (change.object_type, change.reason) == ("signing-keys", "yearly")
    assert fresh.private_sealed not in str(change.after)


def test_a_contact_centers_administrator_rotates_nothing(signing_keys, alice):
    with entered(RequestContext(principal=principal_of_user(alice, proof="session"))), pytest.raises(Forbidden):
        key_rotate(Purpose.ID_TOKEN)
    assert SigningKey.objects.count() == 2


def test_another_algorithm_does_not_verify(signing_keys):
    token = signed_jwt(Purpose.ID_TOKEN, {"sub": "x"})
    head, body, signature = token.split(".")
    none = JWK.generate(kty="oct", size=256)
    forged = JWT(header={"alg": "HS256", "kid": kid_of(token)}, claims={"sub": "x"})
    forged.make_signed_token(none)
    for bad in (forged.serialize(), f"{head}.{body}.", f"{head}.{body}.{signature[::-1]}"):
        with pytest.raises(Exception, match=r".*"):
            JWT(jwt=bad, key=published(kid_of(token)), algs=["RS256"])


@pytest.mark.django_db(transaction=True)
def test_processes_that_both_find_no_key_end_with_one(db):
    kids = at_once([lambda: signing_key(Purpose.ID_TOKEN).kid] * 4)
    assert len(set(kids)) == 1, kids
    assert SigningKey.objects.count() == 1


def test_a_key_that_signed_long_enough_is_followed_by_one_published_first(signing_keys):
    old = signing_key(Purpose.ID_TOKEN)
    begun(old, days=90)
    assert key_rotate_older(Purpose.ID_TOKEN, timedelta(days=91)) is None
    fresh = key_rotate_older(Purpose.ID_TOKEN, timedelta(days=90))
    assert fresh is not None
    assert PUBLISH_AHEAD - timedelta(minutes=1) < fresh.signs_from - timezone.now() <= PUBLISH_AHEAD
    assert signing_key(Purpose.ID_TOKEN).kid == old.kid
    assert {old.kid, fresh.kid} <= {key["kid"] for key in published_keys()}
    assert key_rotate_older(Purpose.ID_TOKEN, timedelta(days=90)) is None


def test_a_kind_that_never_signed_gets_no_key(signing_keys):
    assert key_rotate_older(Purpose.TEMPORARY, timedelta(0)) is None
    assert not SigningKey.objects.filter(purpose=Purpose.TEMPORARY).exists()


def test_keys_go_when_nothing_they_signed_lives_and_each_is_recorded(signing_keys):
    one, two = signing_keys
    SigningKey.objects.filter(pk=one.pk).update(published_until=timezone.now() - timedelta(seconds=1))
    SigningKey.objects.filter(pk=two.pk).update(published_until=timezone.now() + timedelta(minutes=1))
    assert keys_delete_ended() == 1
    assert list(SigningKey.objects.all()) == [two]
    assert (Change.objects.latest("id").action, Change.objects.latest("id").object_id) == ("delete", one.kid)


def test_a_contact_centers_administrator_deletes_and_rotates_no_old_key(signing_keys, alice):
    with entered(RequestContext(principal=principal_of_user(alice, proof="session"))):
        for forbidden in (keys_delete_ended, lambda: key_rotate_older(Purpose.ID_TOKEN, timedelta(0))):
            with pytest.raises(Forbidden):
                forbidden()
    assert SigningKey.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_processes_that_find_the_same_old_key_rotate_it_once(db):
    begun(signing_key(Purpose.ID_TOKEN), days=100)
    made = at_once([lambda: key_rotate_older(Purpose.ID_TOKEN, timedelta(days=90))] * 4)
    assert sorted(type(one).__name__ for one in made) == ["NoneType"] * 3 + ["SigningKey"], made
    assert SigningKey.objects.count() == 2
