"""Periodic jobs: due ones run, once among all processes, and errors stop nothing."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from activity import jobs
from activity.jobs import Done, Job, JobLease, register, registry, run_due
from activity.models import Change, SecurityEvent
from activity.services import event_record
from config.context import current, in_request


@pytest.fixture
def only(monkeypatch):
    """Let only the jobs of this test exist."""
    monkeypatch.setattr(jobs, "_jobs", {})
    return lambda name, run, every=timedelta(hours=1): register(Job(name, every, run))


@pytest.mark.django_db
def test_a_job_runs_when_due_and_not_before(only):
    runs = []
    only("count", lambda: runs.append(1) or Done(3))
    now = timezone.now()
    assert [(run.name, run.count) for run in run_due(now)] == [("count", 3)]
    assert run_due(now + timedelta(minutes=59)) == []
    assert len(run_due(now + timedelta(minutes=61))) == 1
    lease = JobLease.objects.get()
    assert (len(runs), lease.done_last_run, lease.holder, lease.leased_until) == (2, 3, "", None)
    assert lease.last_success_at is not None


@pytest.mark.django_db
def test_a_job_with_more_to_do_goes_on_and_is_due_at_once(only):
    slices = []
    only("drain", lambda: slices.append(1) or Done(10, left_over=True))
    now = timezone.now()
    assert run_due(now)[0].count == 10 * jobs.SLICES_A_RUN
    lease = JobLease.objects.get()
    assert lease.left_over
    assert len(run_due(now)) == 1


@pytest.mark.django_db
def test_an_error_is_recorded_and_the_others_go_on(only):
    def breaks():
        raise RuntimeError("no luck")

    only("a-broken", breaks, every=timedelta(days=1))
    only("b-sound", lambda: Done(1))
    now = timezone.now()
    assert [(run.name, run.error) for run in run_due(now)] == [("a-broken", "RuntimeError: no luck"), ("b-sound", "")]
    lease = JobLease.objects.get(name="a-broken")
    assert (lease.last_error, lease.last_success_at) == ("RuntimeError: no luck", None)
    assert lease.next_run_at == now + jobs.RETRY


@pytest.mark.django_db
def test_a_leased_job_is_left_to_its_holder_until_the_lease_ends(only):
    only("count", lambda: Done(1))
    now = timezone.now()
    JobLease.objects.create(name="count", holder="elsewhere", leased_until=now + timedelta(seconds=60))
    assert run_due(now) == []
    assert len(run_due(now + timedelta(seconds=61))) == 1


@pytest.mark.django_db
def test_a_lost_lease_is_its_new_holders_to_report(only):
    def slow():
        JobLease.objects.update(holder="elsewhere")
        return Done(1, left_over=True)

    only("slow", slow)
    assert run_due()[0].count == 1
    assert JobLease.objects.get().holder == "elsewhere"


@pytest.mark.django_db
def test_a_job_runs_as_itself(only):
    seen = []
    only("who", lambda: seen.append((in_request(), current().principal.name, current().principal.everywhere)) or Done())
    run_due()
    assert seen == [(True, "job who", True)]


@pytest.mark.django_db(transaction=True)
def test_one_of_many_processes_gets_a_job(only):
    runs = []
    only("once", lambda: runs.append(1) or Done(1))
    now = timezone.now()
    JobLease.objects.create(name="once")

    def contend():
        run_due(now)
        connection.close()

    threads = [threading.Thread(target=contend) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 1


def test_two_jobs_of_one_name_stop_the_start(only):
    only("same", lambda: Done())
    with pytest.raises(ImproperlyConfigured, match="same"):
        only("same", lambda: Done())


@pytest.mark.django_db
def test_every_rooms_jobs_run_on_an_empty_installation():
    assert {"activity.changes-purge", "activity.events-purge"} <= {job.name for job in registry()}
    assert [run for run in run_due() if run.error] == []


@pytest.mark.django_db
def test_what_happened_is_kept_as_long_as_the_options_say():
    event_record(name="old")
    event_record(name="new")
    SecurityEvent.objects.filter(name="old").update(at=timezone.now() - timedelta(days=200))
    run_due()
    assert [event.name for event in SecurityEvent.objects.all()] == ["new"]
    assert Change.objects.count() == 0


@pytest.mark.django_db
def test_once_tells_each_job_and_fails_with_it(only, capsys):
    only("fine", lambda: Done(2))
    call_command("jobs", "--once")
    assert "fine: 2 done" in capsys.readouterr().out

    def breaks():
        raise RuntimeError("no luck")

    only("broken", breaks)
    with pytest.raises(SystemExit) as ended:
        call_command("jobs", "--once")
    assert ended.value.code == 1


@pytest.mark.slow
def test_the_loop_stops_when_told(settings):
    command = [sys.executable, settings.BASE_DIR / "manage.py", "jobs", "--wake", "60"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "jobs start" in line:
                break
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
