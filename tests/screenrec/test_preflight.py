"""OPTIONS: an allowed page gets the CORS set, another gets 403 and none of it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from environment.errors import OptionRefused
from environment.models import ContactCenter
from screenrec import options
from tests.screenrec.desktop import ME, ORIGIN, Desktop, put, refused

PATHS = (ME, f"{ME}/", "/ping", "/ping/", "/version", "/version/")
ASKING = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}


def cors_of(answer: object) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [ASKING, {}], ids=["as a browser asks", "as the seed writes it"])
def test_an_allowed_page_gets_the_whole_set(path: str, headers: dict[str, str]) -> None:
    answer = Desktop().ask("OPTIONS", path, **headers)
    assert (answer.status_code, answer.content) == (200, b"")
    told = cors_of(answer)
    assert told["Access-Control-Allow-Origin"] == ORIGIN
    assert told["Access-Control-Allow-Methods"] == "GET,POST,PUT,DELETE,OPTIONS"
    assert {"authorization", "X-CSRF-TOKEN", "X-Support-CSRFP"} <= set(told["Access-Control-Allow-Headers"].split(","))
    assert told["Access-Control-Allow-Credentials"] == "true"
    assert answer["Vary"] == "Origin"
    assert "Access-Control-Allow-Private-Network" not in told


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [ASKING, {}])
def test_another_page_gets_403_without_any_of_it(path: str, headers: dict[str, str]) -> None:
    answer = Desktop(origin="https://evil.example.com").ask("OPTIONS", path, **headers)
    refused(answer, 403, 5)
    assert not cors_of(answer)
    assert answer["Vary"] == "Origin"


def test_it_needs_no_proof_and_spends_no_try_of_anybody() -> None:
    desktop = Desktop("t100\\bob", password="wrong")
    assert desktop.ask("OPTIONS", ME, pair=True).status_code == 200


def test_an_origin_is_mandatory_but_for_the_version() -> None:
    refused(Desktop(origin="").ask("OPTIONS", ME), 400, 1, "Origin")
    refused(Desktop(origin="").ask("OPTIONS", "/ping"), 400, 1, "Origin")
    assert Desktop(origin="").ask("OPTIONS", "/version").status_code == 200


def test_a_private_network_is_allowed_when_the_browser_asks() -> None:
    answer = Desktop().ask("OPTIONS", ME, **{"Access-Control-Request-Private-Network": "true"})
    assert answer["Access-Control-Allow-Private-Network"] == "true"
    other = Desktop(origin="https://evil.example.com")
    assert not cors_of(other.ask("OPTIONS", ME, **{"Access-Control-Request-Private-Network": "true"}))


def test_lists_of_installation_and_contact_center_count_together(t100: ContactCenter, t200: ContactCenter) -> None:
    put(options.ALLOWED_ORIGINS, "https://one.example.com", t100)
    put(options.ALLOWED_METHODS, "GET, PATCH", t100)
    put(options.ALLOWED_METHODS, "TRACE", t200)
    put(options.ALLOWED_HEADERS, "X-One", t100)
    answer = Desktop(origin="https://one.example.com").ask("OPTIONS", ME, **ASKING)
    assert answer["Access-Control-Allow-Methods"] == "GET,POST,PUT,DELETE,OPTIONS,PATCH"
    assert answer["Access-Control-Allow-Headers"].endswith(",X-One")
    assert "PATCH" not in Desktop().ask("OPTIONS", ME, **ASKING)["Access-Control-Allow-Methods"]


def test_credentials_are_allowed_when_any_contact_center_of_the_page_allows_them(t100: ContactCenter) -> None:
    put(options.ALLOW_CREDENTIALS, "false")
    put(options.ALLOWED_ORIGINS, "https://one.example.com", t100)
    page = Desktop(origin="https://one.example.com")
    assert "Access-Control-Allow-Credentials" not in cors_of(page.ask("OPTIONS", ME, **ASKING))
    put(options.ALLOW_CREDENTIALS, "true", t100)
    assert page.ask("OPTIONS", ME, **ASKING)["Access-Control-Allow-Credentials"] == "true"
    assert "Access-Control-Allow-Credentials" not in cors_of(Desktop().ask("OPTIONS", ME, **ASKING))


@pytest.mark.parametrize("value", ["GET\r\nX-Injected: 1", "GET POST", "méthode", "a:b", "x" * 101, 'a"'])
@pytest.mark.parametrize("option", [options.ALLOWED_METHODS, options.ALLOWED_HEADERS, options.EXPOSED_HEADERS])
def test_what_would_break_a_header_is_refused_when_it_is_typed(option: object, value: str, t100: ContactCenter) -> None:
    with pytest.raises((OptionRefused, ValidationError)):
        put(option, value, t100)


def test_the_exposed_headers_stand_on_the_answer_itself() -> None:
    assert Desktop().ask("GET", "/version")["Access-Control-Expose-Headers"] == "X-CSRF-HEADER,X-CSRF-TOKEN"
