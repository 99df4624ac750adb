"""Two directories that know agents of one name, logins at one time, and ends that nobody asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from screenrec import options
from screenrec.flows.desk import lapse_due
from screenrec.models import RecorderSession
from tests.cast import alter, at_once
from tests.screenrec.central import COOKIE, Central, Said
from tests.screenrec.desktop import Desktop, put
from tests.screenrec.elsewhere.machine import LOGIN, LOGOUT, config, logged_in


def test_the_pair_of_an_own_agent_is_never_shown_to_the_server_of_another_of_his_name(
    first: Central, bob: User
) -> None:
    put(options.ROLE, "both")
    own, other = Desktop(bob), Desktop(bob, password="the-other-bobs-password")
    assert own.log_in().status_code == 200
    assert other.log_in(config(first.url)).status_code == 200
    assert Desktop(bob).ask("GET", "/ping", pair=True).status_code == 200
    assert first.whats == [LOGIN]


def test_an_end_by_the_job_is_told_to_the_server_that_proved_the_agent(first: Central) -> None:
    logged_in(first)
    alter(RecorderSession.objects.get(), ends_at=timezone.now() - timedelta(seconds=1))
    assert lapse_due(10) == 1
    assert first.whats == [LOGIN, LOGOUT]
    assert first.asked[1].headers["cookie"] == COOKIE


def test_a_slice_of_the_job_ends_with_its_time_and_the_next_one_goes_on(first: Central) -> None:
    for name in ("t100\\bob", "t100\\carl"):
        assert Desktop(name).log_in(config(first.url)).status_code == 200
    RecorderSession.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert [lapse_due(10, seconds=0) for _ in range(3)] == [1, 1, 0]


def test_a_cookie_with_attributes_that_python_does_not_know_is_kept(first: Central) -> None:
    first.login = Said(body=first.login.body, headers={"Set-Cookie": f"{COOKIE}; Secure; Partitioned; SameSite=None"})
    logged_in(first).ping()
    assert first.asked[1].headers["cookie"] == COOKIE


@pytest.mark.django_db(transaction=True)
def test_of_logins_at_one_time_the_last_at_the_server_is_the_last_here(first: Central) -> None:
    first.login = Said(body=first.login.body, headers={"Set-Cookie": COOKIE}, late=0.05)
    at_once([lambda: Desktop("t100\\bob").log_in(config(first.url)) for _ in range(4)])
    assert first.most_at_once == 1
