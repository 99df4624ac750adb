"""Whose word counts about where a request comes from."""

import pytest
from django.test import RequestFactory

from config.http.address import client_address, is_loopback, is_secure

PROXY = "10.0.0.1"


def asked(peer=PROXY, **meta):
    return RequestFactory().get("/", REMOTE_ADDR=peer, **meta)


@pytest.fixture(autouse=True)
def proxies(settings):
    settings.DESKGATE_TRUSTED_PROXIES = ("10.0.0.0/24", "fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (PROXY, "198.51.100.1", "198.51.100.1"),
        (PROXY, "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (PROXY, "198.51.100.1, 10.0.0.7", "198.51.100.1"),
        (PROXY, "10.0.0.8, 10.0.0.7", "10.0.0.8"),
        (PROXY, "198.51.100.1, nonsense", PROXY),
        (PROXY, "", PROXY),
        (PROXY, "198.51.100.1:4711", "198.51.100.1"),
        (PROXY, "[2001:db8::1]:4711", "2001:db8::1"),
        (PROXY, "::ffff:198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8::1", "2001:db8::1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_client_is_the_right_most_hop_that_is_not_ours(peer, forwarded, address):
    assert client_address(asked(peer, HTTP_X_FORWARDED_FOR=forwarded)) == address


def test_without_trusted_proxies_nobody_is_believed(settings):
    settings.DESKGATE_TRUSTED_PROXIES = ()
    request = asked("127.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.1", HTTP_X_FORWARDED_PROTO="https")
    assert client_address(request) == "127.0.0.1"
    assert not is_secure(request)


def test_only_a_trusted_proxy_says_https():
    assert is_secure(asked(HTTP_X_FORWARDED_PROTO="https"))
    assert is_secure(asked(HTTP_X_FORWARDED_PROTO="http, HTTPS"))
    assert not is_secure(asked(HTTP_X_FORWARDED_PROTO="https, http"))
    assert not is_secure(asked("203.0.113.9", HTTP_X_FORWARDED_PROTO="https"))


def test_loopback_is_judged_by_the_caller_not_by_the_proxy(settings):
    settings.DESKGATE_TRUSTED_PROXIES = ("127.0.0.1/32",)
    assert is_loopback(asked("127.0.0.1"))
    assert not is_loopback(asked("127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9"))
