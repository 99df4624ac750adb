"""No secret reaches a log: redaction by key and by pattern, on our lines and on other libraries'."""

import io
import json
import logging
import logging.config
import time

import pytest

from config.context import RequestContext, entered
from config.logs import REDACTED, is_secret_name, logging_config, redacted, redacted_text

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "name",
    [
        "password", "oldPassword", "new_password", "client_secret", "access_token", "refreshToken", "Authorization",
        "HTTP_AUTHORIZATION", "Cookie", "set-cookie", "code", "code_verifier", "otp", "api_key", "x-api-key",
        "session_key", "client_assertion", "csrf", "tokens", "seed",
    ],
)  # fmt: skip
def test_fields_of_secret_names_are_hidden(name):
    assert is_secret_name(name)
    assert redacted({"outer": [{name: "hunter2hunter2"}]}) == {"outer": [{name: "[redacted]"}]}


@pytest.mark.parametrize(
    "name",
    ["client", "credential", "token_type", "status", "route", "user", "refusal", "event", "keyboard", "tokens_purged"],
)
def test_the_fields_of_the_access_line_stay(name):
    assert redacted({name: "plain"}) == {name: "plain"}


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hunter2hunter2",
        "sent bearer hunter2hunter2",
        "Basic hunter2hunter2==",
        "password=hunter2hunter2&x=1",
        "GET /cb?code=hunter2hunter2&state=1",
        '{"refresh_token": "hunter2hunter2"}',
        "{'client_secret': 'hunter2hunter2'}",
        "newPassword: hunter2hunter2",
        "Cookie: deskgate_session=hunter2hunter2",
        "code_verifier=hunter2hunter2",
        "Internal Server Error: /twofactor/services/key/hunter2hunter2/codeAuthentication",
        "<WSGIRequest: POST '/twofactor/services/key/hunter2hunter2'>",
    ],
)
def test_secrets_inside_texts_are_hidden(text):
    assert "hunter2" not in redacted_text(text)


def test_what_looks_like_a_jwt_is_hidden():
    assert JWT not in redacted_text(f"header was {JWT}, and that")
    assert redacted_text(f"a {JWT} b") == "a [redacted] b"


def test_ordinary_words_stay():
    text = "alice signed in from 203.0.113.9 at https://desk.example.com/auth/v3"
    assert redacted_text(text) == text


@pytest.fixture
def lines():
    """Log with our configuration into memory, and put the suite's own logging back afterwards."""
    out = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    config = logging_config(level="DEBUG", format="json")
    config["handlers"]["stderr"]["stream"] = out
    logging.config.dictConfig(config)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.handlers, root.level = before


def test_a_line_carries_time_level_event_and_request_id(lines):
    with entered(RequestContext(request_id="abcdefgh", address="127.0.0.1")):
        logging.getLogger("deskgate.test").info("happened", extra={"user": "alice", "password": "hunter2"})
    (line,) = lines()
    assert line["event"] == "happened"
    assert line["level"] == "info"
    assert line["request_id"] == "abcdefgh"
    assert line["user"] == "alice"
    assert line["password"] == "[redacted]"
    assert line["time"].endswith("Z")


def test_tracebacks_are_redacted_too(lines):
    try:
        raise ValueError("bad token=hunter2hunter2")
    except ValueError:
        logging.getLogger("deskgate.test").exception("failed")
    (line,) = lines()
    assert "ValueError" in line["exception"]
    assert "hunter2" not in json.dumps(line)


@pytest.mark.parametrize("name", ["oauthlib.oauth2", "oauth2_provider.views", "django.db.backends", "httpx"])
def test_libraries_that_write_secrets_at_debug_are_held_above_it(lines, name):
    logging.getLogger(name).debug("access token is abc")
    assert lines() == []


@pytest.mark.parametrize("text", ["x" * 1_000_000, "-eyJaaaaa" * 100_000, 'code="' * 100_000, "code" + " " * 1_000_000])
def test_no_text_however_long_keeps_the_patterns_busy(text):
    """It once took seconds from 8,000 characters on, and hours for a megabyte."""
    begun = time.process_time()
    written = redacted_text(text)
    assert time.process_time() - begun < 5
    assert len(written) < 200_000
    assert "more]" in written


def test_what_stands_before_a_secret_name_stays():
    assert redacted_text("new_password=abc and myToken: def") == f"new_password={REDACTED} and myToken: {REDACTED}"
