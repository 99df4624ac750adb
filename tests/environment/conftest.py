"""Two contact centers, and those who ask: root everywhere, alice in one, eve in two."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from accounts.privileges import CONTACT_CENTER_PRIVILEGES, PRIVILEGES
from config.context import RequestContext, entered
from config.principal import Principal
from environment.declarations import OptionDeclaration, unregister
from environment.models import ContactCenter
from environment.services import contact_center_create

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
