"""The cast. Contact center one (``t100``): alice administers it, bob is an agent beside her. Contact center two
(``t200``): eve administers it. root administers the installation.

API clients: ``desk`` (confidential, trusted, all grants), ``spa`` (public, code + refresh), ``partner`` (confidential,
not trusted, what a new client gets).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.cache import cache

from accounts import hashers
from accounts.models import Role, SigningKey, User
from accounts.privileges import CONTACT_CENTER_PRIVILEGES
from accounts.services import keys, verified
from accounts.services.users import user_create
from config import rates
from environment.models import ContactCenter, Installation
from environment.provision.applying import apply
from environment.provision.planning import Plan, plan_of
from environment.provision.reading import read
from environment.services import contact_center_create
from oauthapi import selectors
from oauthapi.client_secrets import secret_encode
from oauthapi.models import ApiClient
from oauthapi.rules import GRANTS
from tests import once
from tests.cast import CALLBACK, PASSWORD, SECRET
from tests.once import django_db_modify_db_settings, static_files_found_once  # noqa: F401 - fixtures
from tests.tools import look_for

# A plain `pytest` needs requirements.txt only; these need the tools of requirements-dev.txt.
collect_ignore_glob = [] if find_spec("authlib") else ["flows", "docs"]
if not find_spec("hypothesis"):
    collect_ignore_glob.append("environment/test_provision.py")


def pytest_sessionstart(session: pytest.Session) -> None:
    """The workers of a run share what they make once."""
    once.begin(session.config)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """And leave nothing of it in the database server."""
    once.end(session.config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look for the tools of ``needs`` before a fixture starts a server for nothing."""
    for mark in item.iter_markers("needs"):
        look_for(mark.args)


@pytest.fixture(autouse=True)
def no_memory() -> Iterator[None]:
    """What a process remembers between requests is forgotten between tests."""
    verified._known.clear()
    # Not cleared: the other workers of this run count in the same Redis.
    cache.key_prefix = uuid4().hex
    rates._local.clear()
    selectors._clients.clear()
    hashers._the_gate = None
    yield
    hashers._the_gate = None


@pytest.fixture(autouse=True)
def rows_of_migrations(request: pytest.FixtureRequest) -> None:
    """A transactional test ends with empty tables; the next one needs the rows that migrations made."""
    mark = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (mark and mark.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        Installation.objects.get_or_create(pk=1)
        import_module("accounts.migrations.0007_built_in_roles").make(apps, None)


@pytest.fixture
def wide_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any number of threads hash at once: what a test counts must not be refused for want of a turn."""
    monkeypatch.setattr(hashers, "_the_gate", hashers.HashingGate(64, 64))


@pytest.fixture(scope="session")
def encoded_password() -> str:
    """``PASSWORD``, hashed once by the real hasher."""
    return make_password(PASSWORD)


@pytest.fixture(scope="session")
def encoded_secret() -> str:
    """``SECRET``, hashed once."""
    return secret_encode(SECRET)


@pytest.fixture(scope="session")
def ready_keys() -> list[SigningKey]:
    """A signing key of each kind, generated once."""
    from django.utils import timezone

    return [keys._new_key(purpose, timezone.now()) for purpose in (keys.Purpose.ID_TOKEN, keys.Purpose.USER_INFO)]


@pytest.fixture
def signing_keys(db: None, ready_keys: list[SigningKey]) -> list[SigningKey]:
    """The keys as rows of this test."""
    return SigningKey.objects.bulk_create(copy.deepcopy(ready_keys))


@pytest.fixture(scope="session")
def ready_configuration_keys() -> list[SigningKey]:
    """The keys of temporary tokens and of credentials' tokens, generated once."""
    from django.utils import timezone

    return [keys._new_key(purpose, timezone.now()) for purpose in (keys.Purpose.TEMPORARY, keys.Purpose.CREDENTIAL)]


@pytest.fixture
def configuration_keys(db: None, ready_configuration_keys: list[SigningKey]) -> list[SigningKey]:
    """Those as rows of this test."""
    return SigningKey.objects.bulk_create(copy.deepcopy(ready_configuration_keys))


@pytest.fixture
def t100(db: None) -> ContactCenter:
    """Contact center one."""
    return contact_center_create(number=100, name="One", domains=["t100", "one.example.com"])


@pytest.fixture
def t200(db: None) -> ContactCenter:
    """Contact center two."""
    return contact_center_create(number=200, name="Two", domains=["t200"])


@pytest.fixture
def make_user(db: None, encoded_password: str) -> Callable[..., User]:
    """Make a user with everybody's password."""

    def make(user_name: str, contact_center: ContactCenter | None, **words: object) -> User:
        words.setdefault("encoded_password", encoded_password)
        return user_create(user_name=user_name, contact_center=contact_center, **words)  # type: ignore[arg-type]

    return make


@pytest.fixture
def administrators(t100: ContactCenter) -> Role:
    """Contact center one's role with everything a contact center's administrator may hold."""
    return Role.objects.create(name="ROLE_ADMIN", contact_center=t100, privileges=sorted(CONTACT_CENTER_PRIVILEGES))


@pytest.fixture
def agents(t100: ContactCenter) -> Role:
    """Contact center one's agents: a name that callers know and that gives no right here."""
    return Role.objects.create(name="ROLE_AGENT", contact_center=t100, privileges=["calls:take"])


@pytest.fixture
def alice(make_user: Callable[..., User], t100: ContactCenter, administrators: Role) -> User:
    """Administrator of contact center one."""
    return make_user(
        "alice", t100, roles=[administrators], first_name="Alice", last_name="Ames", email="alice@one.example.com"
    )


@pytest.fixture
def bob(make_user: Callable[..., User], t100: ContactCenter, agents: Role) -> User:
    """Agent of contact center one."""
    return make_user(
        "bob", t100, roles=[agents], first_name="Bob", last_name="Burns", email="bob@one.example.com", is_agent=True
    )


@pytest.fixture
def eve(make_user: Callable[..., User], t200: ContactCenter) -> User:
    """Administrator of contact center two."""
    role = Role.objects.create(name="ROLE_ADMIN", contact_center=t200, privileges=sorted(CONTACT_CENTER_PRIVILEGES))
    return make_user("eve", t200, roles=[role], first_name="Eve", last_name="Ende")


@pytest.fixture
def root(make_user: Callable[..., User]) -> User:
    """Administrator of the installation."""
    return make_user("root", None)


@pytest.fixture
def make_client(db: None, encoded_secret: str, signing_keys: list[SigningKey]) -> Callable[..., ApiClient]:
    """Make an API client; confidential ones have the secret ``SECRET``."""

    def make(client_id: str, **words: object) -> ApiClient:
        client = ApiClient(client_id=client_id, **{"name": client_id, "redirect_uris": [CALLBACK]} | words)
        client.secret_hash = "" if client.is_public else words.get("secret_hash", encoded_secret)  # type: ignore[assignment]
        client.full_clean()
        client.save()
        return client

    return make


@pytest.fixture
def desk(make_client: Callable[..., ApiClient]) -> ApiClient:
    """Confidential, trusted, all five grants."""
    return make_client("desk", trusted=True, grants=list(GRANTS), authorities=["ROLE_MANAGEMENT_APPLICATION"])


@pytest.fixture
def spa(make_client: Callable[..., ApiClient]) -> ApiClient:
    """Public: code and refresh."""
    return make_client(
        "spa", client_type=ApiClient.Type.PUBLIC, trusted=True, redirect_uris=[CALLBACK, "http://127.0.0.1/callback"]
    )


@pytest.fixture
def partner(make_client: Callable[..., ApiClient]) -> ApiClient:
    """Confidential, not trusted, with what a new client gets."""
    return make_client("partner")


@pytest.fixture
def provision(tmp_path: Path) -> Callable[[str], Plan]:
    """Read a provisioning file of this text, do what it says, and return the plan."""

    def provision(text: str) -> Plan:
        file = tmp_path / "file.yaml"
        file.write_text(text)
        plan = plan_of(read([file]))
        apply(plan)
        return plan

    return provision
