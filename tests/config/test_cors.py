"""Who may read an answer from another origin. The origins' own module is played by a fake of its two functions."""

import logging
import sys
import types

import pytest
from corsheaders.middleware import CorsMiddleware
from django.http import JsonResponse
from django.test import RequestFactory

from config.http.cors import CorsGroupMiddleware, ViewDoneMiddleware, canonical_origin, origin_matches
from config.principal import Principal
from oauthapi.cors import GROUPS

DESK = "https://desk.example.com"
ELSEWHERE = "https://evil.example"
OTHER_CENTER = "https://two.example.com"
ALICE = Principal(kind="user", name="alice", user_id=1)


@pytest.mark.parametrize(
    ("pattern", "origin", "matches"),
    [
        ("https://desk.example.com", DESK, True),
        ("https://Desk.Example.com:443/", DESK, True),
        ("https://*.example.com", DESK, True),
        ("https://*.example.com", "https://a.b.example.com", False),
        ("https://*.example.com", "https://example.com", False),
        ("https://*.example.com", "https://desk.example.com:8443", False),
        ("https://*.example.com:8443", "https://desk.example.com:8443", True),
        ("http://desk.example.com", DESK, False),
        ("*", DESK, False),
        ("https://*", DESK, False),
        ("https://de*.example.com", DESK, False),
        ("null", "null", False),
        ("https://*.example.com", "https://evil.com#.example.com", False),
        ("https://*.example.com", "https://evil.com/.example.com", False),
        ("https://*.example.com", "https://x@desk.example.com", False),
        ("https://*.example.com", "https://*.example.com", False),
        ("http://[::1]:8000", "http://[::1]:8000", True),
    ],
)
def test_a_star_is_exactly_one_left_most_label(pattern, origin, matches):
    assert origin_matches(pattern, origin) is matches


def test_origins_have_one_spelling():
    assert canonical_origin("HTTPS://Desk.example.com:443/") == DESK
    assert canonical_origin("https://desk.example.com/path") is None
    assert canonical_origin("null") is None


@pytest.fixture(autouse=True)
def origins(settings, monkeypatch):
    module = types.ModuleType("fake_origins")
    module.GROUPS = GROUPS
    module.union_allows = lambda origin: origin in (DESK, OTHER_CENTER)
    module.principal_allows = lambda origin, principal: origin == DESK and principal is ALICE
    monkeypatch.setitem(sys.modules, "fake_origins", module)
    settings.DESKGATE_CORS_ORIGINS = "fake_origins"
    settings.DESKGATE_PUBLIC_URL = "https://auth.example.com"
    settings.CORS_URLS_REGEX = r"(?!)"
    settings.CORS_ALLOW_CREDENTIALS = False


def ask(path, origin=DESK, method="GET", principal=ALICE, status=200, **headers):
    def view(request):
        if principal is not None:
            request.deskgate_principal = principal
        return JsonResponse({}, status=status)

    stack = CorsGroupMiddleware(CorsMiddleware(ViewDoneMiddleware(view)))
    request = RequestFactory().generic(method, path, headers={"origin": origin, **headers})
    return stack(request)


def allowed(response):
    return response.headers.get("Access-Control-Allow-Origin")


def test_a_page_of_the_callers_contact_center_reads_the_answer():
    response = ask("/auth/v3/userinfo")
    assert allowed(response) == DESK
    assert "Access-Control-Allow-Credentials" not in response
    assert "Origin" in response["Vary"].title()


def test_a_page_of_another_contact_center_does_not():
    response = ask("/auth/v3/userinfo", OTHER_CENTER)
    assert allowed(response) is None
    assert "Origin" in response["Vary"].title()


@pytest.mark.parametrize("origin", [ELSEWHERE, "null"])
def test_an_origin_nobody_registered_is_refused_and_logged_with_its_rule(origin, caplog):
    with caplog.at_level(logging.WARNING, "deskgate.cors"):
        assert allowed(ask("/auth/v3/userinfo", origin)) is None
    (record,) = caplog.records
    assert record.getMessage() == "cors_refused"
    assert record.origin == origin
    assert record.rule


def test_our_own_pages_are_neither_answered_nor_logged(caplog):
    assert allowed(ask("/auth/v3/userinfo", "https://auth.example.com")) is None
    assert not caplog.records


def test_a_page_reads_its_own_401():
    assert allowed(ask("/auth/v3/userinfo", principal=None, status=401)) == DESK


def test_a_success_for_nobody_known_is_not_readable_unless_it_is_public():
    assert allowed(ask("/auth/v3/change-password", principal=None)) is None
    assert allowed(ask("/auth/v3/auth-scheme", principal=None)) == DESK
    assert allowed(ask("/.well-known/openid-configuration", principal=None)) == DESK


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize("path", ["/auth/v3/oauth/authorize", "/auth/v3/oauth/authorize/", "/auth/v3/sign-in"])
def test_authorize_and_sign_in_are_never_readable(path, method):
    response = ask(path, method=method, **{"access-control-request-method": "GET"})
    assert not [name for name in response.headers if name.lower().startswith("access-control")]


def test_a_preflight_answers_for_the_union_with_the_headers_clients_send():
    response = ask("/auth/v3/userinfo", OTHER_CENTER, "OPTIONS", None, **{"access-control-request-method": "GET"})
    assert response.status_code == 200
    assert allowed(response) == OTHER_CENTER
    for name in ("Authorization", "x-api-key", "x-gws-unstable", "x-b3-traceid", "Content-Type"):
        assert name in response["Access-Control-Allow-Headers"]


def test_jwt_userinfo_exposes_its_header():
    assert ask("/auth/v3/jwt-userinfo")["Access-Control-Expose-Headers"] == "X-GWS-User"


@pytest.mark.parametrize(
    ("path", "method", "with_cookie"),
    [
        ("/auth/v3/ping", "GET", True),
        ("/auth/v3/sign-out", "POST", True),
        ("/auth/v3/sign-out", "GET", False),
        ("/auth/v3/userinfo", "GET", False),
    ],
)
def test_a_cookie_counts_across_origins_only_for_ping_and_posted_sign_out(path, method, with_cookie):
    real = ask(path, method=method)
    preflight = ask(path, method="OPTIONS", principal=None, **{"access-control-request-method": method})
    assert ("Access-Control-Allow-Credentials" in real) is with_cookie
    assert ("Access-Control-Allow-Credentials" in preflight) is with_cookie


@pytest.mark.parametrize(
    ("origin", "with_cookie"),
    [
        ("http://desk.example.com", False),
        ("http://localhost.example.com", False),
        ("http://192.0.2.1:8080", False),
        ("http://localhost:8080", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8000", True),
        ("http://desk.localhost", True),
        (DESK, True),
    ],
)
def test_a_page_that_anybody_on_the_way_could_write_never_uses_the_cookie(origin, with_cookie, monkeypatch):
    module = sys.modules["fake_origins"]
    monkeypatch.setattr(module, "union_allows", lambda sent: sent == origin)
    monkeypatch.setattr(module, "principal_allows", lambda sent, principal: sent == origin)
    real = ask("/auth/v3/ping", origin)
    preflight = ask("/auth/v3/ping", origin, "OPTIONS", None, **{"access-control-request-method": "GET"})
    for answer in (real, preflight):
        assert allowed(answer) == origin
        assert ("Access-Control-Allow-Credentials" in answer) is with_cookie


def test_other_rooms_answer_for_themselves():
    assert allowed(ask("/api/v2/me")) is None
