"""Which redirect URIs a client may use (RFC 9700 §4.1, RFC 8252 §7.3), and which may be registered."""

import pytest

from environment.services.options import option_set
from oauthapi.models import ApiClient
from oauthapi.redirects import origin_of, post_logout_uri_allowed, redirect_uri_allowed, redirect_uri_verdict
from oauthapi.rules import redirect_uri_fault

REGISTERED = [
    "https://app.example.com/cb",
    "http://127.0.0.1/native",
    "http://[::1]:8000/native",
    "com.example.app:/cb",
]


@pytest.fixture
def app(db) -> ApiClient:
    return ApiClient(client_id="app", name="app", redirect_uris=REGISTERED)


@pytest.mark.parametrize("uri", [*REGISTERED, "http://127.0.0.1:51004/native", "http://[::1]:1/native"])
def test_registered_uris_and_other_ports_of_loopback_are_allowed(app, uri):
    assert redirect_uri_allowed(app, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com/cb/",
        "https://app.example.com/cb?x=1",
        "https://app.example.com/cb#f",
        "https://app.example.com:443/cb",
        "https://APP.example.com/cb",
        "https://app.example.com/CB",
        "https://app.example.com/cb/../cb",
        "https://app.example.com/",
        "https://app.example.com",
        "http://app.example.com/cb",
        "https://app.example.com@evil.example/cb",
        "https://evil.example/cb",
        "https://app.example.com.evil.example/cb",
        "https://app.example.com\\@evil.example/cb",
        " https://app.example.com/cb",
        "https://app.example.com/cb\n",
        "",
        "/cb",
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004/native?x=1",
        "http://127.0.0.1:51004/native#x",
        "http://user@127.0.0.1:51004/native",
        "http://127.0.0.1:99999/native",
        "http://127.0.0.1.evil.example:80/native",
        "http://127.0.0.2/native",
        "http://localhost:3000/native",
        "https://127.0.0.1:51004/native",
        "com.example.app:/other",
    ],
)
def test_everything_else_is_refused(app, uri):
    assert not redirect_uri_allowed(app, uri)


def test_the_port_of_localhost_is_free_too(app):
    app.redirect_uris = ["http://localhost/native"]
    assert redirect_uri_allowed(app, "http://localhost:3000/native")
    assert not redirect_uri_allowed(app, "http://localhost.evil.example:3000/native")


@pytest.fixture
def by_origin(app) -> ApiClient:
    app.redirect_uris = ["https://wwe.example.com", "https://other.example.com/only"]
    app.redirect_match = ApiClient.RedirectMatch.ORIGIN
    return app


@pytest.mark.parametrize(
    "uri", ["https://wwe.example.com/ui/page?x=1", "https://wwe.example.com:443/", "https://WWE.example.com/a"]
)
def test_matching_by_origin_allows_any_path_of_a_bare_origin(by_origin, uri):
    assert redirect_uri_allowed(by_origin, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://wwe.example.com/ui", "https://wwe.example.com:8443/ui", "https://other.example.com/elsewhere",
        "https://wwe.example.com.evil.example/", "https://wwe.example.com@evil.example/", "https://u@wwe.example.com/",
        "https://wwe.example.com\\.evil.example/", "https://wwe.example.com/#f", "//wwe.example.com/", "https:///x",
    ],
)  # fmt: skip
def test_matching_by_origin_allows_nothing_else(by_origin, uri):
    assert not redirect_uri_allowed(by_origin, uri)


def test_public_clients_never_match_by_origin(by_origin):
    by_origin.client_type = ApiClient.Type.PUBLIC
    assert not redirect_uri_allowed(by_origin, "https://wwe.example.com/ui")


def test_the_strict_profile_never_matches_by_origin(by_origin):
    option_set(holder=None, section="oauth", name="strict", value="true")
    assert not redirect_uri_allowed(by_origin, "https://wwe.example.com/ui")
    assert redirect_uri_allowed(by_origin, "https://wwe.example.com")


def test_after_sign_out_both_lists_count(app):
    app.post_logout_redirect_uris = ["https://app.example.com/bye"]
    assert post_logout_uri_allowed(app, "https://app.example.com/bye")
    assert post_logout_uri_allowed(app, "https://app.example.com/cb")
    assert not post_logout_uri_allowed(app, "https://app.example.com/bye?x")


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/relative", "https://", "https://a.example/#f",
        "https://*.example.com/", "http://a.example/", "https://u:p@a.example/", "https://a.example:port/", "app:/cb",
        "https://a.example/ x", "https://a.example/\\x", "vbscript:x", "blob:https://a", "about:blank", "https://a.example:99999/",
    ],
)  # fmt: skip
def test_dangerous_uris_cannot_be_registered(uri):
    assert redirect_uri_fault(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "https://a.example",
        "https://a.example:8443/x?y=z",
        "http://localhost:3000/cb",
        "http://[::1]/cb",
        "com.example.app:/cb",
    ],
)
def test_sound_uris_can_be_registered(uri):
    assert redirect_uri_fault(uri) == ""


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://A.example:443/x", "https://a.example"),
        ("http://[::1]:80/x", "http://[::1]"),
        ("https://a.example:8443", "https://a.example:8443"),
        ("com.example.app:/cb", "com.example.app:"),
    ],
)
def test_origins_are_written_as_browsers_write_them(uri, origin):
    assert origin_of(uri) == origin


@pytest.mark.parametrize(
    "uri", ["https://wwe.exämple.com/x", "https://\uff57we.example.com/", "https://wwe.example.com/ß"]
)
def test_what_is_not_ascii_is_never_allowed_nor_registered(by_origin, uri):
    """Browsers and Python read ß and full-width letters of a host name differently: another domain for each."""
    by_origin.redirect_uris = ["https://wwe.example.com", "https://wwe.exaemple.com"]
    assert not redirect_uri_allowed(by_origin, uri)
    assert redirect_uri_fault(uri)


def test_a_sharp_s_does_not_lead_to_another_domain(app):
    app.redirect_uris, app.redirect_match = ["https://business.example"], ApiClient.RedirectMatch.ORIGIN
    assert not redirect_uri_allowed(app, "https://busineß.example/phish")


def test_on_this_machine_the_port_is_not_told_to_be_the_fault(app):
    app.redirect_uris = ["http://127.0.0.1:18602/cb"]
    assert "Path or query differ" in redirect_uri_verdict(app, "http://127.0.0.1:9999/cb/").why_not
    assert "None of the client's redirect URIs" in redirect_uri_verdict(app, "http://localhost:18602/cb").why_not
