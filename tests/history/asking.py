"""How tests configure doors and ask at them."""

from __future__ import annotations

from typing import Any

from django.test import Client

from environment.models import Application, ContactCenter
from environment.services import application_create, option_set, options_set_many
from history import options
from tests.cast import basic

USER, WORD = "apiuserid", "velvet-harbor-71"
PAIR = (USER, WORD)


def server(name: str, contact_center: ContactCenter | None, pair: tuple[str, str] | None = None) -> Application:
    """A Web Engagement Server application, which demands ``pair`` if there is one."""
    application = application_create(name=name, contact_center=contact_center, type=options.SERVER)
    if pair:
        demand(application, *pair)
    return application


def workspace(name: str, contact_center: ContactCenter | None, pair: tuple[str, str] | None = None) -> Application:
    """An Interaction Workspace application, which sends ``pair`` if there is one."""
    application = application_create(name=name, contact_center=contact_center, type=options.WORKSPACE)
    if pair:
        demand(application, *pair, section="gwe:security")
    return application


def demand(application: Application, user_id: str, password: str, *, section: str = "security") -> None:
    """Set the three options at once."""
    values = {"auth-scheme": "Basic", "user-id": user_id, "password": password}
    options_set_many(holder=application, values={(section, name): value for name, value in values.items()})


def put(application: Application | None, name: str, value: str, *, section: str = "security") -> None:
    """Set one option."""
    option_set(holder=application, section=section, name=name, value=value)


def ask(
    path: str = "/server/data/who", pair: tuple[str, str] | None = None, *, method: str = "get", **words: Any
) -> Any:
    """One request; ``header`` is a whole Authorization header, ``address`` the peer's."""
    headers = dict(words.pop("headers", {}))
    header = words.pop("header", None) or (basic(*pair) if pair else None)
    if header is not None:
        headers["Authorization"] = header
    address = words.pop("address", "127.0.0.1")
    return getattr(Client(raise_request_exception=False), method)(path, headers=headers, REMOTE_ADDR=address, **words)
