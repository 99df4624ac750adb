"""Calls of ``/auth/v3/ops/clients`` as a script, a credential or an administrator's program makes them."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts.models import BasicCredential, User
from accounts.services.credentials import credential_create
from oauthapi.models import ApiClient
from tests.cast import PASSWORD, basic, by_code, new_code

CLIENTS = "/auth/v3/ops/clients"
ORIGIN = "https://wwe.example.com"
RECORD = {
    "client_id": "external_api_client",
    "client_secret": "secret",
    "name": "External API client",
    "description": "Made by a script",
    "clientType": "CONFIDENTIAL",
    "internalClient": True,
    "authorizedGrantTypes": [
        "refresh_token", "implicit", "client_credentials", "password", "authorization_code",
        "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ],
    "authorities": ["ROLE_INTERNAL_CLIENT", "ROLE_MANAGEMENT_APPLICATION"],
    "scope": ["*"],
    "redirectURIs": [ORIGIN, "https://gauth.example.com"],
    "accessTokenExpirationTimeout": 43200,
    "refreshTokenExpirationTimeout": 2592000,
}  # fmt: skip
"""As the vendor's scripts send it."""


class Asker:
    """Somebody with one Authorization header."""

    def __init__(self, authorization: str) -> None:
        self.headers = {"Authorization": authorization}

    def get(self, path: str = "") -> Any:
        return self._send("get", path)

    def post(self, data: Any) -> Any:
        return self._send("post", "", data)

    def put(self, path: str, data: Any) -> Any:
        return self._send("put", path, data)

    def delete(self, path: str) -> Any:
        return self._send("delete", path)

    def _send(self, method: str, path: str, data: Any = None) -> Any:
        http = Client(raise_request_exception=False)
        address = CLIENTS + (path if path.startswith("?") or not path else f"/{path}")
        body = {} if data is None else {"data": json.dumps({"data": data})}
        return getattr(http, method)(address, content_type="application/json", headers=self.headers, **body)


def ops_asker() -> Asker:
    """The ops credential, made when it is not there."""
    if not BasicCredential.objects.filter(name="ops").exists():
        credential_create(BasicCredential(name="ops"), password=PASSWORD)
    return Asker(basic("ops", PASSWORD))


def bearer_asker(user: User, configurator: ApiClient, scope: str = "* configuration") -> Asker:
    """The user's program, with a token of this scope."""
    answer = by_code(configurator, new_code(configurator, user, scope=scope))
    assert answer.status_code == 200, answer.content
    return Asker(f"Bearer {answer.json()['access_token']}")


def fields_of(answer: Any) -> set[str]:
    """The fields that a refusal names."""
    body = answer.json()
    named = [body["status"]["detail"].get("field")]
    named += [each["status"]["detail"]["field"] for each in body.get("errors", ())]
    return {each for each in named if each}
