"""Who plays in the tests, and how they ask: constants and helpers that the fixtures of ``conftest`` rest on."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.models import User
from accounts.selectors import installation_epoch
from config.context import RequestContext, entered
from config.principal import COMMAND
from oauthapi.models import ApiClient
from oauthapi.services.codes import Proven, code_create

PASSWORD = "violet-anchor-42"
"""Everybody's, hashed once per run."""
SECRET = "a-secret-somebody-chose"
"""The confidential clients'."""
CALLBACK = "https://desk.example.com/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
TOKEN = "/auth/v3/oauth/token"


def basic(name: str, secret: str = SECRET) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def post_token(client: ApiClient | str | None = None, *, secret: str = SECRET, **form: str) -> Any:
    """POST to the token endpoint: confidential clients by Basic, public ones by ``client_id``, None as the form is."""
    http = Client(raise_request_exception=False)
    headers = {}
    if isinstance(client, ApiClient) and client.is_public:
        form = {"client_id": client.client_id} | form
    elif client is not None:
        headers["Authorization"] = basic(client.client_id if isinstance(client, ApiClient) else client, secret)
    from urllib.parse import urlencode

    return http.post(TOKEN, urlencode(form), content_type="application/x-www-form-urlencoded", headers=headers)


def by_password(client: ApiClient, user: User, *, password: str = PASSWORD, **form: str) -> dict[str, Any]:
    """The token answer of the password grant."""
    answer = post_token(client, grant_type="password", username=str(user), password=password, **form)
    assert answer.status_code == 200, answer.content
    return answer.json()


def new_code(client: ApiClient, user: User, **words: Any) -> str:
    """A code as the authorize endpoint would give it, with a PKCE challenge unless said otherwise."""
    code = words.pop("code", None) or base64.urlsafe_b64encode(hashlib.sha256(repr(words).encode()).digest()).decode()
    fresh = User.objects.select_related("contact_center").get(pk=user.pk)
    from django.utils import timezone

    proof = Proven(fresh, fresh.epoch, installation_epoch(), timezone.now())
    settings = {"redirect_uri": CALLBACK, "scope": "*", "nonce": "", "code_challenge": CHALLENGE} | words
    code_create(code, client=client, proof=proof, **settings)
    return code


def by_code(client: ApiClient, code: str, **form: str) -> Any:
    """Exchange a code of ``new_code``; a field given as "" is left out."""
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    } | form
    return post_token(client, **{name: value for name, value in sent.items() if value})


def refreshed(client: ApiClient, refresh_token: str, **form: str) -> Any:
    """The answer of the refresh grant."""
    return post_token(client, grant_type="refresh_token", refresh_token=refresh_token, **form)


def get(path: str, token: str | None = None, **headers: str) -> Any:
    """GET with a bearer."""
    if token is not None:
        headers = {"Authorization": f"Bearer {token}"} | headers
    return Client(raise_request_exception=False).get(path, headers=headers)


def is_alive(token: str) -> bool:
    """Whether user info takes the access token."""
    return get("/auth/v3/userinfo", token).status_code == 200


def alter(row: Any, **fields: Any) -> None:
    """Change columns behind the services' back; the stamp follows, as a service would have it."""
    from config.stamps import new_stamp

    if hasattr(row, "stamp"):
        fields.setdefault("stamp", new_stamp())
    type(row).objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()


@contextmanager
def asking_from(address: str) -> Iterator[None]:
    """A request of this address that may do what a command may."""
    with entered(RequestContext(address=address, principal=COMMAND)):
        yield


class Hashes:
    """How often Argon2 and PBKDF2 were worked."""

    def __init__(self) -> None:
        self.passwords = 0
        self.secrets = 0

    @property
    def all(self) -> int:
        return self.passwords + self.secrets


@contextmanager
def counted_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hashes]:
    """Count real hash computations, not calls of our own functions. Thread-safe enough: additions under a lock."""
    from argon2 import low_level
    from django.contrib.auth import hashers

    from accounts.services.proofs import nobodys_password
    from oauthapi import client_secrets

    nobodys_password(), client_secrets._nobodys()
    counts, lock = Hashes(), threading.Lock()
    verify, slow = low_level.verify_secret, hashers.pbkdf2  # type: ignore[attr-defined]

    def counted_verify(*args: Any, **kwargs: Any) -> Any:
        with lock:
            counts.passwords += 1
        return verify(*args, **kwargs)

    def counted_slow(*args: Any, **kwargs: Any) -> Any:
        with lock:
            counts.secrets += 1
        return slow(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr("argon2._password_hasher.verify_secret", counted_verify)
        patch.setattr(hashers, "pbkdf2", counted_slow)
        yield counts


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls in threads that start together; their results, or what they raised, in order."""
    results: list[Any] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(position: int) -> None:
        try:
            connection.ensure_connection()
            gate.wait(timeout=20)
            results[position] = calls[position]()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            results[position] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a call hangs"
    return results
