"""One refusal in every dialect, and the headers each status owes."""

import json

import pytest

from config.http import errors
from config.http.dialects import body_of, dialect_of_path, envelope, response_of
from config.http.errors import FieldError


def test_oauth_errors_speak_both_languages_in_one_object():
    body = body_of(errors.InvalidParameter("The scope is wrong.", field="scope"), "oauth")
    assert body == {
        "error": "invalid_request",
        "error_description": "The scope is wrong.",
        "status": {"code": 2, "message": "The scope is wrong.", "detail": {"field": "scope"}},
    }


def test_several_wrong_fields_are_all_named():
    fields = [FieldError("a", "required", "a is missing"), FieldError("b", "invalid", "b is wrong")]
    refusal = errors.ValidationRefused(fields=fields)
    assert [each["status"]["detail"]["field"] for each in body_of(refusal, "oauth")["errors"]] == ["a", "b"]
    assert body_of(refusal, "configuration") == {
        "code": "validation_error",
        "errors": [
            {"field": "a", "code": "required", "message": "a is missing"},
            {"field": "b", "code": "invalid", "message": "b is wrong"},
        ],
    }


def test_error_description_keeps_to_the_characters_of_the_rfc_and_the_message_keeps_its_own():
    body = body_of(errors.BadRequest('ünknown "tenant\\user"'), "oauth")
    assert body["error_description"] == "?nknown 'tenant/user'"
    assert body["status"]["message"] == 'ünknown "tenant\\user"'


def test_the_recorder_gets_two_members_and_nothing_else():
    assert body_of(errors.NotFound(), "recorder") == {"statusCode": 6, "statusMessage": "There is nothing here."}


def test_history_titles_its_401_as_the_real_product_does():
    body = body_of(errors.Unauthenticated(challenge="basic"), "history")
    assert body == {"code": 401, "title": "Not Authorized", "description": "Authentication is required."}


def test_a_refusal_in_xml_is_escaped_and_holds_nothing_that_xml_cannot():
    response = response_of(errors.BadRequest("a <b> & \x00\x1b\ud800\ufffe"), "xml")
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    told = "a &lt;b&gt; &amp; \ufffd\ufffd\ufffd\ufffd"
    assert response.content.decode() == f"<error><code>validation_error</code><message>{told}</message></error>\n"


def test_inner_words_stay_inside():
    refusal = errors.Forbidden(reason="alice lacks users:write")
    for dialect in ("oauth", "recorder", "configuration", "history", "xml"):
        assert "alice" not in json.dumps(body_of(refusal, dialect))


@pytest.mark.parametrize(
    ("refusal", "header", "value"),
    [
        (errors.Unauthenticated(), "WWW-Authenticate", 'Bearer realm="Deskgate"'),
        (
            errors.Unauthenticated("Token “x” is dead", presented=True),
            "WWW-Authenticate",
            'Bearer realm="Deskgate", error="invalid_token", error_description="Token ?x? is dead"',
        ),
        (
            errors.Unauthenticated(challenge="basic"),
            "WWW-Authenticate",
            'Basic realm="Deskgate", charset="UTF-8"',
        ),
        (
            errors.InsufficientScope(scope="configuration"),
            "WWW-Authenticate",
            'Bearer realm="Deskgate", error="insufficient_scope", scope="configuration"',
        ),
        (errors.MethodNotAllowed(allowed=["GET", "OPTIONS"]), "Allow", "GET, OPTIONS"),
        (errors.TooMany(retry_after=7), "Retry-After", "7"),
        (errors.Busy(), "Retry-After", "2"),
    ],
)
def test_each_status_carries_its_header(refusal, header, value):
    assert response_of(refusal)[header] == value


def test_no_error_is_ever_cached():
    response = response_of(errors.BadRequest())
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/auth/v3/userinfo", "oauth"),
        ("/environment/v3/environments/", "oauth"),
        ("/api/v2/me", "recorder"),
        ("/ping", "recorder"),
        ("/configuration/basicauth", "configuration"),
        ("/twofactor/v1/sessions", "configuration"),
        ("/twofactor/services/Bank/codeAuthentication", "xml"),
        ("/twofactor/services", "xml"),
        ("/twofactor/servicesx", "configuration"),
        ("/server/data/sessions", "history"),
        ("/pingpong", None),
        ("/admin/", None),
    ],
)
def test_each_group_of_paths_has_its_dialect(path, dialect):
    assert dialect_of_path(path) == dialect


def test_the_envelope_of_a_success():
    assert envelope() == {"status": {"code": 0}}
    assert envelope([], "/environments/1") == {"status": {"code": 0}, "data": [], "path": "/environments/1"}


def test_one_field_with_words_of_its_own_is_listed():
    refusal = errors.ValidationRefused(fields=[FieldError("newPassword", "too_short", "Use at least 8 characters.")])
    (told,) = body_of(refusal, "oauth")["errors"]
    assert told["status"]["message"] == "Use at least 8 characters."
    assert "errors" not in body_of(errors.InvalidParameter("The scope is wrong.", field="scope"), "oauth")
