"""A strategy's ``default.workflow`` of Composer: kept as it came, given back with the credentials written into it."""

from __future__ import annotations

from typing import NoReturn

from django.db import transaction

from config.encryption import SealBroken
from config.http.errors import InvalidParameter, NotFound
from environment.services import object_save
from history.models import Strategy
from history.scxml import variable_fault
from history.services.strategies import strategy_locked
from history.services.strategy_versions import downloaded, password_readable, require_secrets
from history.strategy_secrets import workflow_seal, workflow_unseal
from history.workflow import NotWorkflow, Workflow, workflow_read, workflow_written

FILE = "file"
"""The field that a refusal of the file names."""


def strategy_upload_workflow(
    strategy: Strategy,
    *,
    data: bytes,
    user_variable: str = "",
    password_variable: str = "",
    reason: str | None = None,
) -> Workflow:
    """Keep the file, sealed, and map its two credential variables: those named, else those mapped already, else those
    that their names tell. Both or neither: where one is not found the mapping stays as it was, and ``is_mapped`` says
    no.

    Raises Forbidden, InvalidParameter (``file``, ``user_variable``, ``password_variable``), ValidationError.
    """
    try:
        workflow = workflow_read(data)
    except NotWorkflow as fault:
        _refuse(fault)
    with transaction.atomic():
        row = strategy_locked(strategy.pk)
        _map(row, workflow, {"user_variable": user_variable, "password_variable": password_variable})
        if _kept(row) != data:
            row.workflow = workflow_seal(row, data)
        object_save(row, reason=reason)
    strategy.refresh_from_db()
    return workflow


def strategy_map_variables(
    strategy: Strategy, *, user_variable: str, password_variable: str, reason: str | None = None
) -> Strategy:
    """Say which Entry variables of the uploaded file are the user and the password.

    Raises Forbidden, NotFound without a file, InvalidParameter for a name that it does not have, ValidationError.
    """
    workflow = strategy_workflow(strategy)
    with transaction.atomic():
        row = strategy_locked(strategy.pk)
        for field, typed in {"user_variable": user_variable, "password_variable": password_variable}.items():
            _require_variable(workflow, field, typed)
            setattr(row, field, typed)
        object_save(row, reason=reason)
    strategy.refresh_from_db()
    return strategy


def strategy_workflow(strategy: Strategy) -> Workflow:
    """The uploaded file as it was read. Raises NotFound without one, or when it does not open."""
    try:
        return workflow_read(workflow_unseal(strategy)) if strategy.workflow else _none()
    except SealBroken as broken:
        raise NotFound("The uploaded default.workflow cannot be read.", reason=str(broken)) from broken


def is_mapped(strategy: Strategy, workflow: Workflow) -> bool:
    """Whether both mapped variables are in the file."""
    return all(workflow.named(name) for name in (strategy.user_variable, strategy.password_variable))


def strategy_download_workflow(strategy: Strategy) -> bytes:
    """The uploaded file with user and password written into its two variables, and nothing else changed.

    Raises Forbidden without the right to read secrets, NotFound without a file, InvalidParameter when the mapped
    variables are not in it. Who took it is recorded.
    """
    require_secrets(strategy)
    workflow = strategy_workflow(strategy)
    values = {strategy.user_variable: strategy.user, strategy.password_variable: password_readable(strategy)}
    try:
        data = workflow_written(workflow, values)
    except NotWorkflow as fault:
        _refuse(fault)
    downloaded(strategy, "workflow")
    return data


def _map(strategy: Strategy, workflow: Workflow, typed: dict[str, str]) -> None:
    chosen: dict[str, str] = {}
    for (field, name), guess in zip(typed.items(), workflow.guess(), strict=True):
        if name:
            _require_variable(workflow, field, name)
            chosen[field] = name
        elif workflow.named(getattr(strategy, field)):
            chosen[field] = getattr(strategy, field)
        elif guess and not variable_fault(guess):
            chosen[field] = guess
    if len(set(chosen.values())) == len(typed) or all(typed.values()):
        for field, name in chosen.items():
            setattr(strategy, field, name)


def _kept(strategy: Strategy) -> bytes | None:
    try:
        return workflow_unseal(strategy) if strategy.workflow else None
    except SealBroken:
        return None


def _require_variable(workflow: Workflow, field: str, name: str) -> None:
    if workflow.named(name) is None:
        raise InvalidParameter("The Entry block has no variable of this name.", field=field)


def _refuse(fault: NotWorkflow) -> NoReturn:
    raise InvalidParameter(str(fault), field=FILE) from fault


def _none() -> NoReturn:
    raise NotFound("No default.workflow was uploaded.")
