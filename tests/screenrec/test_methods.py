"""Every path with and without the slash, never a redirect; another method is 405 with statusCode 3."""

from __future__ import annotations

import pytest

from screenrec.models import RecorderSession
from tests.screenrec.desktop import ME, Desktop, refused

PATHS = {ME: {"GET", "POST", "OPTIONS"}, "/ping": {"GET", "OPTIONS"}, "/version": {"GET", "OPTIONS"}}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_another_method_is_405(path: str, slash: str, desktop: Desktop) -> None:
    for method in METHODS:
        if method.upper() in PATHS[path]:
            continue
        answer = desktop.ask(method, path + slash, pair=True)
        assert answer.status_code == 405, method
        assert set(answer["Allow"].split(", ")) == PATHS[path]
        assert "deskgate_recorder" not in answer.cookies
        if method != "HEAD":
            refused(answer, 405, 3)
    assert not RecorderSession.objects.exists()


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_method_is_told_even_without_an_origin(path: str) -> None:
    refused(Desktop(origin="").ask("DELETE", path), 405, 3)


@pytest.mark.parametrize("slash", ["", "/"])
def test_both_spellings_answer_and_nothing_redirects(desktop: Desktop, slash: str) -> None:
    assert desktop.ask("GET", ME + slash, pair=True).status_code == 200
    assert desktop.ask("POST", ME + slash, [], pair=True).status_code == 200
    for path in PATHS:
        for method in ("GET", "OPTIONS"):
            answer = desktop.ask(method, path + slash)
            assert answer.status_code == 200
            assert "Location" not in answer.headers
    assert desktop.ask("POST", ME + slash, {"operationName": "EndContactCenterSession"}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_an_address_with_something_behind_it_is_another_one(desktop: Desktop, path: str) -> None:
    for tail in ("%0A", "%0a/", "//", "/x", "x", ";a", "%00", "/."):
        assert desktop.ask("GET", path + tail, pair=True).status_code in (400, 404), tail
    assert not RecorderSession.objects.exists()
