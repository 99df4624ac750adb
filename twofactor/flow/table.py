"""The state table of the MicroApp (reference part E.2): every row by its number, tried from top to bottom.

A row holds when its state and event are there and its guard says so. Its action does the work, and gives the state
and event that follow; without an event the flow waits for the caller, or has ended. Row 37, the same request again,
is answered before the table is asked (``services/repeats.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from twofactor.flow import actions, guards
from twofactor.flow.calls import Call
from twofactor.flow.events import ANY, Event, Next, Stage

Guard = Callable[[Call], bool]
Action = Callable[[Call], Next]


class Row(NamedTuple):
    """One row; ``number`` is that of the specification."""

    number: int
    stage: Stage | None
    event: Event | None
    guard: Guard
    action: Action


S, E, g, a = Stage, Event, guards, actions

TABLE: tuple[Row, ...] = (
    Row(36, ANY, E.HANG_UP, g.always, a.hang_up),
    Row(36, ANY, E.TIME_OVER, g.always, a.hang_up),
    Row(1, S.START, E.ARRIVE, g.has_passed_in_this_call, a.skip),
    Row(2, S.START, E.ARRIVE, g.always, a.ask_for_methods),
    Row(3, S.CHECK, E.SUCCESS, g.has_usable_method, a.offer),
    Row(4, S.CHECK, E.SUCCESS, g.always, a.end_without_method),
    Row(4, S.CHECK, E.NOT_FOUND, g.always, a.end_without_method),
    Row(5, S.CHECK, E.STATUS, g.names_a_path, a.end_by_status),
    Row(6, S.CHECK, E.STATUS, g.always, a.end_in_error),
    Row(6, S.CHECK, E.FAILED, g.always, a.end_in_error),
    Row(7, S.SELECT, E.ARRIVE, g.has_one_method, a.choose_the_only_one),
    Row(8, S.SELECT, E.ARRIVE, g.always, a.prompt_menu),
    Row(9, S.SELECT, E.CHOICE, g.choice_is_offered, a.choose),
    Row(10, S.SELECT, E.CHOICE, g.rounds_left, a.reprompt),
    Row(10, S.SELECT, E.NO_INPUT, g.rounds_left, a.reprompt),
    Row(11, S.SELECT, E.CHOICE, g.always, a.end_by_no_match),
    Row(11, S.SELECT, E.NO_INPUT, g.always, a.end_by_no_input),
    Row(12, S.ISSUE, E.ARRIVE, g.sends_used_up, a.end_by_sends),
    Row(19, S.ISSUE, E.ARRIVE, g.is_authenticator, a.ask_authenticator),
    Row(18, S.ISSUE, E.ARRIVE, g.is_external, a.send_by_service),
    Row(14, S.ISSUE, E.ARRIVE, g.always, a.send_from_here),
    Row(12, S.ISSUE, E.SENDS_USED_UP, g.always, a.end_by_sends),
    Row(13, S.ISSUE, E.LIMITED, g.old_code_lives, a.keep_old_code),
    Row(13, S.ISSUE, E.LIMITED, g.always, a.end_by_sends),
    Row(15, S.ISSUE, E.ACCEPTED, g.always, a.prompt_code),
    Row(16, S.ISSUE, E.FAILED, g.old_code_lives, a.keep_old_code_unsent),
    Row(16, S.ISSUE, E.FAILED, g.other_method_left, a.drop_method),
    Row(17, S.ISSUE, E.FAILED, g.sends_used_up, a.end_by_sends),
    Row(17, S.ISSUE, E.FAILED, g.always, a.end_in_error),
    Row(20, S.ISSUE, E.SUCCESS, g.always, a.prompt_code),
    Row(21, S.ISSUE, E.INCORRECT, g.always, a.as_failed),
    Row(22, S.ISSUE, E.STATUS, g.names_a_path, a.end_by_status),
    Row(17, S.ISSUE, E.STATUS, g.always, a.as_failed),
    Row(23, S.ENTER, E.CODE, g.code_has_the_form, a.look_at_code),
    Row(24, S.ENTER, E.CODE, g.rounds_left, a.reprompt),
    Row(24, S.ENTER, E.NO_INPUT, g.rounds_left, a.reprompt),
    Row(24, S.ENTER, E.CODE, g.always, a.end_by_no_match),
    Row(24, S.ENTER, E.NO_INPUT, g.always, a.end_by_no_input),
    Row(25, S.ENTER, E.RESEND, g.always, a.issue_again),
    Row(31, S.VERIFY, E.ARRIVE, g.is_external, a.verify_by_service),
    Row(27, S.VERIFY, E.ARRIVE, g.always, a.verify_here),
    Row(39, S.VERIFY, E.LOCKED, g.always, a.refuse_locked),
    Row(26, S.VERIFY, E.DEAD, g.code_has_expired, a.refuse_expired),
    Row(26, S.VERIFY, E.DEAD, g.tries_are_used_up, a.refuse_used_up),
    Row(26, S.VERIFY, E.DEAD, g.always, a.refuse_dead),
    Row(32, S.VERIFY, E.SUCCESS, g.always, a.pass_),
    Row(33, S.VERIFY, E.INCORRECT, g.always, a.wrong),
    Row(28, S.VERIFY, E.WRONG, g.always, a.try_again),
    Row(29, S.VERIFY, E.WRONG_LAST, g.has_path_for_wrong, a.end_by_wrong),
    Row(30, S.VERIFY, E.WRONG_LAST, g.always, a.issue_new),
    Row(30, S.VERIFY, E.EXPIRED, g.always, a.issue_new),
    Row(34, S.VERIFY, E.STATUS, g.names_a_path, a.end_by_status),
    Row(35, S.VERIFY, E.STATUS, g.always, a.end_in_error),
    Row(35, S.VERIFY, E.FAILED, g.always, a.end_in_error),
    Row(38, ANY, None, g.always, a.refuse_out_of_order),
)


def row_of(call: Call, stage: Stage, event: Event) -> Row:
    """The first row that holds."""
    for row in TABLE:
        if row.stage in (ANY, stage) and row.event in (None, event) and row.guard(call):
            return row
    raise AssertionError("the last row holds always")


def run(call: Call, stage: Stage, event: Event) -> None:
    """Go from row to row until the flow waits or has ended."""
    following: Next = (stage, event)
    while following is not None:
        following = row_of(call, *following).action(call)
