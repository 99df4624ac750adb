"""Neither password nor cookie is kept where somebody could read it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from screenrec.models import RecorderSession
from tests.cast import PASSWORD, alter, basic
from tests.screenrec.central import COOKIE, Central
from tests.screenrec.desktop import Desktop
from tests.screenrec.elsewhere.machine import (
    BOB,
    PING,
    config,
    forgotten,
    logged_in,
    told,
)


def test_neither_password_nor_cookie_is_in_database_or_log(
    first: Central, peer: Central, caplog: pytest.LogCaptureFixture, every_column: Callable[[], str]
) -> None:
    caplog.set_level(0)
    desktop = logged_in(first, peer)
    desktop.ping()
    kept = every_column()
    assert RecorderSession.objects.get().rws_cookie_sealed
    first.fails(status=500)
    desktop.ping()
    forgotten()
    Desktop(BOB).ask("GET", "/ping", pair=True)
    Desktop(BOB).log_in(config(first, "https://unlisted.example.com"))
    desktop.log_out()
    kept += every_column() + "\n".join(str(vars(record)) for record in caplog.records)
    for secret in (PASSWORD, basic(BOB, PASSWORD).removeprefix("Basic "), COOKIE.partition("=")[2]):
        assert secret not in kept
    assert first.url.removeprefix("http://") in kept  # so the search would have found one


def test_the_sealed_cookie_opens_at_its_own_row_only(first: Central) -> None:
    desktop = logged_in(first)
    sealed = RecorderSession.objects.get().rws_cookie_sealed
    assert desktop.log_in(config(first)).status_code == 200
    alter(RecorderSession.objects.get(), rws_cookie_sealed=sealed)
    assert told(desktop.ping()) == (401, 20)
    assert PING not in first.whats
