"""Two session cookies: neither counts where the other one does."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config.http.cookies import TwoCookieMiddleware


def run(path, cookies, change=None):
    seen = {}

    def view(request):
        seen.update(cookies=dict(request.COOKIES), kind=request.session_kind)
        response = HttpResponse()
        if change:
            change(response)
        return response

    request = RequestFactory().get(path)
    request.COOKIES = cookies
    return seen, TwoCookieMiddleware(view)(request)


BOTH = {
    "deskgate_session": "d",
    "deskgate_csrf": "dc",
    "deskgate_admin": "a",
    "deskgate_admin_csrf": "ac",
    "other": "o",
}


@pytest.mark.parametrize(
    ("path", "kind", "session", "csrf"),
    [
        ("/admin/", "admin", "a", "ac"),
        ("/admin", "admin", "a", "ac"),
        ("/administrator", "desk", "d", "dc"),
        ("/auth/v3/ping", "desk", "d", "dc"),
    ],
)
def test_each_side_sees_its_own_cookies_under_the_stock_names(path, kind, session, csrf):
    seen, _ = run(path, dict(BOTH))
    assert seen["kind"] == kind
    assert seen["cookies"] == {"deskgate_session": session, "deskgate_csrf": csrf, "other": "o"}


def test_a_desk_cookie_alone_is_no_cookie_on_admin():
    seen, _ = run("/admin/", {"deskgate_session": "d"})
    assert "deskgate_session" not in seen["cookies"]


def test_an_admin_cookie_alone_is_no_cookie_elsewhere():
    seen, _ = run("/auth/v3/ping", {"deskgate_admin": "a"})
    assert seen["cookies"] == {}


def test_cookies_set_on_admin_leave_under_its_names_path_and_samesite():
    def change(response):
        response.set_cookie("deskgate_session", "new", httponly=True, secure=True, samesite="Lax", path="/")
        response.set_cookie("deskgate_csrf", "tok", samesite="Lax")

    _, response = run("/admin/login/", {}, change)
    assert set(response.cookies) == {"deskgate_admin", "deskgate_admin_csrf"}
    morsel = response.cookies["deskgate_admin"]
    assert (morsel.value, morsel["path"], morsel["samesite"]) == ("new", "/admin", "Strict")
    assert morsel["secure"]
    assert morsel["httponly"]


def test_a_cookie_deleted_on_admin_is_the_admins():
    _, response = run("/admin/logout/", {}, lambda response: response.delete_cookie("deskgate_session"))
    assert response.cookies["deskgate_admin"]["path"] == "/admin"
    assert response.cookies["deskgate_admin"]["max-age"] == 0
    assert "deskgate_session" not in response.cookies


def test_desk_cookies_leave_as_they_are():
    _, response = run("/auth/v3/sign-in", {}, lambda response: response.set_cookie("deskgate_session", "n"))
    assert response.cookies["deskgate_session"]["path"] == "/"
