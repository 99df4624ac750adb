"""What a session that another server proved may not do here, and how its end reaches that server."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from environment.models import ContactCenter
from screenrec import options
from screenrec.models import RecorderSession
from tests.admin_client import admin_of
from tests.cast import alter
from tests.screenrec.central import COOKIE, Central
from tests.screenrec.desktop import ORIGIN, Desktop, put
from tests.screenrec.elsewhere.machine import (
    END,
    LOGIN,
    LOGOUT,
    logged_in,
    told,
)


def test_a_late_first_ping_ends_the_session_there_too(first: Central) -> None:
    desktop = logged_in(first)
    alter(RecorderSession.objects.get(), last_ping_at=timezone.now() - timedelta(seconds=61))
    assert told(desktop.ping()) == (401, 20)
    assert first.whats == [LOGIN, LOGOUT]
    assert RecorderSession.objects.get().ended_because == "timeout"


def test_an_end_by_the_administrator_ends_it_there_too(first: Central, root: User) -> None:
    logged_in(first)
    page = f"/admin/screenrec/recordersession/{RecorderSession.objects.get().pk}/do/end/"
    assert admin_of(root).post(page, {"confirmed": "yes", "reason": "left"}).status_code == 302
    assert first.whats == [LOGIN, LOGOUT]
    assert first.asked[1].headers["cookie"] == COOKIE


def test_a_start_is_not_for_a_session_that_was_proven_elsewhere(first: Central) -> None:
    desktop = logged_in(first)
    put(options.ROLE, "both")
    answer = desktop.ask("POST", "/api/v2/me", {"operationName": "StartContactCenterSession", "channels": ["voice"]})
    assert told(answer) == (400, 2)
    assert RecorderSession.objects.get().channels == []


def test_a_service_without_a_directory_proves_no_pair_itself(bob: User) -> None:
    desktop = Desktop(bob)
    put(options.ROLE, "both")
    assert desktop.log_in().status_code == 200
    put(options.ROLE, "srs")
    assert told(Desktop(bob).ask("GET", "/ping", pair=True)) == (401, 20)


def test_another_page_with_the_cookie_is_judged_by_this_services_list(first: Central, t100: ContactCenter) -> None:
    put(options.ALLOWED_ORIGINS, ORIGIN)
    put(options.ALLOWED_ORIGINS, "https://two.example.com", t100)
    desktop = logged_in(first)
    for method, path, body in (("GET", "/ping", None), ("GET", "/api/v2/me", None), ("POST", "/api/v2/me", END)):
        answer = desktop.ask(method, path, body, Origin="https://two.example.com")
        assert told(answer) == (403, 5)
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert first.whats == [LOGIN]
    put(options.ALLOWED_ORIGINS, f"{ORIGIN},https://two.example.com")
    assert desktop.ask("GET", "/ping", Origin="https://two.example.com").status_code == 200
