"""The demo's self-service line: its customers and limits, the calls it had before, and all of it taken away."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from environment.demo import demo_rows
from environment.management.commands.demo_remove import Command as DemoRemove
from environment.models import Application, ContactCenter
from tests.admin_client import admin_of
from tests.cast import basic
from tests.house.conftest import ROOT
from twofactor.management.commands.demo_calls import Command as DemoCalls
from twofactor.models import (
    Authenticator,
    Budget,
    Caller,
    CapabilityKey,
    Challenge,
    Customer,
    Delivery,
    FlowSession,
    FlowStep,
    OutboxMessage,
)
from twofactor.options import limits, services, settings
from twofactor.selectors.activity import activity_of
from twofactor.selectors.customers import has_authenticator
from twofactor.services.customers import customer_create
from twofactor.services.demo_calls import demo_calls_play

pytestmark = pytest.mark.django_db
IVR = ("ivr", "demo-ivr-pass-1!")
SEED = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def line(settings: Any) -> Application:
    """As ``make run`` makes it."""
    settings.DESKGATE_MODE = "demo"
    call_command("provision", str(ROOT / "demo"), "--yes", stdout=StringIO())
    return Application.objects.get(name="Self_Service")


def played() -> str:
    out = StringIO()
    call_command(DemoCalls(), stdout=out)
    return out.getvalue().strip()


def test_the_four_customers_have_what_the_contract_says(line: Application) -> None:
    customers = {one.account: one for one in Customer.objects.all()}
    told = {name: (bool(one.email), bool(one.phone), has_authenticator(one)) for name, one in customers.items()}
    assert told == {
        "1000": (True, True, True),
        "1001": (False, False, True),
        "1002": (True, False, False),
        "1003": (False, False, False),
    }
    assert all(one.made_by_demo for one in customers.values())
    assert [str(one) for one in Caller.objects.all()] == ["ivr at Self_Service"]
    assert CapabilityKey.objects.get().hint == "0001"


def test_a_newcomer_can_play_and_two_limits_stay(line: Application) -> None:
    hourly = (
        limits.DESTINATION_10_MINUTES, limits.DESTINATION_HOUR, limits.ACCOUNT_HOUR, limits.PAIR_HOUR,
        limits.NUMBER_SENDS, limits.NUMBER_CHECKS, limits.ADDRESS_SENDS, limits.ADDRESS_CHECKS,
        limits.CREDENTIAL_SENDS, limits.CREDENTIAL_CHECKS,
    )  # fmt: skip
    assert {one.of(line) for one in hourly} == {10_000}
    none = (
        limits.COOL_DOWN, limits.DESTINATION_PAUSE, limits.DESTINATION_DAY, limits.ACCOUNT_DAY, limits.APPLICATION_DAY,
        limits.COUNTRY_DAY, limits.FAILURES_BEFORE_WAIT,
    )  # fmt: skip
    assert {one.of(line) for one in none} == {0}
    assert settings.MAX_SENDS.of(line) == settings.MAX_VERIFY.of(line) == 3
    assert not services.SERVICES_BY_GET.of(line)


def test_the_ivr_runs_calls_and_administers_nothing(line: Application) -> None:
    headers = {"Authorization": basic(*IVR)}
    data = {"application": "Self_Service", "account": "1002"}
    begun = Client().post("/twofactor/v1/sessions", data, content_type="application/json", headers=headers)
    assert (begun.status_code, begun.json()["state"]) == (201, "enter")
    ops = {"Authorization": basic("ops", "demo-ops-1!")}
    (message,) = Client().get("/demo/outbox", headers=ops).json()
    assert (message["channel"], message["to"]) == ("email", "chris@example.com")
    assert message["code"] in message["text"]
    for path in ("/twofactor/v1/customers", "/twofactor/v1/customers/1000", "/environment/v3/contact-centers"):
        assert Client().get(path, headers=headers).status_code == 403, path
    assert Client().get("/demo/outbox", headers=headers).status_code in (401, 403)


def test_the_short_seed_is_the_demos_alone(line: Application) -> None:
    with pytest.raises(ValidationError):
        customer_create(contact_center=ContactCenter.objects.get(number=1), account="1004", seed=SEED)
    assert not Customer.objects.filter(account="1004").exists()


def test_calls_of_the_last_days_are_there_once(line: Application) -> None:
    assert played().endswith(" calls.")
    count = FlowSession.objects.count()
    assert 100 < count < 250
    assert played() == "Nothing to add."
    assert FlowSession.objects.count() == count
    now = timezone.now()
    assert not FlowSession.objects.filter(started_at__gt=now).exists()
    assert not FlowSession.objects.filter(started_at__lt=now - timedelta(days=11)).exists()
    assert FlowSession.objects.filter(test_call=True).count() == 20
    assert set(FlowSession.objects.values_list("path", flat=True)) >= {"success", "error", "hangup", "maxnoinput"}


def test_every_past_call_is_over_and_adds_up(line: Application) -> None:
    played()
    sessions = FlowSession.objects.all()
    assert set(sessions.values_list("state", flat=True)) == {"ended"}
    assert not sessions.filter(ended_at__lte=F("started_at")).exists()
    assert not sessions.filter(ended_at__gt=F("ends_at")).exists()
    assert sessions.filter(path="success").count() == sessions.filter(authenticated_at__isnull=False).count()
    assert not Challenge.objects.filter(attempts__gt=F("max_attempts")).exists()
    fateless = {"consumed_at": None, "superseded_at": None, "burnt_at": None}
    assert not Challenge.objects.filter(**fateless).exists()
    assert not Challenge.objects.exclude(code_mac="").exists()
    assert not FlowStep.objects.filter(at__gt=timezone.now()).exists()
    assert not Delivery.objects.exclude(made_at__gte=F("challenge__session__started_at")).exists()
    assert not sessions.filter(sends_used__gt=3).exists()


@pytest.mark.parametrize(("test_call", "fewest"), [(False, 90), (True, 15)])
def test_the_charts_have_something_to_show(line: Application, test_call: bool, fewest: int) -> None:
    played()
    told = activity_of([line], days=30, test_call=test_call, now=timezone.now())
    assert told.total.started >= fewest
    assert told.total.authenticated > told.total.started / 2
    assert told.median_seconds
    if not test_call:
        outcomes = {outcome for gateway in told.gateways for outcome in gateway.outcomes}
        assert outcomes == {"accepted", "permanent", "transient", "unknown"}


def test_no_page_of_them_breaks(line: Application, root: Any) -> None:
    played()
    browser = admin_of(root)
    for pk in FlowSession.objects.order_by("path").values_list("pk", flat=True)[::25]:
        assert browser.get(f"/admin/twofactor/flowsession/{pk}/change/").status_code == 200
    assert browser.get("/admin/twofactor/flowsession/").status_code == 200
    assert browser.get("/admin/twofactor/delivery/").status_code == 200


def test_no_other_application_and_no_other_mode_gets_such_calls(line: Application, settings: Any) -> None:
    Application.objects.filter(pk=line.pk).update(made_by_demo=False)
    assert played() == "Nothing to add."
    line.refresh_from_db()
    with pytest.raises(ValueError, match="demo"):
        demo_calls_play(application=line, now=timezone.now())
    settings.DESKGATE_MODE = "production"
    line.made_by_demo = True
    with pytest.raises(ValueError, match="demo"):
        demo_calls_play(application=line, now=timezone.now())
    with pytest.raises(CommandError, match="no demo"):
        played()
    assert not FlowSession.objects.exists()


def test_demo_remove_takes_all_of_it(line: Application) -> None:
    played()
    test_the_ivr_runs_calls_and_administers_nothing(line)
    assert {"Self_Service", "ivr at Self_Service", "Intelligent Automation of Self_Service", "1000"} <= {
        str(row) for row in demo_rows()
    }
    call_command(DemoRemove(), "--yes", stdout=StringIO())
    rooms = (
        Application, Customer, Authenticator, Caller, CapabilityKey, FlowSession, FlowStep, Challenge, Delivery,
        OutboxMessage,
    )  # fmt: skip
    assert [model.__name__ for model in rooms if model.objects.exists()] == []
    # Counters name nobody, and end by themselves.
    assert not Budget.objects.filter(ends_at__gt=timezone.now() + timedelta(days=1)).exists()
