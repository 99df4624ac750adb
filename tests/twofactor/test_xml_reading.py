"""What is read of a web service's answer, and what is refused (reference parts E.4 and E.5)."""

from __future__ import annotations

import pytest

from twofactor.webservices.failures import ServiceFailed
from twofactor.webservices.reading import DEEPEST, LONGEST, MOST_ELEMENTS, MOST_METHODS, read_answer

ROOT = "checkVerifiedContactMethods"
SEED = b"""<checkVerifiedContactMethods>
    <status>success</status>
    <methods>
        <method name="email" value="youremail@genesys.com"/>
        <method name="authenticator"/>
        <method name="SMS"/>
    </methods>
</checkVerifiedContactMethods>
"""
LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]>
<checkVerifiedContactMethods><status>&lol3;</status></checkVerifiedContactMethods>"""
OUTSIDE = b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<checkVerifiedContactMethods><status>&x;</status></checkVerifiedContactMethods>"""


def within(inner: str, root: str = ROOT) -> bytes:
    return f"<{root}>{inner}</{root}>".encode()


def of_methods(*methods: str) -> bytes:
    return within(f"<status>success</status><methods>{''.join(methods)}</methods>")


def refused(body: bytes, root: str = ROOT) -> str:
    with pytest.raises(ServiceFailed) as failed:
        read_answer(body, root)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__ or failed.value.__context__ is None
    return failed.value.reason


def test_the_seeds_answer_is_read() -> None:
    found = (("email", "youremail@genesys.com"), ("authenticator", ""), ("sms", ""))
    assert read_answer(SEED, ROOT) == ("success", found)


@pytest.mark.parametrize("written", ["success ", "\n  success\n", "SUCCESS", "&#115;uccess", "<![CDATA[success]]>"])
def test_a_status_is_compared_without_blanks_around_and_case(written: str) -> None:
    assert read_answer(within(f"<status>{written}</status>"), ROOT)[0] == "success"


def test_blanks_inside_a_status_are_one() -> None:
    assert read_answer(within("<status> Not \n\t Found</status>"), ROOT)[0] == "not found"


def test_a_namespace_is_tolerated() -> None:
    body = b"<x:codeAuthentication xmlns:x='urn:bank'><x:status>Incorrect Code</x:status></x:codeAuthentication>"
    assert read_answer(body, "codeAuthentication") == ("incorrect code", ())


def test_other_encodings_are_read_by_their_declaration() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?>' + within("<status>success</status>").decode()
    assert read_answer(text.encode("utf-16"), ROOT)[0] == "success"


def test_what_else_stands_there_is_passed_over() -> None:
    inner = "<!-- by us --><status>success</status><note>x</note><methods><other name='email'/></methods>"
    assert read_answer(within(inner), ROOT) == ("success", ())


def test_methods_are_of_our_names_the_first_of_each() -> None:
    body = of_methods(
        "<method name=' EMAIL ' value=' a@one.example '/>",
        "<method name='fax' value='1'/>",
        "<method name='email' value='b@two.example'/>",
        "<method value='x'/>",
        "<method name='Authenticator' value='dropped'/>",
    )
    assert read_answer(body, ROOT)[1] == (("email", "a@one.example"), ("authenticator", ""))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE a>" + within("<status>success</status>"), "dtd"),
        (LAUGHS, "dtd"),
        (OUTSIDE, "dtd"),
        (within("<status>&nowhere;</status>"), "not-xml"),
        (within("<status>success</status><status>success</status>"), "two-statuses"),
        (within("<status>success</status><status>error</status>"), "two-statuses"),
        (within("<methods><status>success</status></methods>"), "bad-status"),
        (within("<status>success</status><methods><status>error</status></methods>"), "bad-status"),
        (within("<status>suc<!-- -->cess</status>"), "bad-status"),
        (within("<status>suc<?x y?>cess</status>"), "bad-status"),
        (within("<status><b>success</b></status>"), "bad-status"),
        (within("<status>suc\u0085cess\u009b</status>"), "bad-status"),
        (within(f"<status>{'x' * 65}</status>"), "bad-status"),
        (within(""), "no-status"),
        (within("<status/>"), "no-status"),
        (within("<status>  \n </status>"), "no-status"),
        (b"", "not-xml"),
        (b"success", "not-xml"),
        (b"<!doctype html><html><body>It works!</body></html>", "not-xml"),
        (b"<html><body><br></body></html>", "wrong-root"),
        (within("<status>success</status>", "sendAuthenticationCode"), "wrong-root"),
        (within("<status>success</status>", "checkverifiedcontactmethods"), "wrong-root"),
        (within("<status>success</status>") + b"<more/>", "not-xml"),
        (within("<status>success"), "not-xml"),
        (b'<?xml version="1.0" encoding="no-such"?>' + within("<status>success</status>"), "not-xml"),
        (b'{"status": "success"}', "not-xml"),
        (within("<status>success</status>" + " " * LONGEST), "too-large"),
        (b"<a>" * 20_000, "wrong-root"),
        (f"<{ROOT}>".encode() + b"<a>" * 20_000, "too-deep"),
        (of_methods("<method name='email' value='a&#10;Bcc: b@two.example'/>"), "bad-value"),
        (of_methods(f"<method name='email' value='{'x' * 255}'/>"), "bad-value"),
    ],
)
def test_refused(body: bytes, reason: str) -> None:
    assert refused(body) == reason


@pytest.mark.parametrize(("deep", "fits"), [(DEEPEST - 1, True), (DEEPEST, False)])
def test_the_depth_has_an_end(deep: int, fits: bool) -> None:
    body = within("<status>success</status>" + "<a>" * deep + "</a>" * deep)
    assert (read_answer(body, ROOT)[0] if fits else refused(body)) == ("success" if fits else "too-deep")


@pytest.mark.parametrize(("more", "fits"), [(MOST_ELEMENTS - 2, True), (MOST_ELEMENTS - 1, False)])
def test_the_number_of_elements_has_an_end(more: int, fits: bool) -> None:
    body = within("<status>success</status>" + "<a/>" * more)
    assert (read_answer(body, ROOT)[0] if fits else refused(body)) == ("success" if fits else "too-many-elements")


@pytest.mark.parametrize(("count", "fits"), [(MOST_METHODS, True), (MOST_METHODS + 1, False)])
def test_the_number_of_methods_has_an_end(count: int, fits: bool) -> None:
    body = of_methods(*["<method name='fax'/>"] * count)
    assert (read_answer(body, ROOT)[0] if fits else refused(body)) == ("success" if fits else "too-many-methods")


def test_a_value_may_be_as_long_as_an_address() -> None:
    assert read_answer(of_methods(f"<method name='email' value='{'x' * 254}'/>"), ROOT)[1][0][1] == "x" * 254
