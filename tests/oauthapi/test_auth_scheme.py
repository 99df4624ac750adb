"""POST /auth/v3/auth-scheme."""

import pytest
from django.test import Client

FAILED = "The user name or password is wrong, or the account cannot be used now."
PING = "/auth/v3/ping"


@pytest.mark.parametrize("body", ['{"data":{"userName":"bob","tenant":"t100"}}', '{"data":{"userName":"nobody"}}', ""])
def test_everybody_signs_in_by_password(db, body):
    answer = Client().post("/auth/v3/auth-scheme", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"status": {"code": 0}, "data": {"scheme": "basic"}})


def test_a_scheme_question_that_is_no_json_is_a_400(db):
    answer = Client().post("/auth/v3/auth-scheme", "{", content_type="application/json")
    assert (answer.status_code, answer.json()["status"]["code"]) == (400, 2)
