"""POST /configuration/basicauth: everything that is wrong with a body is told at once, and never its values."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import BasicCredential, Role
from environment.services import contact_center_update, option_set
from tests.accounts.configuring import BASICAUTH, SEED, ask, bearer, register, temporary_token


@pytest.fixture
def alices(alice, t100, configuration_keys) -> str:
    return bearer(temporary_token(alice, t100))


def faults(answer: Any) -> set[tuple[str, str]]:
    """(field, code) of a 400 that wrote nothing."""
    assert answer.status_code == 400, answer.content
    told = answer.json()
    assert told["code"] == "validation_error"
    assert all(each["message"] for each in told["errors"])
    assert not BasicCredential.objects.exists()
    found = [(each["field"], each["code"]) for each in told["errors"]]
    assert len(found) == len(set(found)), found
    return set(found)


def refused(authorization: str, **changed: object) -> set[tuple[str, str]]:
    return faults(ask("POST", BASICAUTH, authorization, SEED | changed))


@pytest.mark.parametrize("body", [{}, "", "  ", dict.fromkeys(SEED)])
def test_each_missing_field_is_named(alices, body):
    needed = {(name, "required") for name in SEED if name != "dateExpiry"}
    assert faults(ask("POST", BASICAUTH, alices, body)) == needed


@pytest.mark.parametrize("name", [name for name in SEED if name != "dateExpiry"])
def test_one_missing_field_is_named_alone(alices, name):
    sent = {key: value for key, value in SEED.items() if key != name}
    assert faults(ask("POST", BASICAUTH, alices, sent)) == {(name, "required")}


def test_everything_is_told_at_once(alices):
    body = {
        "username": "a:b",
        "password": "password",
        "context": "Campaign",
        "contextId": "999",
        "dateExpiry": "2030-05-19T12:20:57.310",
        "userRole": "Emperor",
        "timeout": 5,
    }
    text = json.dumps(body)[:-1] + ', "context": "Campaign"}'
    assert faults(ask("POST", BASICAUTH, alices, text)) == {
        ("username", "invalid"),
        ("password", "too_short"),
        ("password", "too_common"),
        ("context", "unknown"),
        ("context", "duplicate"),
        ("contextId", "unknown"),
        ("dateExpiry", "naive"),
        ("userRole", "unknown"),
        ("timeout", "unknown"),
    }


@pytest.mark.parametrize("name", list(SEED))
@pytest.mark.parametrize("value", [1, 100, True, 1.5, ["x"], {"x": "y"}], ids=repr)
def test_a_field_of_another_type_is_wrong(alices, name, value):
    assert refused(alices, **{name: value}) == {(name, "invalid")}


@pytest.mark.parametrize("name", [*SEED])
def test_an_empty_text_is_none(alices, name):
    assert refused(alices, **{name: ""}) == {(name, "required")}


@pytest.mark.parametrize("key", ["Username", "username ", "expiry", "", "a" * 500, "“username”", "x\ny"])
def test_an_unknown_key_is_refused(alices, key):
    ((field, code),) = refused(alices, **{key: "x"})
    assert code == "unknown"
    assert len(field) <= 400
    assert field.isascii()


@pytest.mark.parametrize("name", list(SEED))
def test_a_key_that_stands_twice_is_refused_even_with_equal_values(alices, name):
    text = json.dumps(SEED)[:-1] + f', "{name}": {json.dumps(SEED[name])}}}'
    assert faults(ask("POST", BASICAUTH, alices, text)) == {(name, "duplicate")}


def test_a_key_twice_further_inside_is_malformed(alices):
    answer = ask("POST", BASICAUTH, alices, json.dumps(SEED)[:-1] + ', "more": {"a": 1, "a": 2}}')
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("context", ["contactcenter", "ContactCenter ", "Process", "1"])
def test_there_is_one_context(alices, context):
    assert refused(alices, context=context) == {("context", "unknown")}


@pytest.mark.parametrize(
    "place",
    [
        "999",
        "0",
        "-1",
        "0100",
        "+100",
        " 100",
        "100 ",
        "\uff11\uff10\uff10",
        "t100",
        "99999999999",
        "4294967396",
        "x" * 36,
    ],
)
def test_a_contact_center_that_there_is_not(alices, place):
    assert refused(alices, contextId=place) == {("contextId", "unknown")}


def test_a_contact_center_switched_off_is_none(root, t100, t200, configuration_keys):
    token = bearer(temporary_token(root, t200))
    contact_center_update(t100, enabled=False)
    for place in ("100", str(t100.pk)):
        assert refused(token, contextId=place) == {("contextId", "unknown")}


@pytest.mark.parametrize("role", ["administrator", "ADMINISTRATOR", "Administrator ", "Nobody", "ROLE_OF_TWO", "%"])
def test_a_role_is_found_by_its_exact_name_and_not_echoed(alices, t200, role):
    Role.objects.create(name="ROLE_OF_TWO", contact_center=t200)
    answer = ask("POST", BASICAUTH, alices, SEED | {"userRole": role})
    assert faults(answer) == {("userRole", "unknown")}
    assert f'"{role}"' not in answer.content.decode()


def test_the_contact_centers_own_role_comes_before_the_shared_one(alices, t100):
    own = Role.objects.create(name="Agent", contact_center=t100, privileges=["places:read"])
    ask("POST", BASICAUTH, alices, SEED | {"userRole": "Agent"})
    assert BasicCredential.objects.get().role == own


def test_a_role_is_judged_when_the_contact_center_is_not_known(alices, t100, agents):
    assert refused(alices, contextId="999", userRole="Nobody") == {("contextId", "unknown"), ("userRole", "unknown")}
    for known in ("Administrator", "ROLE_AGENT"):
        assert refused(alices, contextId="999", userRole=known) == {("contextId", "unknown")}


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2030-05-19T12:20:57.310", "naive"),
        ("2030-05-19T12:20", "naive"),
        ("2030-05-19", "naive"),
        ("2020-05-19T12:20:57Z", "past"),
        ("2050-01-01T00:00:00Z", "too_far"),
        ("9999-12-31T23:59:59-23:59", "invalid"),
        ("0001-01-01T00:00:00+23:59", "invalid"),
        ("2030-02-30T12:00:00Z", "invalid"),
        ("2030-05-19T24:00:00Z", "invalid"),
        ("2030-05-19T12:20:60Z", "invalid"),
        ("2030-05-19T12:20:57+25:00", "invalid"),
        ("2030-05-19T12:20:57.Z", "invalid"),
        ("19.05.2030", "invalid"),
        ("tomorrow", "invalid"),
        ("1905423657310", "invalid"),
        ("20300519T122057Z", "invalid"),
        ("\uff12\uff1030-05-19T12:20:57Z", "invalid"),
        ("2030-05-19T12:20:57Z\n", "invalid"),
        ("2030-05-19T12:20:57Z" + "0" * 40, "too_long"),
    ],
)
def test_an_expiry_that_cannot_be_is_told_apart(alices, moment, code):
    assert refused(alices, dateExpiry=moment) == {("dateExpiry", code)}


def test_the_bounds_of_an_expiry_are_exact(alices, t100, monkeypatch):
    option_set(holder=t100, section="basic-credentials", name="longest-lifetime-days", value="10")
    now = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: now)
    step, far = timedelta(milliseconds=1), timedelta(days=10)
    for moment, code in ((now, "past"), (now + far + step, "too_far")):
        assert refused(alices, dateExpiry=moment.isoformat()) == {("dateExpiry", code)}
    for number, moment in enumerate((now + step, now + far)):
        sent = SEED | {"dateExpiry": moment.isoformat(), "username": f"n{number}"}
        assert ask("POST", BASICAUTH, alices, sent).status_code == 201


def test_the_default_lifetime_is_never_beyond_the_longest(alices, t100):
    option_set(holder=t100, section="basic-credentials", name="longest-lifetime-days", value="10")
    ask("POST", BASICAUTH, alices, {name: value for name, value in SEED.items() if name != "dateExpiry"})
    assert BasicCredential.objects.get().expires_at < timezone.now() + timedelta(days=10, minutes=1)


@pytest.mark.parametrize("name", ["a:b", ":", "a\tb", "a\nb", "a\x7fb", "\x1f", " x", "x ", " ", "\x85x"])
def test_a_name_holds_no_colon_no_control_character_and_no_blank_at_its_ends(alices, name):
    assert refused(alices, username=name) == {("username", "invalid")}


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("x" * 11, {"too_short"}),
        ("x" * 129, {"too_long"}),
        ("密" * 11, {"too_short"}),
        ("password1234", {"too_common"}),
        ("PASSWORD1234", {"too_common"}),
        ("password", {"too_short", "too_common"}),
        ("with-a\ttab-inside", {"invalid"}),
        ("with-a-\x85-inside", {"invalid"}),
    ],
)
def test_a_weak_password_is_told_why(alices, password, codes):
    assert refused(alices, password=password) == {("password", code) for code in codes}


@pytest.mark.parametrize("password", ["x" * 12, "密" * 128, "aaaaaaaaaaaaaa", "123456789012", "customer_manager@123"])
def test_no_other_rule_holds_for_a_password(alices, password):
    assert ask("POST", BASICAUTH, alices, SEED | {"password": password}).status_code == 201


def test_typographic_quotes_are_named_with_their_place(alices):
    text = json.dumps(SEED, indent=0)
    for position, curly in ((text.index('"username'), "“"), (text.index('"password'), "„")):
        bad = text[:position] + curly + text[position + 1 :]
        answer = ask("POST", BASICAUTH, alices, bad.encode())
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
        line = text[:position].count("\n") + 1
        told = answer.json()["errors"][0]["message"]
        assert f"typographic quote {curly} at line {line} column 1" in told
    everywhere = text.replace('"', "”")
    assert ask("POST", BASICAUTH, alices, everywhere.encode()).json()["code"] == "malformed_json"


@pytest.mark.parametrize(
    "text", ["{", "[1", '{"a": 1,}', "{'a': 1}", '{"a": NaN}', b"\xff", "\ufeff{}", '{"a": "\\ud800"}', "x" * 100]
)
def test_what_is_no_json_is_told_so(alices, text):
    answer = ask("POST", BASICAUTH, alices, text)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("text", ["[]", "1", '"x"', "null", "[{}]"])
def test_a_body_is_an_object(alices, text):
    answer = ask("POST", BASICAUTH, alices, text)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


@pytest.mark.parametrize("media", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json"])
def test_another_media_type_is_refused(alices, media):
    answer = ask("POST", BASICAUTH, alices, SEED, content_type=media)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("media", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
def test_json_is_read_whatever_its_parameters(alices, media):
    assert ask("POST", BASICAUTH, alices, SEED, content_type=media).status_code == 201


def test_a_body_has_at_most_16_kib(alices):
    text = json.dumps(SEED)
    fits = text + " " * (16 * 1024 - len(text))
    assert ask("POST", BASICAUTH, alices, fits).status_code == 201
    answer = ask("POST", BASICAUTH, alices, f"{fits} ")
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_no_value_is_echoed(alices):
    for name in SEED:
        for value in ("hunter2-", "hunter2-" * 40, "hunter2:\n"):
            answer = ask("POST", BASICAUTH, alices, SEED | {name: value, "dateExpiry": "hunter2"})
            assert "hunter2" not in answer.content.decode()


def test_a_rotation_is_judged_in_the_same_way(alices, t100, agents):
    row = register(t100, agents)
    path = f"{BASICAUTH}/{row.pk}/password"
    cases = [
        ({}, {("password", "required")}),
        ({"password": "short"}, {("password", "too_short")}),
        ({"password": 5, "old": "x"}, {("password", "invalid"), ("old", "unknown")}),
    ]
    for body, expected in cases:
        answer = ask("PUT", path, alices, body)
        assert answer.status_code == 400
        assert {(each["field"], each["code"]) for each in answer.json()["errors"]} == expected
    good = '{"password": "another-sesame-43", "password": "another-sesame-43"}'
    assert ask("PUT", path, alices, good).json()["errors"][0]["code"] == "duplicate"
    assert ask("PUT", path, alices, good, content_type="text/plain").status_code == 415
    assert ask("PUT", path, alices, "{“").json()["code"] == "malformed_json"
    assert ask("PUT", path, alices, " " * 16_385).status_code == 413
    assert BasicCredential.objects.get().password == row.password
