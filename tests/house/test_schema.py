"""``/schema/`` tells the truth: it is valid, every call exists, answers are of the shape and status declared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework.views import APIView

from accounts.models import User
from oauthapi.models import ApiClient
from tests.cast import by_password

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")
# Described by the schema it is about, not in it.
NOT_DESCRIBED = {"schema", "docs"}


def schema() -> dict[str, Any]:
    return json.loads(Client().get("/schema/").content)


def operations() -> list[tuple[str, str]]:
    """Every path and method, without a request: parameters of tests are listed before there is a database."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return sorted((path, method) for path, item in found.items() for method in item if method in METHODS)


def call(path: str, method: str, **headers: str) -> Any:
    return getattr(Client(raise_request_exception=False), method)(path, headers=headers)


def test_it_is_valid_openapi() -> None:
    validate_schema(schema())


def test_no_operation_id_stands_twice() -> None:
    ids = [operation["operationId"] for item in schema()["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("path", "method"), operations())
def test_a_call_without_anything_answers_with_a_declared_status(path: str, method: str, signing_keys: object) -> None:
    answer = call(path, method)
    declared = schema()["paths"][path][method]["responses"]
    assert str(answer.status_code) in declared
    if answer.status_code >= 400:
        assert answer.json()["status"]["code"] != 0
        assert answer["X-Request-ID"]


@pytest.mark.parametrize(("path", "method"), [each for each in operations() if "oauth/" not in each[0]])
def test_what_a_bearer_gets_is_of_the_shape_declared(path: str, method: str, desk: ApiClient, bob: User) -> None:
    token = by_password(desk, bob, scope="openid *")["access_token"]
    answer = call(path, method, Authorization=f"Bearer {token}")
    whole = schema()
    declared = whole["paths"][path][method]["responses"][str(answer.status_code)]
    for content in declared.get("content", {}).values():
        shape = content["schema"] | {"components": whole["components"]}
        jsonschema.validate(answer.json(), shape)


@pytest.mark.parametrize(("path", "method"), operations())
def test_another_method_is_405_with_allow(path: str, method: str) -> None:
    answer = call(path, "patch")
    assert answer.status_code == 405
    assert method.upper() in answer["Allow"]


def views() -> Iterator[tuple[str, type[APIView]]]:
    def below(patterns: Any, prefix: str = "") -> Iterator[tuple[str, type[APIView]]]:
        for each in patterns:
            if hasattr(each, "url_patterns"):
                yield from below(each.url_patterns, f"{prefix}{each.pattern}")
            elif isinstance(getattr(each.callback, "cls", None), type) and issubclass(each.callback.cls, APIView):
                yield each.name or "", each.callback.cls

    return below(get_resolver().url_patterns)


def test_every_api_view_is_described() -> None:
    described = len({path for path, _ in operations()})
    named = [name for name, _view in views() if name not in NOT_DESCRIBED]
    assert len(named) == described, named
