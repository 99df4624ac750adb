"""The lock of the History API: every state of the three options, every shape of a header, and guessers."""

from __future__ import annotations

import base64
from itertools import product
from typing import Any

import pytest
from django.test import override_settings

from accounts.models import FailureCounter
from activity.models import SecurityEvent
from config.stamps import new_stamp
from environment.models import Application, ContactCenter, Option
from environment.services import application_update, contact_center_update, option_delete
from tests.cast import basic
from tests.history.asking import PAIR, USER, WORD, ask, demand, put, server
from tests.oauthapi.test_query_budget import statements

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.history.urls")]
AWAY = "203.0.113.7"


@pytest.fixture
def gwe(t100: ContactCenter) -> Application:
    """Of contact center one, without any option."""
    return server("GWE", t100)


@pytest.fixture
def locked(gwe: Application) -> Application:
    """The same, with the whole set."""
    demand(gwe, *PAIR)
    return gwe


def assert_not_authorized(answer: Any) -> None:
    assert answer.status_code == 401, answer.content
    assert answer["WWW-Authenticate"] == 'Basic realm="Deskgate", charset="UTF-8"'
    assert answer["Content-Type"] == "application/json; charset=UTF-8"
    body = answer.json()
    assert list(body) == ["code", "title", "description"]
    assert (body["code"], body["title"]) == (401, "Not Authorized")


def test_exactly_the_pair_gets_in_for_reads_and_posts(locked: Application) -> None:
    answer = ask(pair=PAIR, address=AWAY)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json; charset=UTF-8")
    assert answer.json()["application"] == "GWE"
    assert ask(pair=PAIR, method="post").status_code == 201


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize(
    "pair",
    [
        None,
        (USER, "wrong"),
        ("other", WORD),
        (USER.upper(), WORD),
        (USER, WORD.upper()),
        (USER, ""),
        ("", WORD),
        ("", ""),
        (USER, WORD + " "),
        (USER, WORD[:-1]),
    ],
)
def test_anything_else_is_401(locked: Application, pair: tuple[str, str] | None, method: str) -> None:
    answer = ask(pair=pair, method=method)
    assert answer.status_code == 401
    if method != "head":
        assert_not_authorized(answer)


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        f"Basic {encoded(b'no colon')}",
        f"Basic {encoded(b':')}",
        f"Basic {encoded(USER.encode() + b':' + WORD.encode() + bytes([0]))}",
        f"Basic {encoded(bytes([0xFF, 0x3A, 0xFE]))}",
        f"Bearer {encoded(f'{USER}:{WORD}'.encode())}",
        f"Digest {encoded(f'{USER}:{WORD}'.encode())}",
        f"{encoded(f'{USER}:{WORD}'.encode())}",
        f"Basic {USER}:{WORD}",
    ],
)
def test_no_other_header_opens(locked: Application, header: str) -> None:
    assert_not_authorized(ask(header=header))


def test_the_scheme_is_written_in_any_case(locked: Application) -> None:
    for scheme in ("basic", "BASIC", "bAsIc"):
        assert ask(header=basic(*PAIR).replace("Basic", scheme)).status_code == 200


@pytest.mark.parametrize("pair", [("user", "a:b::c"), ("müller", "pässwörd €"), ("a b", " spaced "), ("u", "x" * 2000)])
def test_pairs_of_any_characters_that_can_be_sent(gwe: Application, pair: tuple[str, str]) -> None:
    demand(gwe, *pair)
    assert ask(pair=pair).status_code == 200
    assert ask(pair=(pair[0], pair[1] + "x")).status_code == 401


def test_a_latin_1_header_is_read_too(gwe: Application) -> None:
    demand(gwe, "müller", "grün")
    assert ask(header=f"Basic {encoded('müller:grün'.encode('latin-1'))}").status_code == 200


SCHEMES = (None, "", "Basic", "bAsIc", "none", "Digest")
PARTS = (None, "", "text")
STATES = list(product(SCHEMES, PARTS, PARTS))


def bare_options(application: Application, values: dict[str, str | None]) -> None:
    """Rows as an import or an older release may have left them: nobody judged them."""
    for name, value in values.items():
        if value is not None:
            Option(application=application, section="security", name=name, value=value).save(force_insert=True)


@pytest.mark.parametrize(("scheme", "user_id", "password"), STATES)
def test_every_combination_of_the_three(
    gwe: Application, scheme: str | None, user_id: str | None, password: str | None
) -> None:
    bare_options(gwe, {"auth-scheme": scheme, "user-id": user_id, "password": password})
    typed = (user_id or "", password or "")
    near, away, paired = ask(), ask(address=AWAY), ask(pair=typed, address=AWAY)
    if scheme == "none" or (scheme, user_id, password) == (None, None, None):
        assert [each.status_code for each in (near, away, paired)] == [200, 403, 403]
    else:
        whole = scheme in ("Basic", "bAsIc") and bool(user_id) and bool(password)
        assert [each.status_code for each in (near, away, paired)] == [401, 401, 200 if whole else 401]


@pytest.mark.parametrize("sealed", ["text", "v1:abc", ""])
def test_a_seal_that_does_not_open_lets_nobody_in(locked: Application, sealed: str) -> None:
    Option.objects.filter(name="password").update(value=sealed, sealed=True)
    application_update(locked, description="with new stamps")
    assert_not_authorized(ask(pair=PAIR))
    assert_not_authorized(ask())
    put(locked, "auth-scheme", "none")
    assert_not_authorized(ask())


def test_none_answers_the_open_networks_only(gwe: Application) -> None:
    put(gwe, "auth-scheme", "NONE")
    assert ask(address="::1").status_code == ask(address="127.9.9.9").status_code == 200
    answer = ask(address=AWAY)
    assert answer.status_code == 403
    assert answer.json()["title"] == "Forbidden"
    assert "WWW-Authenticate" not in answer
    put(gwe, "history-open-networks", "203.0.113.0/24")
    assert ask(address=AWAY).status_code == 200
    assert ask(address="::ffff:203.0.113.9").status_code == 200
    assert ask().status_code == 403
    put(gwe, "history-open-networks", "")
    assert ask(address=AWAY).status_code == ask().status_code == 403


def test_the_installation_lists_open_networks_too(gwe: Application) -> None:
    put(None, "history-open-networks", "203.0.113.7")
    assert (ask(address=AWAY).status_code, ask().status_code) == (200, 403)


def test_open_networks_that_cannot_be_read_open_to_nobody(gwe: Application) -> None:
    bare_options(gwe, {"history-open-networks": "127.0.0.1, everybody"})
    assert ask().status_code == 403


FORWARDED = [
    {"X-Forwarded-For": "203.0.113.7"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Proto": "https"},
    {"Forwarded": "for=127.0.0.1"},
    {"X-Real-IP": "203.0.113.7"},
    {"Via": "1.1 proxy"},
]


@pytest.mark.parametrize("headers", FORWARDED)
def test_what_a_proxy_that_nobody_named_passes_on_is_never_near(gwe: Application, headers: dict[str, str]) -> None:
    assert ask(headers=headers).status_code == 403
    demand(gwe, *PAIR)
    assert ask(pair=PAIR, headers=headers).status_code == 200


def test_behind_a_named_proxy_the_callers_own_address_counts(gwe: Application, settings: Any) -> None:
    from ipaddress import ip_network

    with override_settings(DESKGATE_TRUSTED_PROXIES=[ip_network("127.0.0.1")]):
        assert ask(headers={"X-Forwarded-For": AWAY}).status_code == 403
        assert ask(headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 200
        # A proxy that tells an address in a way we do not read.
        assert ask(headers={"X-Real-IP": AWAY}).status_code == 403
        assert ask(headers={"X-Forwarded-For": "unknown"}).status_code == 403
        assert ask().status_code == 200


def test_a_change_holds_on_the_next_request(gwe: Application) -> None:
    assert ask().status_code == 200
    demand(gwe, *PAIR)
    assert ask().status_code == 401
    assert ask(pair=PAIR).status_code == 200
    put(gwe, "password", "another-velvet-71")
    assert ask(pair=PAIR).status_code == 401
    assert ask(pair=(USER, "another-velvet-71")).status_code == 200
    option_delete(holder=gwe, section="security", name="password")
    assert ask(pair=(USER, "another-velvet-71")).status_code == 401
    put(gwe, "auth-scheme", "none")
    assert ask().status_code == 200


def test_what_another_worker_wrote_holds_on_the_next_request(locked: Application) -> None:
    assert ask(pair=PAIR).status_code == 200
    # Its process has its own memory; of what it wrote only the rows and their stamp reach this one.
    Option.objects.filter(application=locked, name="user-id").update(value="another")
    ContactCenter.objects.update(config_stamp=new_stamp())
    assert ask(pair=PAIR).status_code == 401
    assert ask(pair=("another", WORD)).status_code == 200


def test_the_tenth_failure_locks_the_address_out_of_this_door_only(locked: Application, t200: ContactCenter) -> None:
    server("Other", t200, PAIR)
    for _ in range(9):
        assert ask("/history/GWE/server/data/who", pair=(USER, "wrong"), address=AWAY).status_code == 401
    assert ask("/history/GWE/server/data/who", PAIR, address=AWAY).status_code == 200
    assert ask("/history/GWE/server/data/who", (USER, "wrong"), address=AWAY).status_code == 401
    # Its right use in between forgave nothing.
    right, wrong = (ask("/history/GWE/server/data/who", each, address=AWAY) for each in (PAIR, (USER, "wrong")))
    assert_not_authorized(right)
    assert right.content == wrong.content
    assert ask("/history/GWE/server/data/who", PAIR, address="203.0.113.8").status_code == 200
    assert ask("/history/Other/server/data/who", PAIR, address=AWAY).status_code == 200
    counter = FailureCounter.objects.get(kind=FailureCounter.Kind.HISTORY)
    assert (counter.subject, counter.failures) == (f"gwe from {AWAY}", 10)
    assert counter.contact_center_id == locked.contact_center_id


def test_a_lock_ends(locked: Application) -> None:
    for _ in range(10):
        ask(pair=(USER, "wrong"))
    assert ask(pair=PAIR).status_code == 401
    from datetime import timedelta

    from django.utils import timezone

    FailureCounter.objects.update(window_ends_at=timezone.now() - timedelta(seconds=1))
    assert ask(pair=PAIR).status_code == 200


def test_all_doors_together_have_a_limit_per_address(locked: Application, t100: ContactCenter) -> None:
    server("Second", t100, PAIR)
    put(None, "address-failures-per-10-minutes", "3")
    for name in ("GWE", "Second", "GWE"):
        assert ask(f"/history/{name}/server/data/who", (USER, "wrong"), address=AWAY).status_code == 401
    assert ask("/history/Second/server/data/who", PAIR, address=AWAY).status_code == 401
    assert ask("/history/Second/server/data/who", PAIR).status_code == 200


def test_only_a_pair_is_counted_and_told(locked: Application) -> None:
    for header in (None, "Bearer abc", "Basic !!!"):
        ask(header=header)
    assert not FailureCounter.objects.exists()
    assert not SecurityEvent.objects.filter(name="history-api").exists()


def test_a_refused_pair_leaves_an_event_without_its_password(locked: Application) -> None:
    ask(pair=("somebody", "typed-secret-99"), address=AWAY)
    event = SecurityEvent.objects.get(name="history-api")
    assert (event.outcome, event.user_name, event.refusal) == ("refused", "somebody", "wrong pair")
    assert (event.address, event.contact_center_id) == (AWAY, locked.contact_center_id)
    assert event.detail == {"application": "GWE"}
    option_delete(holder=locked, section="security", name="user-id")
    ask(pair=("somebody", "typed-secret-99"), address=AWAY)
    last = SecurityEvent.objects.filter(name="history-api").order_by("id").last()
    assert last is not None
    assert last.refusal == "GWE lets nobody in: missing: security/user-id"
    assert FailureCounter.objects.get(kind="history").failures == 1
    for row in SecurityEvent.objects.values():
        assert "typed-secret-99" not in str(row)


def test_a_right_pair_costs_four_statements(locked: Application) -> None:
    ask(pair=PAIR)
    named = statements(lambda: ask("/history/GWE/server/data/who", PAIR))
    bare = statements(lambda: ask(pair=PAIR))
    assert (len(named), len(bare)) == (3, 4), "\n".join(bare)
    assert not [each for each in bare if not each.lstrip().startswith("SELECT")]


def test_the_contact_center_of_a_door_is_switched_off(locked: Application, t100: ContactCenter) -> None:
    contact_center_update(t100, enabled=False)
    assert ask("/history/GWE/server/data/who", PAIR).status_code == 404
