"""The plain Django way: migrate, createsuperuser, runserver, with nothing set and no make."""

from __future__ import annotations

import http.cookiejar
import re
import sys
import urllib.parse
import urllib.request

import pytest

from tests.house.conftest import Place, stop

PASSWORD = "violet-anchor-42"


@pytest.mark.live
@pytest.mark.slow
def test_migrate_createsuperuser_runserver_and_sign_in_at_the_admin(place: Place) -> None:
    assert place.manage("migrate", "--verbosity", "0").returncode == 0
    made = place.manage(
        "createsuperuser",
        "--noinput",
        "--username",
        "U",
        "--email",
        "u@example.com",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    assert made.returncode == 0, made.stderr
    server = place.start(sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{place.port}")
    try:
        signs_in_at_the_admin(f"http://127.0.0.1:{place.port}/admin/")
    finally:
        stop(server)


def signs_in_at_the_admin(address: str) -> None:
    """Like a browser: the form, its token, the cookie, the start page."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(f"{address}login/?next=/admin/") as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
    assert token
    form = {"csrfmiddlewaretoken": token[1], "username": "U", "password": PASSWORD, "next": "/admin/"}
    with browser.open(f"{address}login/", urllib.parse.urlencode(form).encode()) as page:
        assert page.geturl() == address
        assert "Log out" in page.read().decode() or page.status == 200


@pytest.mark.slow
def test_a_first_start_makes_private_keys_and_a_second_keeps_them(place: Place) -> None:
    assert place.manage("check").returncode == 0
    kept = (place.var_dir / "deskgate.env").read_text(encoding="utf-8")
    assert place.manage("check").returncode == 0
    assert (place.var_dir / "deskgate.env").read_text(encoding="utf-8") == kept


def test_a_bad_environment_is_one_message_without_traceback(place: Place) -> None:
    done = place.manage("check", THREADS="many", PUBLIC_URL="ftp://x")
    assert done.returncode == 2
    assert "THREADS" in done.stderr
    assert "PUBLIC_URL" in done.stderr
    assert "Traceback" not in done.stderr
