"""POST /configuration/token: a pair becomes a bearer of ten minutes that does what the pair does, while it does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from jwcrypto.jwk import JWK

from accounts.models import BasicCredential, Role, SigningKey
from accounts.services.credential_tokens import TYP
from accounts.services.credentials import credential_delete, credential_rotate, credential_update
from accounts.services.keys import signed_jwt
from activity.models import SecurityEvent
from environment.services import contact_center_update, option_set
from tests.accounts.configuring import BASICAUTH, EXCHANGE, SEED, ask, bearer, forged, part, register, temporary_token
from tests.cast import PASSWORD, SECRET, alter, basic, by_password, counted_hashes, get

NAMED = "open-sesame-42"
CONTACT_CENTERS = "/environment/v3/contact-centers"


@pytest.fixture
def script(t100, configuration_keys) -> BasicCredential:
    return register(t100, Role.objects.get(name="Administrator"), password=NAMED)


def exchanged(name: str = "script", password: str = NAMED) -> str:
    answer = ask("POST", EXCHANGE, basic(name, password))
    assert answer.status_code == 200, answer.content
    return answer.json()["access_token"]


def works(token: str, path: str = CONTACT_CENTERS, **more: str) -> bool:
    answer = ask("GET", path, bearer(token), **more)
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def test_a_pair_becomes_a_bearer(script, t100):
    answer = ask("POST", EXCHANGE, basic("script", NAMED))
    told = answer.json()
    token = told.pop("access_token")
    assert told == {"token_type": "bearer", "expires_in": 600}
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    kid = SigningKey.objects.get(purpose="credential").kid
    assert part(token, 0) == {"alg": "RS512", "kid": kid, "typ": "credential+jwt"}
    assert {"iss", "sub", "aud", "iat", "exp", "stamp"} == set(part(token, 1))
    assert works(token)
    assert SecurityEvent.objects.filter(name="credential-token-issued", user_name="script").exists()
    assert token not in str(list(SecurityEvent.objects.values()))


def test_the_body_is_not_looked_at_and_a_slash_may_follow(script):
    for body, media in (("{", "application/json"), ("grant_type=x", "application/x-www-form-urlencoded"), ("", "")):
        assert ask("POST", f"{EXCHANGE}/", basic("script", NAMED), body, content_type=media).status_code == 200


@pytest.mark.parametrize("path", [CONTACT_CENTERS, "/auth/v3/ops/clients", BASICAUTH])
def test_it_is_taken_wherever_the_pair_is(script, path):
    assert works(exchanged(), path)
    assert ask("GET", path, basic("script", NAMED)).content == ask("GET", path, bearer(exchanged())).content


def test_it_does_no_more_than_the_pair(script, t200):
    tries = [
        ("POST", BASICAUTH, SEED),
        ("DELETE", f"{BASICAUTH}/{script.pk}", None),
        ("PUT", f"{BASICAUTH}/{script.pk}/password", {"password": "another-sesame-43"}),
        ("POST", CONTACT_CENTERS, {"data": {"domains": ["new"]}}),
        ("GET", f"{CONTACT_CENTERS}/{t200.pk}", None),
        ("POST", "/auth/v3/ops/clients", {"data": {"client_id": "x", "redirectURIs": ["https://x.example"]}}),
        ("GET", "/auth/v3/userinfo", None),
    ]
    token = exchanged()
    for method, path, body in tries:
        by_pair, by_token = ask(method, path, basic("script", NAMED), body), ask(method, path, bearer(token), body)
        assert by_pair.status_code == by_token.status_code
        assert by_token.status_code in (401, 403, 404), (method, path)


def test_it_is_not_exchanged_for_another(script):
    answer = ask("POST", EXCHANGE, bearer(exchanged()))
    assert answer.status_code == 401


def test_a_bad_pair_or_none_is_asked_for_a_good_one(script, alice, root, desk, bob, t100):
    register(None, None, "ops", password=NAMED)
    access = by_password(desk, bob)["access_token"]
    headers = [
        None,
        "Basic",
        "Basic !",
        "Basic " + "c2NyaXB0",
        basic("script", f"{NAMED}$"),
        basic("nobody", NAMED),
        basic("ops", NAMED),
        basic("root", PASSWORD),
        basic("t100\\alice", PASSWORD),
        basic("desk", SECRET),
        bearer(access),
        bearer(temporary_token(alice, t100)),
    ]
    answers = [ask("POST", EXCHANGE, header) for header in headers]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer["WWW-Authenticate"] for answer in answers} == {'Basic realm="Deskgate", charset="UTF-8"'}
    assert len({answer.content for answer in answers}) == 1


def test_its_life_is_the_option_and_never_past_the_expiry(script, t100):
    option_set(holder=t100, section="basic-credentials", name="token-minutes", value="2")
    assert ask("POST", EXCHANGE, basic("script", NAMED)).json()["expires_in"] == 120
    script.expires_at = timezone.now() + timedelta(seconds=45)
    credential_update(script)
    answer = ask("POST", EXCHANGE, basic("script", NAMED)).json()
    assert 40 <= answer["expires_in"] <= 45
    assert part(answer["access_token"], 1)["exp"] <= script.expires_at.timestamp()


def test_a_credential_in_its_last_second_gets_none(script, monkeypatch):
    now = timezone.now().replace(microsecond=100_000)
    monkeypatch.setattr(timezone, "now", lambda: now)
    alter(script, expires_at=now + timedelta(milliseconds=500))
    assert ask("POST", EXCHANGE, basic("script", NAMED)).status_code == 401


def test_it_ends_at_the_very_second(script, monkeypatch):
    token = exchanged()
    end = datetime.fromtimestamp(part(token, 1)["exp"], UTC)
    for before, alive in ((timedelta(microseconds=1), True), (timedelta(), False)):
        monkeypatch.setattr(timezone, "now", lambda before=before: end - before)
        assert works(token) is alive


@pytest.mark.parametrize("case", ["disabled", "expired", "rotated", "changed", "deleted", "contact center", "networks"])
def test_what_changes_the_credential_ends_it_at_the_next_call(script, t100, case):
    token = exchanged()
    assert works(token)
    if case == "disabled":
        script.enabled = False
        credential_update(script)
    elif case == "expired":
        # Behind the stamp's back: the clock alone ends it.
        BasicCredential.objects.update(expires_at=timezone.now())
    elif case == "rotated":
        credential_rotate(script, password="another-sesame-43")
    elif case == "changed":
        script.role = Role.objects.get(name="Supervisor")
        credential_update(script)
    elif case == "deleted":
        credential_delete(script)
    elif case == "contact center":
        contact_center_update(t100, enabled=False)
    else:
        BasicCredential.objects.update(source_networks=["198.51.100.0/24"])
    assert not works(token)


def test_source_networks_hold_for_the_token_too(script):
    script.source_networks = ["192.0.2.0/24"]
    credential_update(script)
    assert ask("POST", EXCHANGE, basic("script", NAMED)).status_code == 401
    token = ask("POST", EXCHANGE, basic("script", NAMED), REMOTE_ADDR="192.0.2.7").json()["access_token"]
    assert works(token, REMOTE_ADDR="192.0.2.8")
    assert not works(token, REMOTE_ADDR="198.51.100.7")


def test_what_its_role_loses_the_token_loses(script, t100):
    role = Role.objects.create(name="Own", contact_center=t100, privileges=["contact-centers:read"])
    script.role = role
    credential_update(script)
    token = exchanged()
    assert works(token)
    Role.objects.filter(pk=role.pk).update(privileges=[])
    assert ask("GET", CONTACT_CENTERS, bearer(token)).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "http://127.0.0.1:8000/auth/v3"},
        {"aud": "http://127.0.0.1:8000/configuration/basicauth"},
        {"sub": "0"},
        {"sub": "x"},
        {"sub": 1},
        {"sub": None},
        {"sub": "9" * 30},
        {"stamp": "1"},
        {"stamp": None},
        {"exp": 1_700_000_000},
        {"exp": None},
    ],
    ids=repr,
)
def test_a_claim_that_is_not_ours_is_refused(script, wrong):
    claims = part(exchanged(), 1)
    assert works(signed_jwt("credential", claims, typ=TYP))
    assert not works(signed_jwt("credential", claims | wrong, typ=TYP))


def test_an_ops_credentials_row_is_nobodys_token(script):
    ops = register(None, None, "ops", password=NAMED)
    claims = part(exchanged(), 1) | {"sub": str(ops.pk), "stamp": str(ops.stamp)}
    assert not works(signed_jwt("credential", claims, typ=TYP))


def test_nothing_but_our_own_key_of_this_purpose_signs_it(script, signing_keys):
    token = exchanged()
    claims, row = part(token, 1), SigningKey.objects.get(purpose="credential")
    own = JWK.generate(kty="RSA", size=2048)
    for bad in (
        signed_jwt("temporary", claims, typ=TYP),
        signed_jwt("id-token", claims, typ=TYP),
        signed_jwt("credential", claims, typ="temporary+jwt"),
        signed_jwt("credential", claims, typ="JWT"),
        forged(own, claims, alg="RS512", kid=row.kid, typ=TYP),
        forged(own, claims, alg="RS256", kid=row.kid, typ=TYP),
        token[:-4] + "AAAA",
    ):
        assert not works(bad)


def test_it_opens_nothing_that_takes_users_bearers(script):
    token = exchanged()
    for path in ("/auth/v3/userinfo", "/auth/v3/ping", "/auth/v3/openid/userinfo"):
        assert get(path, token).status_code in (401, 403)


def test_calls_by_token_cost_no_hash(script, monkeypatch):
    token = exchanged()
    with counted_hashes(monkeypatch) as hashes:
        assert all(works(token) for _ in range(20))
    assert hashes.all == 0


def test_its_use_is_stamped_on_the_credential(script):
    token = exchanged()
    BasicCredential.objects.update(last_used_at=None)
    works(token)
    script.refresh_from_db()
    assert script.last_used_at is not None
