"""Who may call /configuration/basicauth: administrators of that contact center, reading credentials, nobody else."""

import json
from typing import Any

import pytest
from django.utils import timezone
from jwcrypto.jwk import JWK

from accounts.models import BasicCredential, Role, SigningKey, TemporaryToken
from accounts.privileges import CONTACT_CENTER_PRIVILEGES
from accounts.services.keys import signed_jwt
from accounts.services.temporary_tokens import TYP, temporary_token_revoke
from accounts.services.users import user_update
from activity.models import SecurityEvent
from config import rates
from config.stamps import new_stamp
from environment.services import option_set
from tests.accounts.configuring import BASICAUTH, SEED, ask, bearer, forged, part, register, temporary_token
from tests.cast import PASSWORD, SECRET, alter, basic, by_code, by_password, new_code

NAMED = "open-sesame-42"


@pytest.fixture
def alices(alice, t100, configuration_keys) -> str:
    return temporary_token(alice, t100)


def calls(key: int = 1) -> list[tuple[str, str, object]]:
    one = f"{BASICAUTH}/{key}"
    return [
        ("GET", BASICAUTH, None),
        ("POST", BASICAUTH, SEED),
        ("GET", one, None),
        ("PUT", f"{one}/password", {"password": "another-sesame-43"}),
        ("DELETE", one, None),
    ]


def not_proven(answer: Any, *, presented: bool) -> str:
    """The words of a 401 with a bearer challenge."""
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith('Bearer realm="Deskgate"')
    assert ('error="invalid_token"' in answer["WWW-Authenticate"]) is presented
    assert answer["Cache-Control"] == "no-store"
    return answer.content.decode()


@pytest.mark.parametrize("call", calls(), ids=lambda call: f"{call[0]} {call[1]}")
def test_nobody_is_asked_for_a_bearer(db, call):
    for header in (None, "Bearer", "Basic !", "Digest x"):
        not_proven(ask(call[0], call[1], header, call[2]), presented=False)


def test_whatever_is_wrong_with_a_token_is_told_in_the_same_words(alices, bob, desk, t100, signing_keys):
    claims, row = part(alices, 1), SigningKey.objects.get(purpose="temporary")
    head, body, signature = alices.split(".")
    own = JWK.generate(kty="RSA", size=2048)
    pem = JWK(kty="oct", k=_b64(JWK(**row.public_jwk).export_to_pem()))
    given = by_password(desk, bob, scope="openid *")
    named = {"kid": row.kid, "typ": TYP}
    bad = {
        "nonsense": "x",
        "no jwt": "a.b.c",
        "other signature": f"{head}.{body}.{signature[::-1]}",
        "alg none": f"{_b64(json.dumps({'alg': 'none'} | named).encode())}.{body}.",
        "hs512 by the public key": forged(pem, claims, alg="HS512", **named),
        "rs256": forged(own, claims, alg="RS256", **named),
        "another key": forged(own, claims, alg="RS512", **named),
        "embedded key": forged(own, claims, alg="RS512", jwk=json.loads(own.export_public()), **named),
        "unknown kid": forged(own, claims, alg="RS512", kid="unknown", typ=TYP),
        "an id token": given["id_token"],
        "a refresh token": given["refresh_token"],
        "an id token of our typ": signed_jwt("id-token", claims, typ=TYP),
        "another typ": signed_jwt("temporary", claims, typ="JWT"),
        "another aud": signed_jwt("temporary", claims | {"aud": "http://127.0.0.1:8000"}, typ=TYP),
        "expired": signed_jwt("temporary", claims | {"exp": claims["iat"]}, typ=TYP),
    }
    words = {not_proven(ask("POST", BASICAUTH, bearer(token), SEED), presented=True) for token in bad.values()}
    temporary_token_revoke(TemporaryToken.objects.get())
    words.add(not_proven(ask("POST", BASICAUTH, bearer(alices), SEED), presented=True))
    words.add(not_proven(ask("POST", BASICAUTH, None, SEED), presented=False))
    assert len(words) == 1
    assert not BasicCredential.objects.exists()
    assert SecurityEvent.objects.filter(name="temporary-token", outcome="refused", refusal="revoked").count() == 1


def _b64(raw: bytes) -> str:
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_an_access_token_without_the_scope_is_not_enough(desk, root):
    answer = ask("POST", BASICAUTH, bearer(by_password(desk, root)["access_token"]), SEED)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="configuration"' in answer["WWW-Authenticate"]


def test_an_agent_with_the_scope_may_nothing(make_client, bob, t100, agents):
    tool = make_client("tool", scopes=["*", "configuration"], trusted=True)
    token = by_code(tool, new_code(tool, bob, scope="configuration")).json()["access_token"]
    row = register(t100, agents)
    for method, path, body in calls(row.pk):
        # Nothing of the body is judged for who may not ask.
        for sent in (body, {} if body else None):
            answer = ask(method, path, bearer(token), sent)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_clients_own_token_may_nothing(make_client):
    tool = make_client("tool", scopes=["*", "configuration"], trusted=True, grants=["client_credentials"])
    from tests.cast import post_token

    given = post_token(tool, grant_type="client_credentials", scope="configuration")
    assert (given.status_code, given.json()["error"]) == (400, "invalid_scope")
    plain = post_token(tool, grant_type="client_credentials").json()["access_token"]
    assert ask("POST", BASICAUTH, bearer(plain), SEED).status_code == 403


@pytest.mark.parametrize("pair", [("ops", NAMED), ("root", PASSWORD), ("t100\\alice", PASSWORD), ("desk", SECRET)])
def test_other_pairs_open_nothing(alice, root, desk, pair):
    register(None, None, "ops", password=NAMED)
    for method, path, body in calls():
        assert ask(method, path, basic(*pair), body).status_code == 401


def test_a_cookie_opens_nothing(root, client):
    client.force_login(root)
    assert client.get(BASICAUTH).status_code == 401


def test_a_basic_credential_reads_and_changes_nothing(t100, t200):
    role = Role.objects.create(name="All", contact_center=t100, privileges=sorted(CONTACT_CENTER_PRIVILEGES))
    machine = register(t100, role, "machine", password=NAMED)
    register(t200, Role.objects.get(name="Agent"), "theirs")
    pair = basic("machine", NAMED)
    assert [each["username"] for each in ask("GET", BASICAUTH, pair).json()["items"]] == ["machine"]
    assert ask("GET", f"{BASICAUTH}/{machine.pk}", pair).status_code == 200
    for method, path, body in calls(machine.pk):
        if method != "GET":
            for sent in (body, {} if body else None):
                answer = ask(method, path, pair, sent)
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    register(t100, Role.objects.get(name="Agent"), "agent", password=NAMED)
    assert ask("GET", BASICAUTH, basic("agent", NAMED)).status_code == 403
    assert BasicCredential.objects.count() == 3


def test_a_neighbours_token_registers_nothing_here(eve, t100, t200, configuration_keys):
    token = bearer(temporary_token(eve, t200))
    # Roles of the other contact center are not looked up: whether there is one of the name is not told.
    for role in ("Administrator", "Nobody"):
        for place in ("100", str(t100.pk)):
            answer = ask("POST", BASICAUTH, token, SEED | {"contextId": place, "userRole": role, "more": 1})
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not BasicCredential.objects.exists()


def test_an_installations_administrator_is_bound_to_the_tokens_contact_center(root, t100, t200, configuration_keys):
    token = bearer(temporary_token(root, t100))
    register(t200, Role.objects.get(name="Agent"), "theirs")
    register(None, None, "ops")
    assert ask("POST", BASICAUTH, token, SEED | {"contextId": "200"}).status_code == 403
    assert ask("POST", BASICAUTH, token, SEED).status_code == 201
    assert [each["username"] for each in ask("GET", BASICAUTH, token).json()["items"]] == ["customer_manager"]


def test_anothers_credential_is_not_there(alices, t200):
    theirs = register(t200, Role.objects.get(name="Agent"), "theirs")
    ops = register(None, None, "ops")
    for row in (theirs, ops):
        for method, path, body in calls(row.pk)[2:]:
            answer = ask(method, path, bearer(alices), body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert ask("GET", BASICAUTH, bearer(alices)).json() == {"items": [], "total": 0, "limit": 100, "offset": 0}


def test_nobody_grants_what_he_lacks(make_user, t100, administrators, configuration_keys):
    few = Role.objects.create(name="FEW", contact_center=t100, privileges=["basic-credentials:administer"])
    carol = make_user("carol", t100, roles=[few])
    token = bearer(temporary_token(carol, t100))
    for role, status in (
        ("Administrator", 403),
        ("ROLE_ADMIN", 403),
        ("Supervisor", 403),
        ("FEW", 201),
        ("Agent", 201),
    ):
        answer = ask("POST", BASICAUTH, token, SEED | {"userRole": role, "username": f"as-{role}"})
        assert answer.status_code == status, role
    above = register(t100, administrators, "above")
    for method, path, body in calls(above.pk)[3:]:
        assert ask(method, path, token, body).status_code == 403


def test_who_may_only_read_reads(make_user, t100, make_client, agents):
    role = Role.objects.create(name="READ", contact_center=t100, privileges=["basic-credentials:read"])
    tool = make_client("tool", scopes=["*", "configuration"], trusted=True)
    token = by_code(tool, new_code(tool, make_user("rita", t100, roles=[role]), scope="configuration"))
    row = register(t100, agents)
    statuses = [
        ask(method, path, bearer(token.json()["access_token"]), body).status_code
        for method, path, body in calls(row.pk)
    ]
    assert statuses == [200, 403, 200, 403, 403]


def test_an_administrator_demoted_meanwhile_registers_nothing(alices, alice, agents, administrators, make_user, t100):
    make_user("carol", t100, roles=[administrators])
    user_update(alice, roles=[agents])
    assert ask("POST", BASICAUTH, bearer(alices), SEED).status_code == 403


def test_a_sign_out_everywhere_ends_the_token(alices, alice):
    alter(alice, epoch=new_stamp())
    assert ask("POST", BASICAUTH, bearer(alices), SEED).status_code == 401


@pytest.mark.parametrize(
    "path", ["/auth/v3/userinfo", "/environment/v3/contact-centers", "/auth/v3/ops/clients", "/auth/v3/ping"]
)
def test_a_temporary_token_is_useless_elsewhere(alices, path):
    assert ask("GET", path, bearer(alices)).status_code == (403 if path == "/auth/v3/ping" else 401)
    assert ask("POST", "/configuration/token", bearer(alices)).status_code == 401


class Clock:
    """The clock of the limits: it stands still, twenty seconds into a minute."""

    at = 60 * 30_000_000 + 20.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def mid_minute(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rates, "time", clock)
    return clock


def test_who_asks_too_often_waits(alices, eve, t100, t200, mid_minute):
    option_set(holder=t100, section="basic-credentials", name="requests-per-minute", value="3")
    neighbour = temporary_token(eve, t200)
    assert [ask("GET", BASICAUTH, bearer(alices)).status_code for _ in range(3)] == [200] * 3
    answer = ask("GET", BASICAUTH, bearer(alices))
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (429, "too_many_requests", "40")
    assert ask("GET", BASICAUTH, bearer(neighbour)).status_code == 200
    mid_minute.at += 40
    assert ask("GET", BASICAUTH, bearer(alices)).status_code == 200


def test_two_hundred_a_minute_are_taken_unless_an_option_says_otherwise(alices, mid_minute):
    statuses = [ask("GET", BASICAUTH, bearer(alices)).status_code for _ in range(201)]
    assert statuses == [200] * 200 + [429]


def test_whatever_is_wrong_with_a_pair_is_told_in_the_same_words(t100, agents):
    register(None, None, "ops", password=NAMED)
    register(t100, agents, "good", password=NAMED)
    register(t100, agents, "off", password=NAMED, enabled=False)
    register(t100, agents, "over", password=NAMED, expires_at=timezone.now())
    pairs = [("good", "wrong"), ("nobody", NAMED), ("ops", NAMED), ("off", NAMED), ("over", NAMED)]
    answers = [ask("GET", BASICAUTH, basic(*pair)) for pair in pairs]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in [*answers, ask("GET", BASICAUTH, None)]}) == 1


def test_bad_tokens_are_limited_by_address_and_do_not_shut_out_good_ones(alices, mid_minute):
    option_set(holder=None, section="basic-credentials", name="requests-per-minute", value="3")
    statuses = [ask("GET", BASICAUTH, bearer("x")).status_code for _ in range(8)]
    assert statuses == [401] * 3 + [429] * 5
    assert ask("GET", BASICAUTH, bearer(alices)).status_code == 200


def test_ops_credentials_are_no_matter_of_these_calls(make_client, root, t100, agents):
    tool = make_client("tool", scopes=["*", "configuration"], trusted=True)
    token = by_code(tool, new_code(tool, root, scope="configuration")).json()["access_token"]
    ops = register(None, None, "ops")
    register(t100, agents, "script")
    assert [each["username"] for each in ask("GET", BASICAUTH, bearer(token)).json()["items"]] == ["script"]
    for method, path, body in calls(ops.pk)[2:]:
        assert ask(method, path, bearer(token), body).status_code == 404
