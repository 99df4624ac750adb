"""Two contact centers, and those who ask: root everywhere, alice in one, eve in two."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from accounts.models import BasicCredential, Role, User
from accounts.privileges import CONTACT_CENTER_PRIVILEGES, PRIVILEGES, READ_SECRETS
from accounts.services.credentials import credential_create
from config.context import RequestContext, entered
from config.principal import Principal
from environment.declarations import OptionDeclaration, unregister
from environment.models import ContactCenter
from environment.services import contact_center_create
from oauthapi.models import ApiClient
from tests.cast import PASSWORD, basic, by_code, new_code
from tests.environment.rest import Asker

Asking = Callable[..., AbstractContextManager[RequestContext]]


@pytest.fixture
def one(db: None) -> ContactCenter:
    return contact_center_create(number=1, name="One", domains=["one"])


@pytest.fixture
def two(db: None) -> ContactCenter:
    return contact_center_create(number=2, name="Two", domains=["two"])


@contextmanager
def request_of(principal: Principal, **context: Any) -> Iterator[RequestContext]:
    """One request of this principal."""
    with entered(RequestContext(principal=principal, **context)) as entry:
        yield entry


@pytest.fixture
def as_root() -> Asking:
    principal = Principal(kind="user", name="root", everywhere=True, privileges=PRIVILEGES)
    return lambda **context: request_of(principal, **context)


@pytest.fixture
def as_alice(one: ContactCenter) -> Asking:
    principal = Principal(
        kind="user", name="one\\alice", contact_center_ids=frozenset({one.pk}), privileges=CONTACT_CENTER_PRIVILEGES
    )
    return lambda **context: request_of(principal, **context)


@pytest.fixture
def as_eve(two: ContactCenter) -> Asking:
    principal = Principal(
        kind="user", name="two\\eve", contact_center_ids=frozenset({two.pk}), privileges=CONTACT_CENTER_PRIVILEGES
    )
    return lambda **context: request_of(principal, **context)


@pytest.fixture
def declare() -> Iterator[Callable[..., Any]]:
    """Declare options for one test: ``declare(IntegerOption, name="x", default=1, …)``."""
    made: list[OptionDeclaration[Any]] = []

    def make(kind: type[OptionDeclaration[Any]], **words: Any) -> OptionDeclaration[Any]:
        made.append(kind(**{"section": "test", "help": "For tests."} | words))
        return made[-1]

    yield make
    for declaration in made:
        unregister(declaration)


@pytest.fixture
def ops(db: None, encoded_password: str) -> Asker:
    """The ops credential."""
    credential_create(BasicCredential(name="ops"), password="", encoded_password=encoded_password)
    return Asker(basic("ops", PASSWORD))


@pytest.fixture
def script(t100: ContactCenter, encoded_password: str) -> Asker:
    """A Basic credential of role Administrator in contact center one."""
    role = Role.objects.create(
        name="Administrator", contact_center=t100, privileges=sorted(CONTACT_CENTER_PRIVILEGES - {READ_SECRETS})
    )
    credential = BasicCredential(name="script", contact_center=t100, role=role)
    credential_create(credential, password="", encoded_password=encoded_password)
    return Asker(basic("script", PASSWORD))


@pytest.fixture
def by_bearer(make_client: Callable[..., ApiClient]) -> Callable[..., Asker]:
    """A user by a bearer that the code flow gave, with scope ``configuration`` unless said otherwise."""
    client = make_client("tool", trusted=True, grants=["authorization_code"], scopes=["*", "configuration"])

    def asker(user: User, scope: str = "* configuration") -> Asker:
        given = by_code(client, new_code(client, user, scope=scope, code=f"code of {user} for {scope}")).json()
        return Asker(f"Bearer {given['access_token']}")

    return asker


@pytest.fixture
def hers(by_bearer: Callable[..., Asker], alice: User) -> Asker:
    """alice, who administers contact center one."""
    return by_bearer(alice)


@pytest.fixture
def roots(by_bearer: Callable[..., Asker], root: User) -> Asker:
    """root, who administers the installation."""
    return by_bearer(root)
