"""config.outgoing.destinations: which URLs are read, which hosts are listed, which addresses are public."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from django.core.exceptions import ValidationError

from config.outgoing import check_allowed_entry, refusal_of_url
from config.outgoing.destinations import destination_of, is_public, may_reach, read_entries

ANY = ("a.example.com", "xn--mnchen-3ya.example.com", "127.0.0.1", "1", "127.1", "0x7f.1", "2130706433")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example.com",
        "//a.example.com/",
        "ftp://a.example.com/",
        "file:///etc/passwd",
        "https:a.example.com",
        "https:///a.example.com",
        "https://user@a.example.com/",
        "https://user:word@a.example.com/",
        "https://a.example.com@evil.example.com/",
        "https://a.example.com#@evil.example.com/",
        "https://a.example.com/#part",
        "https://a.example.com/#",
        "https://a.example.com:0/",
        "https://a.example.com:65536/",
        "https://a.example.com:/",
        "https://a.example.com:+443/",
        "https://a.example.com\\@evil.example.com/",
        "https://a.example.com/\\evil",
        "https://a.example.com/a b",
        "https://a.example.com/\r\nHost: evil",
        "https://a.example.com/\n",
        "https://a.example.com\t/",
        " https://a.example.com/",
        "https://a.example.com/\x00",
        "https://a.example.com/\x7f",
        "https://a.example.com/\u00e9",
        "https://a.example.com/\u212a",
        "https://\u212a.example.com/",
        "https://a\u3002example.com/",
        "https://\uff41.example.com/",
        "https://m\u00fcnchen.example.com/",
        "https://a.example.com./",
        "https://a..example.com/",
        "https://.example.com/",
        "https://-a.example.com/",
        "https://a.example.com%2f/",
        "https://%61.example.com/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://0x7f000001/",
        "https://017700000001/",
        "https://127.0.0.01/",
        "https://1.2.3.4.5/",
        "https://[::1/",
        "https://::1/",
        "https://[127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::1]evil/",
        "https://a.example.com/" + "x" * 2048,
    ],
)
def test_what_two_parsers_could_read_in_two_ways_is_a_bad_url(url: str) -> None:
    assert refusal_of_url(url, allowed=ANY, allow_http=True) == "bad-url"


def test_a_url_is_taken_apart() -> None:
    whole = destination_of("HTTPS://A.Example.com:8443/a/%20?b=c@d")
    assert (whole.scheme, whole.host, whole.port, whole.target) == ("https", "a.example.com", 8443, "/a/%20?b=c@d")
    assert whole.authority == "a.example.com:8443"
    bare = destination_of("https://a.example.com")
    assert (bare.port, bare.target, bare.authority) == (443, "/", "a.example.com")
    assert destination_of("https://a.example.com?b").target == "/?b"
    assert destination_of("https://[2001:DB8:0::1]:443/").authority == "[2001:db8::1]"


def test_plain_http_must_be_allowed() -> None:
    assert refusal_of_url("http://a.example.com/", allowed=ANY) == "not-https"
    assert refusal_of_url("http://a.example.com/", allowed=ANY, allow_http=True) == ""
    assert destination_of("http://a.example.com/", allow_http=True).port == 80


@pytest.mark.parametrize(
    ("entry", "url", "listed"),
    [
        ("rws.dc1.example.com", "https://rws.dc1.example.com/", True),
        (" RWS.dc1.example.com ", "https://rws.DC1.example.com:8443/", True),
        ("rws.dc1.example.com", "https://xrws.dc1.example.com/", False),
        ("rws.dc1.example.com", "https://rws.dc1.example.com.evil.com/", False),
        ("rws.dc1.example.com:8443", "https://rws.dc1.example.com:8443/", True),
        ("rws.dc1.example.com:8443", "https://rws.dc1.example.com/", False),
        ("rws.dc1.example.com:443", "https://rws.dc1.example.com/", True),
        ("*.example.com", "https://a.example.com/", True),
        ("*.example.com", "https://example.com/", False),
        ("*.example.com", "https://a.b.example.com/", False),
        ("*.example.com", "https://aexample.com/", False),
        ("*.example.com:8443", "https://a.example.com:8443/", True),
        ("*.example.com:8443", "https://a.example.com/", False),
        ("10.1.2.3", "https://10.1.2.3/", True),
        ("10.1.2.3:8443", "https://10.1.2.3/", False),
        ("10.1.2.3", "https://[::ffff:10.1.2.3]/", True),
        ("10.0.0.0/8", "https://10.1.2.3/", True),
        ("10.0.0.0/8", "https://11.1.2.3/", False),
        ("10.0.0.0/8", "https://a.example.com/", False),
        ("8.8.8.8", "https://8.8.4.4/", False),
        ("a.example.com", "https://8.8.8.8/", False),
        ("[fd00::5]:8443", "https://[fd00::5]:8443/", True),
        ("[fd00::5]:8443", "https://[fd00::5]/", False),
        ("fd00::5", "https://[fd00:0::5]/", True),
        ("fd00::/8", "https://[fd00::5]/", True),
        ("0.0.0.0/0", "https://10.1.2.3/", False),
        ("*", "https://a.example.com/", False),
        ("", "https://a.example.com/", False),
    ],
)
def test_an_entry_stands_for_what_it_says_and_no_more(entry: str, url: str, listed: bool) -> None:
    assert refusal_of_url(url, allowed=[entry]) == ("" if listed else "not-listed")


def test_an_empty_list_allows_nothing() -> None:
    assert refusal_of_url("https://a.example.com/", allowed=[]) == "not-listed"


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "*",
        "*.com",
        "*.*.example.com",
        "a.*.example.com",
        "https://a.example.com",
        "a.example.com/path",
        "a.example.com:0",
        "a.example.com:65536",
        "a.example.com:x",
        "10.0.0.1/8",
        "0.0.0.0/0",
        "::/0",
        "10.0.0",
        "m\u00fcnchen.example.com",
        "a b",
        "[10.0.0.1]",
    ],
)
def test_an_entry_that_says_nothing_is_refused_in_words(entry: str) -> None:
    with pytest.raises(ValidationError, match=r"is no |would allow|names a port"):
        check_allowed_entry(entry)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "224.0.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::10.0.0.1",
        "::8.8.8.8",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "2001:0:a00:1::",
        "2001:db8::1",
        "2002:a00:1::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_what_is_not_the_internets_needs_a_listed_network(address: str) -> None:
    one = ip_address(address)
    assert not is_public(one)
    assert not may_reach(one, 443, read_entries(["a.example.com", "203.0.113.0/24"]))
    listed = str(getattr(one, "ipv4_mapped", None) or one).partition("%")[0]
    assert may_reach(one, 443, read_entries([listed]))
    assert not may_reach(one, 443, read_entries([f"[{listed}]:8443" if ":" in listed else f"{listed}:8443"]))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_what_is_the_internets_needs_none(address: str) -> None:
    assert may_reach(ip_address(address), 443, ())
