"""Capability keys: 256 random bits in an address, of which only a keyed hash is kept, and which stand in no log."""

from __future__ import annotations

import io
import json
import logging.config
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from activity.models import Change
from config.context import RequestContext, entered
from config.encryption import ring
from config.http.errors import Forbidden, NotFound
from config.keyring import new_ring_text
from config.logs import logging_config
from config.principal import ANONYMOUS
from environment.models import Application, ContactCenter
from tests.admin_client import add, admin_of, do, shown
from tests.twofactor.services_cast import CHECK, ROOTS, VERIFY, ask, customer, key_of, put, two_factor
from twofactor.models import CapabilityKey
from twofactor.selectors.doors import door_of_key
from twofactor.services.callers import (
    capability_key_create,
    capability_key_delete,
    capability_key_rotate,
    capability_key_update,
)
from twofactor.views.services import verify

pytestmark = pytest.mark.django_db
KEYS = "/admin/twofactor/capabilitykey/"
DEMO = "demo-capability-key-0000000000000001"


@pytest.fixture
def bank(t100: ContactCenter) -> Application:
    customer(t100, email="ada@one.example")
    return two_factor(t100)


def by_key(plain: str, service: str = CHECK, **more: Any) -> int:
    return int(ask(service, f"key/{plain}", who="", **more).status_code)


def test_the_address_alone_opens_the_services(bank: Application) -> None:
    _key, plain = key_of(bank)
    assert [by_key(plain, service) for service in ROOTS] == [200] * 3


def test_a_wrong_header_beside_it_changes_nothing(bank: Application) -> None:
    _key, plain = key_of(bank)
    assert ask(CHECK, f"key/{plain}", who="ivr", word="wrong").status_code == 200


def test_it_has_256_random_bits_and_is_kept_as_a_hash_only(bank: Application) -> None:
    made = [key_of(bank, name) for name in ("one", "two")]
    assert len({plain for _key, plain in made}) == 2
    for key, plain in made:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", plain)
        assert key.hint == plain[-4:]
        stored = CapabilityKey.objects.values().get(pk=key.pk)
        assert plain not in repr(stored)
        assert stored["key_hash"].startswith(f"{ring().primary.id}$")
    told = json.dumps(list(Change.objects.values("before", "after")), default=str)
    assert not any(plain in told or key.key_hash in told for key, plain in made)


def test_one_indexed_statement_finds_it_under_any_key_of_the_ring(bank: Application) -> None:
    _key, plain = key_of(bank)
    with override_settings(DESKGATE_KEYS=f"{new_ring_text('newer')},{settings.DESKGATE_KEYS}"):
        with CaptureQueriesContext(
            connection,
        ) as statements:
            assert door_of_key(plain, address="").application == bank
        assert len(statements) == 1
        (statement,) = statements.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + statement["sql"])
        plan = " ".join(str(row) for row in cursor.fetchall())
    if connection.vendor == "sqlite":
        assert "SCAN twofactor_capabilitykey" not in plan
    assert by_key(plain) == 200


def test_a_key_of_a_ring_that_is_gone_opens_nothing(bank: Application) -> None:
    _key, plain = key_of(bank)
    with override_settings(DESKGATE_KEYS=new_ring_text("newer")):
        assert by_key(plain) == 404


@pytest.mark.parametrize("change", [lambda one: one[:-1], lambda one: f"{one}x", str.swapcase, lambda one: "x" * 5000])
def test_anything_else_is_told_as_nothing(bank: Application, change: Callable[[str], str]) -> None:
    _key, plain = key_of(bank)
    unknown = ask(CHECK, f"key/{change(plain)}", who="")
    assert unknown.status_code == 404
    assert unknown.content == ask(CHECK, "Nowhere/nothing", who="").content


def test_a_rotated_key_refuses_the_old_address_at_once(bank: Application) -> None:
    key, old = key_of(bank)
    new = capability_key_rotate(key)
    assert new != old
    assert (by_key(old), by_key(new)) == (404, 200)
    key.refresh_from_db()
    assert key.hint == new[-4:]
    change = Change.objects.filter(object_type="two-factor", action="update").latest("pk")
    assert new not in json.dumps([change.before, change.after], default=str)


def test_a_disabled_key_opens_nothing(bank: Application) -> None:
    key, plain = key_of(bank)
    for enabled, status in ((False, 404), (True, 200)):
        key.enabled = enabled
        capability_key_update(key)
        assert by_key(plain) == status
    capability_key_delete(key)
    assert by_key(plain) == 404


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        ([], "203.0.113.7", 200),
        (["203.0.113.0/24"], "203.0.113.7", 200),
        (["192.0.2.0/24", "203.0.113.7"], "203.0.113.7", 200),
        (["192.0.2.0/24"], "203.0.113.7", 404),
        (["192.0.2.0/24"], "2001:db8::1", 404),
        (["2001:db8::/32"], "2001:db8::1", 200),
        (["192.0.2.0/24"], "", 404),
    ],
)
def test_it_may_be_bound_to_networks(bank: Application, networks: list[str], address: str, status: int) -> None:
    _key, plain = key_of(bank, source_networks=networks)
    assert by_key(plain, REMOTE_ADDR=address) == status


def test_a_forged_forwarding_header_does_not_bring_it_nearer(bank: Application) -> None:
    _key, plain = key_of(bank, source_networks=["192.0.2.0/24"])
    assert by_key(plain, REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="192.0.2.9") == 404


def test_the_last_use_is_noted_once_a_minute(bank: Application) -> None:
    key, plain = key_of(bank)
    by_key(plain)
    key.refresh_from_db()
    first = key.last_used_at
    assert first
    by_key(plain)
    key.refresh_from_db()
    assert key.last_used_at == first
    CapabilityKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    by_key(plain)
    key.refresh_from_db()
    assert key.last_used_at
    assert key.last_used_at >= first
    assert Change.objects.filter(object_type="two-factor").count() == 1


@pytest.mark.parametrize("plain", ["short", "x" * 42, "x" * 129, "ü" * 43, "a b" * 20, DEMO])
def test_a_chosen_key_is_as_long_as_a_generated_one(bank: Application, plain: str) -> None:
    with pytest.raises(ValidationError):
        capability_key_create(CapabilityKey(application=bank, name="web"), plain=plain)
    assert not CapabilityKey.objects.exists()


def test_the_demos_key_is_a_documented_one(bank: Application) -> None:
    key_of(bank)
    capability_key_create(CapabilityKey(application=bank, name="demo", made_by_demo=True), plain=DEMO)
    assert by_key(DEMO) == 200


def test_a_key_belongs_to_a_two_factor_application_of_a_contact_center(t100: ContactCenter) -> None:
    for application in (
        Application.objects.create(name="Web", contact_center=t100),
        Application.objects.create(name="Shared", type=Application.Type.TWO_FACTOR),
    ):
        with pytest.raises(ValidationError):
            capability_key_create(CapabilityKey(application=application, name="web"))


def test_only_whoever_may_write_makes_one(bank: Application) -> None:
    with entered(RequestContext(principal=ANONYMOUS)), pytest.raises(Forbidden):
        capability_key_create(CapabilityKey(application=bank, name="web"))


def test_another_contact_center_finds_none_of_it(bank: Application) -> None:
    with pytest.raises(NotFound):
        door_of_key("", address="192.0.2.1")


# --- logs ---


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that is logged, at DEBUG, by the real configuration."""
    config = logging_config(level="DEBUG", format=request.param)
    written = io.StringIO()
    config["handlers"]["stderr"]["stream"] = written
    logging.config.dictConfig(config)
    yield written
    logging.config.dictConfig(settings.LOGGING)


class Broken:
    def provider_verify(self, **told: Any) -> str:
        raise RuntimeError("broken")


class Away:
    def provider_verify(self, **told: Any) -> str:
        from django.db import OperationalError

        raise OperationalError("database is locked")


@pytest.mark.parametrize(("flow", "status"), [(Broken(), 500), (Away(), 503)])
@pytest.mark.parametrize("debug", [False, True])
def test_no_log_has_the_key_whatever_happens(
    bank: Application, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, flow: Any, status: int, debug: bool
) -> None:
    _key, plain = key_of(bank)
    key_of(bank, "other", source_networks=["192.0.2.0/24"])
    put(bank, services_by_get="true")
    with override_settings(DEBUG=debug):
        statuses = {by_key(plain), by_key(plain, method="GET"), by_key(plain, "nothing"), by_key(f"{plain}x")}
        statuses |= {by_key(plain, method="PUT"), by_key(plain, media="text/xml"), by_key(plain, sent="x" * 20_000)}
        monkeypatch.setattr(verify, "provider_verify", flow.provider_verify)
        statuses |= {by_key(plain, VERIFY), by_key(f"{plain}/", VERIFY)}
    assert statuses == {200, 404, 405, 415, 413, status}
    written = log.getvalue()
    assert "services/key/" in written
    assert plain not in written
    assert plain[:20] not in written
    assert "123456" not in written


# --- the admin ---


def test_the_admin_shows_a_new_key_once(bank: Application, alice: User) -> None:
    browser = admin_of(alice)
    page = add(browser, KEYS, application=str(bank.pk), name="web", source_networks="127.0.0.0/8\n")
    told = shown(page)
    plain = told["Key"]
    assert told["Address of the web services"].endswith(f"/twofactor/services/key/{plain}/")
    assert "no-store" in page["Cache-Control"]
    assert by_key(plain) == 200
    key = CapabilityKey.objects.get()
    assert key.source_networks == ["127.0.0.0/8"]
    for url in (KEYS, f"{KEYS}{key.pk}/change/"):
        content = browser.get(url).content.decode()
        assert f"…{plain[-4:]}" in content
        assert plain not in content
        assert key.key_hash not in content


def test_the_admin_rotates_it(bank: Application, alice: User) -> None:
    key, old = key_of(bank)
    page = do(admin_of(alice), KEYS, key, "rotate", reason="found in a wiki")
    plain = shown(page)["Key"]
    assert (by_key(old), by_key(plain)) == (404, 200)
    assert Change.objects.latest("pk").reason == "found in a wiki"


def test_the_admin_disables_it(bank: Application, alice: User) -> None:
    key, plain = key_of(bank)
    do(admin_of(alice), KEYS, key, "disable")
    assert by_key(plain) == 404


def test_another_contact_centers_administrator_sees_and_makes_none(bank: Application, eve: User) -> None:
    key, _plain = key_of(bank)
    browser = admin_of(eve)
    assert "web" not in [row.name for row in browser.get(KEYS).context["cl"].result_list]
    assert browser.get(f"{KEYS}{key.pk}/change/").status_code in (302, 403, 404)
    page = browser.post(f"{KEYS}add/", {"application": str(bank.pk), "name": "mine", "enabled": "on"})
    assert page.status_code == 200
    assert CapabilityKey.objects.count() == 1
