"""``/docs/`` and ``/schema/``: offline, within the content security policy."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client()


def test_the_docs_page_has_nothing_inline_and_nothing_from_elsewhere(client):
    response = client.get("/docs/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    sources = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert sources
    assert all(source.startswith("/") for source in sources)
    for source in sources:
        if source.startswith("/static/"):
            assert finders.find(source.removeprefix("/static/")), source


def test_the_docs_page_has_the_policy(client):
    policy = client.get("/docs/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_docs_script_is_served_apart(client):
    response = client.get("/docs/?script=")
    assert response["Content-Type"].startswith("application/javascript")
    assert b"SwaggerUIBundle" in response.content


def test_the_schema_is_openapi_3_1_without_optional_slashes(client):
    schema = json.loads(client.get("/schema/").content)
    assert schema["openapi"] == "3.1.0"
    assert schema["paths"]
    assert not [path for path in schema["paths"] if path.endswith(("/", "?"))]


def test_the_schema_describes_how_to_prove_oneself(client):
    schemes = json.loads(client.get("/schema/").content)["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
