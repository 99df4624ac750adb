"""A plan is done in one transaction, or not at all; a trial run does all of it and takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from config.http.errors import Refusal
from environment.provision.faults import Fault, Faults
from environment.provision.planning import AnyStep, Plan
from environment.services.stamps import restamping_once

Progress = Callable[[AnyStep], None]


def apply(plan: Plan, *, trial: bool = False, progress: Progress = lambda step: None) -> None:
    """Do the plan's steps. A plan without any touches nothing.

    ``trial`` finds what only the services see, and writes nothing. Raises Faults for the first object that cannot be
    written, with all that is wrong with it; nothing is kept then.
    """
    if not plan.todo:
        return
    if not trial:
        for step in plan.todo:
            step.kind.prepare(step)
    with transaction.atomic():
        with restamping_once():
            for step in plan.todo:
                _do(step, plan)
                progress(step)
        if trial:
            transaction.set_rollback(True)


def _do(step: AnyStep, plan: Plan) -> None:
    write = step.kind.create if step.obj is None else step.kind.update
    try:
        write(step, plan.world)
    except ValidationError as error:
        raise Faults(list(_of_validation(step, error))) from error
    except Refusal as refused:
        raise Faults(list(_of_refusal(step, refused))) from refused


def _of_validation(step: AnyStep, error: ValidationError) -> Iterator[Fault]:
    if not hasattr(error, "error_dict"):
        yield from (step.entry.fault(message) for message in error.messages)
        return
    for name, messages in error.message_dict.items():
        where = () if name == NON_FIELD_ERRORS else (name.replace("_", "-"),)
        yield from (step.entry.fault(message, *where) for message in messages)


def _of_refusal(step: AnyStep, refused: Refusal) -> Iterator[Fault]:
    if not refused.fields:
        yield step.entry.fault(refused.message)
    for fault in refused.fields:
        inside = ("options", fault.field) if "/" in fault.field else (fault.field.replace("_", "-"),)
        yield step.entry.fault(fault.message, *inside)
