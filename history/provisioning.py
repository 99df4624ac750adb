"""Strategies in provisioning files. A password there is compared and changed as a secret option is, and never shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from pydantic import NonNegativeInt, SecretStr

from config.encryption import SealBroken
from environment.models import Application
from environment.provision.kinds import Entry, Key, Kind, Reference, Row, Step, kind
from environment.provision.world import World
from history.models import Strategy
from history.selectors.strategies import is_changed
from history.services.strategies import strategy_create, strategy_password_plain, strategy_update
from history.services.strategy_versions import strategy_deploy, strategy_regenerate


class StrategyRow(Row):
    application: str
    name: str = "default"
    user: str = ""
    password: SecretStr | None = None
    base_url: str = ""
    pages_at_least: NonNegativeInt = 1
    events_at_least: NonNegativeInt = 0
    user_variable: str = "user"
    password_variable: str = "password"  # noqa: S105 - a variable's name
    deploy: bool = False


@kind
class Strategies(Kind[StrategyRow, Strategy]):
    """``strategies``: by application and name. ``deploy: true`` regenerates and deploys what is not deployed so."""

    name = "strategies"
    row = StrategyRow
    after = ("applications",)
    secrets = frozenset({"password"})
    _fields = ("user", "base_url", "pages_at_least", "events_at_least", "user_variable", "password_variable")

    def key(self, entry: Entry[StrategyRow], world: World) -> Key:
        return (entry.row.application, entry.row.name)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, Strategy]:
        rows = Strategy.objects.select_related("application", "deployed").defer("workflow", "deployed__scxml")
        named = rows.filter(application__name__in={application for application, _name in keys})
        return {(one.application.name, one.name): one for one in named}

    def label(self, row: StrategyRow) -> str:
        return f"{row.application} {row.name}"

    def references(self, row: StrategyRow, world: World) -> Iterator[Reference]:
        yield Reference(("application",), "applications", ((row.application,),), f"application {row.application}")

    def wanted(self, row: StrategyRow, world: World) -> dict[str, Any]:
        password = {} if row.password is None else {"password": row.password.get_secret_value()}
        return row.given(*self._fields) | password | ({"deploy": True} if row.deploy else {})

    def current(self, obj: Strategy, row: StrategyRow, world: World) -> dict[str, Any]:
        now = {name: getattr(obj, name) for name in self._fields} | {"deploy": _is_deployed(obj)}
        return now if row.password is None else now | {"password": _password_now(obj)}

    def create(self, step: Step[StrategyRow, Strategy], world: World) -> None:
        row = step.row
        strategy = strategy_create(
            application=Application.objects.get(name=row.application),
            name=row.name,
            password=row.password.get_secret_value() if row.password else "",
            made_by_demo=step.entry.made_by_demo,
            **row.given(*self._fields),
        )
        _deploy(strategy, row)

    def update(self, step: Step[StrategyRow, Strategy], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        password = step.row.password.get_secret_value() if step.row.password else None
        strategy_update(step.obj, password=password, **step.row.given(*self._fields))
        _deploy(step.obj, step.row)


def _password_now(strategy: Strategy) -> str | None:
    """None for one that does not open: any in the file is another."""
    try:
        return strategy_password_plain(strategy)
    except SealBroken:
        return None


def _is_deployed(strategy: Strategy) -> bool:
    return strategy.deployed_id is not None and not is_changed(strategy)


def _deploy(strategy: Strategy, row: StrategyRow) -> None:
    if row.deploy and not _is_deployed(strategy):
        strategy_deploy(strategy, version=strategy_regenerate(strategy))
