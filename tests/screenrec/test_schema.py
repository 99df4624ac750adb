"""What ``/schema/`` tells of this room: whoever writes a client from it misses no header, no status, no example."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.screenrec.desktop import LOGOUT, ME


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def headers_of(operation: dict[str, Any]) -> set[str]:
    return {each["name"] for each in operation["parameters"] if each["in"] == "header"}


@pytest.mark.parametrize(
    ("path", "method", "sent", "answered"),
    [
        (ME, "get", {"Origin", "X-Support-CSRF", "X-Support-CSRFP"}, {"Set-Cookie", "X-CSRF-HEADER", "X-CSRF-TOKEN"}),
        (
            ME,
            "post",
            {"Origin", "X-Support-CSRF", "X-Support-CSRFP", "X-CSRF-TOKEN"},
            {"Set-Cookie", "X-CSRF-HEADER", "X-CSRF-TOKEN"},
        ),
        ("/ping", "get", {"Origin"}, set()),
        ("/version", "get", {"Origin"}, {"X-Deskgate-Version"}),
    ],
)
def test_headers_and_refusals_are_declared(
    whole: dict[str, Any], path: str, method: str, sent: set[str], answered: set[str]
) -> None:
    operation = whole["paths"][path][method]
    assert headers_of(operation) == sent
    assert set(operation["responses"]["200"].get("headers", {})) == answered
    assert {"403", "405", "413", "503"} <= set(operation["responses"])


def examples_of(content: dict[str, Any]) -> list[Any]:
    return [each["value"] for each in content["application/json"].get("examples", {}).values()]


def test_examples_are_there_and_of_the_shape_declared(whole: dict[str, Any]) -> None:
    post = whole["paths"][ME]["post"]
    asked = examples_of(post["requestBody"]["content"])
    assert [] in asked
    assert LOGOUT in asked
    assert any("StartContactCenterSession" in str(each) for each in asked)
    assert any("peer_server" in str(each) for each in asked)
    assert {"statusCode": 0} in examples_of(post["responses"]["200"]["content"])
    for path, method in ((ME, "get"), (ME, "post"), ("/ping", "get")):
        operation = whole["paths"][path][method]
        for status in ("200", "401"):
            content = operation["responses"][status]["content"]
            assert examples_of(content), (path, method, status)
            for value in examples_of(content):
                schema = content["application/json"]["schema"] | {"components": whole["components"]}
                jsonschema.validate(value, schema)
