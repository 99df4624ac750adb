"""Plain HTTP in production: credentials are refused, everything else is sent to HTTPS, this machine is answered."""

import pytest
from django.test import Client

AWAY = {"REMOTE_ADDR": "203.0.113.9"}
PROXY = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}


@pytest.fixture(autouse=True)
def production(settings):
    settings.DESKGATE_MODE = "production"
    settings.DESKGATE_PUBLIC_URL = "https://auth.example.com"
    settings.ALLOWED_HOSTS = ["auth.example.com"]
    settings.DESKGATE_TRUSTED_PROXIES = ("10.0.0.0/8",)
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_SSL_HOST = "auth.example.com"
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


def ask(path="/auth/v3/auth-scheme", method="get", **meta):
    http = Client(raise_request_exception=False, headers={"host": "auth.example.com"})
    return getattr(http, method)(path, **meta)


@pytest.mark.parametrize("peer", [AWAY, PROXY, PROXY | {"HTTP_X_FORWARDED_PROTO": "http"}])
def test_plain_http_is_sent_to_https(peer):
    answer = ask("/auth/v3/nothing?a=1", **peer)
    assert (answer.status_code, answer["Location"]) == (301, "https://auth.example.com/auth/v3/nothing?a=1")
    assert "Strict-Transport-Security" not in answer


@pytest.mark.parametrize(
    ("path", "method", "meta"),
    [
        ("/auth/v3/userinfo", "get", {"HTTP_AUTHORIZATION": "Bearer abc"}),
        ("/auth/v3/oauth/authorize", "get", {"HTTP_AUTHORIZATION": "Basic eDp5"}),
        ("/auth/v3/oauth/token", "post", {}),
        ("/admin/login/", "post", {}),
    ],
)
@pytest.mark.parametrize("peer", [AWAY, PROXY])
def test_credentials_over_plain_http_are_refused_not_redirected(path, method, meta, peer):
    answer = ask(path, method, **meta, **peer)
    assert answer.status_code == 403
    assert "Location" not in answer
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" in answer


@pytest.mark.django_db
def test_a_trusted_proxys_https_is_answered_with_hsts():
    answer = ask("/auth/v3/nothing", **PROXY, HTTP_X_FORWARDED_PROTO="https")
    assert answer.status_code == 404
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


@pytest.mark.django_db
@pytest.mark.parametrize("meta", [{}, {"HTTP_X_FORWARDED_PROTO": "http"}])
def test_a_caller_on_this_machine_is_answered_over_plain_http(meta):
    assert ask("/auth/v3/nothing", REMOTE_ADDR="127.0.0.1", **meta).status_code == 404
    assert ask("/auth/v3/nothing", REMOTE_ADDR="::1", **meta).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_are_answered_over_plain_http(path):
    assert ask(path, **AWAY).status_code != 301
