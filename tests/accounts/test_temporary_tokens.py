"""Temporary authorization tokens: issued to who administers, proven by our own key alone, ended by what ends them."""

import json
import time
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from django.utils import timezone
from jwcrypto.jwk import JWK

from accounts.errors import ProofRefused
from accounts.models import SigningKey, TemporaryToken
from accounts.principals import principal_of_temporary_token
from accounts.selectors import installation_epoch, principal_of_user
from accounts.services import keys
from accounts.services.keys import issuer, signed_jwt
from accounts.services.temporary_tokens import (
    TYP,
    audience,
    temporary_token_issue,
    temporary_token_prove,
    temporary_token_revoke,
)
from accounts.services.users import user_update
from activity.models import SecurityEvent
from config.context import RequestContext, entered
from config.http.errors import Forbidden
from config.stamps import new_stamp
from environment.models import Installation
from environment.services import contact_center_update, option_set
from tests.accounts.configuring import forged, part, temporary_token
from tests.cast import alter


@pytest.fixture
def token(alice, t100, configuration_keys) -> str:
    return temporary_token(alice, t100)


def proves(text: str) -> bool:
    with entered(RequestContext(address="192.0.2.9")):
        try:
            temporary_token_prove(text)
        except ProofRefused:
            return False
        return True


def test_a_token_says_whose_it_is_and_for_which_contact_center(token, alice):
    now = time.time()
    head, claims = part(token, 0), part(token, 1)
    row = TemporaryToken.objects.get()
    kid = SigningKey.objects.get(purpose="temporary").kid
    assert head == {"alg": "RS512", "kid": kid, "typ": "temporary+jwt"}
    assert claims.pop("iat") <= now < claims.pop("exp") <= now + 900
    assert claims == {
        "iss": "http://127.0.0.1:8000/configuration",
        "sub": alice.subject,
        "aud": "http://127.0.0.1:8000/configuration/basicauth",
        "contextId": "100",
        "jti": row.pk,
    }
    assert (row.user, row.address) == (alice, "192.0.2.9")


def test_the_token_itself_is_stored_nowhere(token):
    rows = list(TemporaryToken.objects.values()) + list(SecurityEvent.objects.values())
    assert token.rpartition(".")[2] not in str(rows)
    assert SecurityEvent.objects.filter(name="temporary-token-issued").count() == 1


def test_its_life_is_the_contact_centers_option(alice, t100, configuration_keys):
    option_set(holder=t100, section="basic-credentials", name="temporary-token-minutes", value="3")
    temporary_token(alice, t100)
    row = TemporaryToken.objects.get()
    assert row.expires_at - row.issued_at == timedelta(minutes=3)


def test_only_who_administers_basic_credentials_there_gets_one(alice, bob, eve, root, t100, t200, configuration_keys):
    for asker, place in ((bob, t100), (eve, t100), (alice, t200)):
        with pytest.raises(Forbidden):
            temporary_token(asker, place)
    assert not TemporaryToken.objects.exists()
    for asker, place in ((eve, t200), (root, t100), (root, t200)):
        assert proves(temporary_token(asker, place))


def test_the_principal_is_the_user_in_this_contact_center_alone(alice, root, t100, t200, configuration_keys):
    for asker in (alice, root):
        user, row = temporary_token_prove(temporary_token(asker, t100))
        principal = principal_of_temporary_token(user, row)
        assert (principal.user_id, principal.proof, principal.everywhere) == (asker.pk, "bearer", False)
        assert principal.contact_center_ids == {t100.pk}
        assert principal.scopes == {"configuration"}
        assert "basic-credentials:administer" in principal.privileges
        assert "signing-keys:administer" not in principal.privileges


def test_the_use_is_stamped_once_a_minute(token):
    assert proves(token)
    first = TemporaryToken.objects.get().last_used_at
    assert proves(token)
    assert TemporaryToken.objects.get().last_used_at == first


@pytest.mark.parametrize(
    "case",
    ["revoked", "expired row", "user off", "center off", "user's epoch", "installation's epoch", "moved", "no row"],
)
def test_what_ends_a_token_ends_it_at_the_next_use(token, alice, t100, t200, case):
    assert proves(token)
    row = TemporaryToken.objects.get()
    if case == "revoked":
        assert [temporary_token_revoke(row), temporary_token_revoke(row)] == [True, False]
    elif case == "expired row":
        TemporaryToken.objects.update(expires_at=timezone.now())
    elif case == "user off":
        alter(alice, enabled=False)
    elif case == "center off":
        contact_center_update(t100, enabled=False)
    elif case == "user's epoch":
        alter(alice, epoch=new_stamp())
    elif case == "installation's epoch":
        Installation.objects.update(epoch=new_stamp())
    elif case == "moved":
        alter(alice, contact_center=t200)
    else:
        row.delete()
    assert not proves(token)
    assert SecurityEvent.objects.filter(name="temporary-token", outcome="refused").count() == 1


def test_it_ends_at_the_very_second(token, monkeypatch):
    row = TemporaryToken.objects.get()
    for before, alive in ((timedelta(microseconds=1), True), (timedelta(), False)):
        monkeypatch.setattr(timezone, "now", lambda before=before: row.expires_at - before)
        assert proves(token) is alive


def test_the_claim_alone_ends_it_too(token):
    claims = part(token, 1)
    for exp in (int(time.time()), "never", True, None, 10**30, -1):
        assert not proves(signed_jwt("temporary", claims | {"exp": exp}, typ=TYP))
    assert proves(signed_jwt("temporary", claims, typ=TYP))


def test_a_revocation_is_the_contact_centers_own_to_make(token, eve, bob, alice):
    row = TemporaryToken.objects.get()
    for asker in (eve, bob):
        with (
            entered(RequestContext(principal=principal_of_user(asker, proof="session"))),
            pytest.raises(Forbidden),
        ):
            temporary_token_revoke(row)
    with entered(RequestContext(principal=principal_of_user(alice, proof="session"))):
        temporary_token_revoke(row, reason="typed into the wrong window")
    event = SecurityEvent.objects.get(name="temporary-token-revoked")
    assert event.detail["reason"] == "typed into the wrong window"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "http://127.0.0.1:8000/auth/v3"},
        {"aud": "http://127.0.0.1:8000"},
        {"aud": ["http://127.0.0.1:8000/configuration/basicauth"]},
        {"sub": "somebody"},
        {"jti": "unknown"},
        {"jti": None},
        {"jti": 1},
    ],
)
def test_a_claim_that_is_not_ours_is_refused(token, wrong):
    assert not proves(signed_jwt("temporary", part(token, 1) | wrong, typ=TYP))


@pytest.mark.parametrize("typ", ["JWT", "temporary", "TEMPORARY+JWT", "credential+jwt"])
def test_another_typ_is_refused(token, typ):
    assert not proves(signed_jwt("temporary", part(token, 1), typ=typ))


@pytest.mark.parametrize("purpose", ["id-token", "user-info", "credential"])
def test_a_key_of_another_purpose_is_refused(token, signing_keys, purpose):
    assert not proves(signed_jwt(purpose, part(token, 1), typ=TYP))


def test_a_forged_signature_is_refused_whatever_the_header_says(token):
    claims, row = part(token, 1), SigningKey.objects.get(purpose="temporary")
    public, ours = JWK(**row.public_jwk), keys._private(row.kid, row.private_sealed)
    own = JWK.generate(kty="RSA", size=2048)
    own_public = json.loads(own.export_public())
    b64 = lambda raw: urlsafe_b64encode(raw).rstrip(b"=").decode()  # noqa: E731
    named = {"kid": row.kid, "typ": TYP}
    pem = JWK(kty="oct", k=b64(public.export_to_pem()))
    jwk_text = JWK(kty="oct", k=b64(json.dumps(row.public_jwk).encode()))
    bare = public.export_public()
    jwk_bytes = JWK(kty="oct", k=b64(bare.encode()))
    for alg in ("HS256", "HS384", "HS512"):
        for key in (pem, jwk_text, jwk_bytes):
            assert not proves(forged(key, claims, alg=alg, **named))
    # Our own key, but not our algorithm.
    for alg in ("RS256", "RS384", "PS512"):
        unbound = JWK(**{k: v for k, v in json.loads(ours.export_private()).items() if k not in ("alg", "use")})
        assert not proves(forged(unbound, claims, alg=alg, **named))
    # A foreign key that brings itself along.
    assert not proves(forged(own, claims, alg="RS512", **named))
    assert not proves(forged(own, claims, alg="RS512", jwk=own_public, **named))
    assert not proves(forged(own, claims, alg="RS512", jwk=own_public, typ=TYP))
    assert not proves(forged(own, claims, alg="RS512", jku="https://evil.example/keys", **named))
    for kid in ("unknown", "../../etc/passwd", "", None, 1, ["x"]):
        assert not proves(forged(own, claims, alg="RS512", kid=kid, typ=TYP))
    # Our own signature, under a header that brings a key or an extension along.
    for extra in ({"jwk": row.public_jwk}, {"jku": "https://x"}, {"x5u": "https://x"}, {"x5c": ["x"]}):
        assert not proves(forged(ours, claims, alg="RS512", **named, **extra))
    head, body, signature = token.split(".")
    none = b64(json.dumps({"alg": "none"} | named).encode())
    for text in (f"{none}.{body}.", f"{none}.{body}.{signature}", f"{head}.{body}.", f"{head}.{body}", f"{token}.x"):
        assert not proves(text)
    assert not any(proves(text) for text in (f"{token}=", f"{token} ", f"{token}\n"))
    assert proves(token)


def test_a_demoted_administrator_keeps_the_token_without_the_right(
    token, alice, agents, administrators, make_user, t100
):
    make_user("carol", t100, roles=[administrators])  # the last administrator is never demoted
    user_update(alice, roles=[agents])
    user, row = temporary_token_prove(token)
    assert principal_of_temporary_token(user, row).privileges == frozenset()


def test_epochs_of_the_proof_are_kept_not_those_of_now(alice, t100, configuration_keys):
    proven = alice.epoch
    alter(alice, epoch=new_stamp())
    with entered(RequestContext(principal=principal_of_user(alice, proof="session"))):
        text, _row = temporary_token_issue(
            user=alice, user_epoch=proven, installation_epoch=installation_epoch(), contact_center=t100
        )
    assert not proves(text)


def test_iss_and_aud_are_not_those_of_id_tokens(db):
    from oauthapi.id_tokens import issuer as issuer_of_id_tokens

    assert issuer_of_id_tokens() not in (issuer(), audience())
