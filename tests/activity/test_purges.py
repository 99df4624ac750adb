"""Every purge: its table shrinks through ``manage.py jobs``, and rows left and lag are told as they are."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import BigIntegerField, Model
from django.utils import timezone

from accounts.models import FailureCounter, Session, TemporaryToken, User
from activity import jobs
from activity.jobs import JobLease
from activity.models import Change, SecurityEvent
from activity.selectors import job_status, job_statuses, minutes
from activity.services import change_record, event_record
from environment.models import ContactCenter
from history.models import Visit
from oauthapi.models import AccessToken, ApiClient, AuthorizationCode, AuthorizationRequest, RefreshToken, TokenFamily
from oauthapi.services.requests import request_store
from screenrec.models import RecorderSession
from tests.admin_client import admin_of
from tests.cast import by_password, new_code
from tests.history.rows import make_server, make_visit
from tests.twofactor.customer_cast import a_customer
from tests.twofactor.sending import two_factor
from tests.twofactor.session_rows import make_code, make_delivery, make_guard, make_session, make_step
from twofactor.models import Authenticator, Budget, Delivery, FlowSession, Guard, OutboxMessage, StoredAnswer
from twofactor.services.authenticators import authenticator_begin
from twofactor.services.outbox import outbox_add

JOBS = "/admin/activity/joblease/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _tokens(number: int, client: ApiClient, user: User) -> None:
    by_password(client, user)


def _code(number: int, client: ApiClient, user: User) -> None:
    new_code(client, user, code=f"code-{number}")


def _request(number: int, client: ApiClient, user: User) -> None:
    request_store({}, client=client, browser="b")


def _session(number: int, client: ApiClient, user: User) -> None:
    now = timezone.now()
    Session.objects.create(key_hash=f"{number:064}", kind="desk", ends_at=now + DAY, last_seen_at=now)


def _counter(number: int, client: ApiClient, user: User) -> None:
    FailureCounter.objects.create(kind="address", subject=f"10.0.0.{number}", window_ends_at=timezone.now() + DAY)


def _temporary(number: int, client: ApiClient, user: User) -> None:
    now = timezone.now()
    TemporaryToken.objects.create(
        id=f"jti-{number}",
        user=user,
        contact_center=ContactCenter.objects.get(),
        user_epoch=user.epoch,
        installation_epoch=1,
        issued_at=now,
        expires_at=now + DAY,
    )


def _change(number: int, client: ApiClient, user: User) -> None:
    center = ContactCenter.objects.get()
    change_record(action="create", obj=center, before={}, after={"name": str(number)})


def _event(number: int, client: ApiClient, user: User) -> None:
    event_record(name=f"event-{number}")


def _recorder_session(number: int, client: ApiClient, user: User) -> None:
    now = timezone.now()
    times = dict.fromkeys(("started_at", "logged_in_at", "ends_at", "ended_at"), now)
    RecorderSession.objects.create(agent_key=f"user:{number}", key_hash=f"{number:064}", **times)


def _visit(number: int, client: ApiClient, user: User) -> None:
    make_visit(make_server(ContactCenter.objects.get(), f"Web_{number}"))


def _delivery(number: int, client: ApiClient, user: User) -> None:
    words = {"channel": "sms", "gateway": "test", "outcome": "accepted", "made_at": timezone.now()}
    Delivery.objects.create(application=two_factor(ContactCenter.objects.get(), f"Two_{number}"), **words)


def _outbox(number: int, client: ApiClient, user: User) -> None:
    words = {"channel": "sms", "to": "+14155550142", "text": "x", "code": "1"}
    outbox_add(application=two_factor(ContactCenter.objects.get(), f"Two_{number}"), **words)


def _call(number: int, client: ApiClient, user: User) -> None:
    session = make_session(two_factor(ContactCenter.objects.get(), f"Two_{number}"))
    make_delivery(make_code(session))
    make_step(session, "code.sent")


def _answer(number: int, client: ApiClient, user: User) -> None:
    StoredAnswer.objects.create(opener="credential:1", key=f"{number}", request="x")


def _budget(number: int, client: ApiClient, user: User) -> None:
    window = {"kind": "destination", "seconds": 600, "window": 0, "ends_at": timezone.now()}
    Budget.objects.create(subject=f"{number}", **window)


def _guard(number: int, client: ApiClient, user: User) -> None:
    make_guard(two_factor(ContactCenter.objects.get(), f"Two_{number}"), failures=0)


def _enrolment(number: int, client: ApiClient, user: User) -> None:
    authenticator_begin(a_customer(ContactCenter.objects.get(), f"A-{number}"))


def stored(model: type[Model], column: str, moment: datetime) -> datetime | int:
    """The moment as the column has it: visits count in ms."""
    is_ms = isinstance(model._meta.get_field(column), BigIntegerField)
    return int(moment.timestamp() * 1_000) if is_ms else moment


# Job, model, column of the end, how long a row stays after it, and how to make one.
CASES: list[tuple[str, type[Model], str, timedelta, Callable[[int, ApiClient, User], None]]] = [
    ("oauthapi.access-tokens-purge", AccessToken, "expires_at", HOUR, _tokens),
    ("oauthapi.refresh-tokens-purge", RefreshToken, "expires_at", HOUR, _tokens),
    ("oauthapi.families-purge", TokenFamily, "ends_at", DAY, _tokens),
    ("oauthapi.codes-purge", AuthorizationCode, "expires_at", DAY, _code),
    ("oauthapi.requests-purge", AuthorizationRequest, "expires_at", HOUR, _request),
    ("accounts.sessions-purge", Session, "ends_at", HOUR, _session),
    ("accounts.idle-sessions-purge", Session, "last_seen_at", 25 * HOUR, _session),
    ("accounts.failures-purge", FailureCounter, "window_ends_at", timedelta(), _counter),
    ("screenrec.sessions-purge", RecorderSession, "ended_at", 30 * DAY, _recorder_session),
    ("accounts.temporary-tokens-purge", TemporaryToken, "expires_at", 7 * DAY, _temporary),
    ("history.visits-purge", Visit, "received_at", 90 * DAY, _visit),
    ("twofactor.deliveries-purge", Delivery, "made_at", 90 * DAY, _delivery),
    ("twofactor.outbox-purge", OutboxMessage, "at", 7 * DAY, _outbox),
    ("twofactor.sessions-purge", FlowSession, "started_at", 90 * DAY, _call),
    ("twofactor.answers-purge", StoredAnswer, "made_at", DAY, _answer),
    ("twofactor.budgets-purge", Budget, "ends_at", HOUR, _budget),
    ("twofactor.guards-purge", Guard, "changed_at", DAY, _guard),
    ("twofactor.enrolments-purge", Authenticator, "link_expires_at", 7 * DAY, _enrolment),
    ("activity.changes-purge", Change, "at", 1_095 * DAY, _change),
    ("activity.events-purge", SecurityEvent, "at", 180 * DAY, _event),
]


def measured(name: str) -> tuple[str, str]:
    """Rows left and lag, as the screens tell them."""
    status = next(status for status in job_statuses() if status.lease.name == name)
    return status.left, status.overdue


def test_every_purge_has_a_row_above():
    # Signing keys are few, and their end is no column: what is left of them is not counted.
    purges = {job.name for job in jobs.registry() if job.name.endswith("-purge")} - {"accounts.keys-purge"}
    assert purges == {name for name, *_rest in CASES} == {job.name for job in jobs.registry() if job.measure}


@pytest.mark.parametrize(("name", "model", "column", "kept", "make"), CASES, ids=[case[0] for case in CASES])
def test_a_purge_tells_what_is_left_and_the_table_shrinks(name, model, column, kept, make, desk, bob, capsys):
    rows: Any = model
    rows.objects.all().delete()
    for number in range(3):
        make(number, desk, bob)
    assert measured(name) == ("0", "")
    first, second, third = rows.objects.order_by("pk").values_list("pk", flat=True)[:3]
    now: datetime = timezone.now()
    for row, late in ((first, timedelta(minutes=90, seconds=5)), (second, timedelta(minutes=5))):
        rows.objects.filter(pk=row).update(**{column: stored(model, column, now - kept - late)})
    assert measured(name) == ("2", "1 h 30 min")
    call_command("jobs", "--once")
    assert f"{name}: 2 done" in capsys.readouterr().out
    assert list(rows.objects.filter(pk__in=[first, second, third]).values_list("pk", flat=True)) == [third]
    assert measured(name) == ("0", "")


@pytest.mark.django_db
def test_counting_stops_at_its_bound(monkeypatch):
    monkeypatch.setattr(jobs, "COUNTED", 2)
    monkeypatch.setattr("activity.purges.COUNTED", 2)
    for number in range(4):
        event_record(name=str(number))
    SecurityEvent.objects.update(at=timezone.now() - 400 * DAY)
    assert measured("activity.events-purge")[0] == "more than 2"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lease", "words"),
    [
        ({}, "has never run"),
        ({"next_run_at": timedelta(minutes=5)}, "on time"),
        ({"next_run_at": timedelta(seconds=-30)}, "on time"),
        ({"next_run_at": timedelta(minutes=-7)}, "7 min late"),
        ({"next_run_at": timedelta(minutes=-7), "leased_until": timedelta(seconds=30)}, "running"),
        ({"next_run_at": timedelta(minutes=-7), "leased_until": timedelta(seconds=-30)}, "7 min late"),
    ],
)
def test_how_late_a_job_is(lease, words):
    now = timezone.now()
    row = JobLease(name="oauthapi.codes-purge", **{field: now + span for field, span in lease.items()})
    assert job_status(row, now=now).timing == words
    assert job_status(JobLease(name="gone.job"), now=now).timing == "no longer declared"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "less than 1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=23, minutes=1), "23 h 1 min"),
        (timedelta(days=2, hours=5), "2 d 5 h"),
    ],
)
def test_spans_are_told_in_words(span, words):
    assert minutes(span) == words


@pytest.mark.django_db
def test_status_prints_the_same_and_runs_nothing(capsys):
    event_record(name="old")
    SecurityEvent.objects.update(at=timezone.now() - 200 * DAY)
    call_command("jobs", "--status")
    told = {line.split("  ")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "1 " in told["activity.events-purge"]
    assert "20 d 0 h" in told["activity.events-purge"]
    assert "has never run" in told["accounts.keys-purge"]
    assert SecurityEvent.objects.exists()


def test_the_screen_shows_rows_left_and_lag_and_warns_when_nobody_runs_them(root):
    event_record(name="old")
    SecurityEvent.objects.filter(name="old").update(at=timezone.now() - 200 * DAY)
    browser = admin_of(root)
    assert "Never run yet" in browser.get(JOBS).content.decode()
    jobs.run_due()
    event_record(name="old")
    SecurityEvent.objects.filter(name="old").update(at=timezone.now() - 200 * DAY)
    JobLease.objects.filter(name="activity.events-purge").update(next_run_at=timezone.now() - timedelta(minutes=12))
    page = browser.get(JOBS).content.decode()
    assert "Never run yet" not in page
    for words in ("12 min late", "20 d 0 h", '<td class="field-rows_left">1</td>'):
        assert words in page
    lease = browser.get(f"{JOBS}activity.events-purge/change/").content.decode()
    assert "12 min late" in lease
