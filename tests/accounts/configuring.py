"""Asking ``/configuration`` in tests: temporary tokens, tokens that nobody here signed, and the seed's body."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

from django.test import Client
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT

from accounts.models import BasicCredential, User
from accounts.selectors import installation_epoch, principal_of_user
from accounts.services.credentials import credential_create
from accounts.services.temporary_tokens import temporary_token_issue
from config.context import RequestContext, entered
from environment.models import ContactCenter

BASICAUTH = "/configuration/basicauth"
EXCHANGE = "/configuration/token"
SEED = {
    "username": "customer_manager",
    "password": "customer_manager@123",
    "context": "ContactCenter",
    "contextId": "100",
    "dateExpiry": "2030-05-19T12:20:57.310Z",
    "userRole": "Administrator",
}
"""The seed's body, with straight quotes; its contact center is called 100 here."""


def temporary_token(user: User, contact_center: ContactCenter) -> str:
    """A token as the page gives it to this user."""
    with entered(RequestContext(address="192.0.2.9", principal=principal_of_user(user, proof="session"))):
        return temporary_token_issue(
            user=user,
            user_epoch=user.epoch,
            installation_epoch=installation_epoch(),
            contact_center=contact_center,
        )[0]


def ask(method: str, path: str, authorization: str | None, body: Any = None, **more: Any) -> Any:
    """One call; ``body`` is an object, or the very text."""
    sent: dict[str, Any] = {}
    if body is not None:
        sent = {
            "data": body if isinstance(body, str | bytes) else json.dumps(body),
            "content_type": "application/json",
        }
    headers = {"Authorization": authorization} if authorization else {}
    http = Client(raise_request_exception=False)
    return http.generic(method, path, headers=headers | more.pop("headers", {}), **sent | more)


def bearer(token: str) -> str:
    return f"Bearer {token}"


def forged(key: JWK, claims: dict[str, Any], **header: Any) -> str:
    """A token of these claims that this key signed."""
    token = JWT(header=header, claims=claims, algs=[header["alg"]])
    token.make_signed_token(key)
    return str(token.serialize())


def register(contact_center: ContactCenter | None, role: Any, name: str = "script", **words: Any) -> BasicCredential:
    """A credential of the contact center, made past the endpoint."""
    password, encoded = words.pop("password", "open-sesame-42"), words.pop("encoded", None)
    credential = BasicCredential(name=name, contact_center=contact_center, role=role, **words)
    return credential_create(credential, password=password, encoded_password=encoded)


def part(token: str, number: int) -> dict[str, Any]:
    """Header (0) or claims (1) of a token, unverified."""
    text = token.split(".")[number]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found
