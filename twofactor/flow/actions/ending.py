"""Rows that end a call, each with the path that its settings name."""

from __future__ import annotations

from typing import NoReturn

from environment.declarations import TextOption
from twofactor.errors import OutOfOrder, SessionEnded
from twofactor.flow.calls import Call, State
from twofactor.options import settings


def _configured(call: Call, option: TextOption) -> None:
    call.end(call.path_or_error(option.of(call.application) or "error"))


def end_without_method(call: Call) -> None:
    """Behaviour if No Verified Contact Method Available."""
    _configured(call, settings.NO_METHOD_PATH)


def end_by_status(call: Call) -> None:
    """The path that the service named."""
    call.end(call.path_named(call.status))


def end_in_error(call: Call) -> None:
    """Something failed that no setting is about."""
    call.end("error")


def end_by_no_input(call: Call) -> None:
    """The caller said nothing too often."""
    _configured(call, settings.NO_INPUT_PATH)


def end_by_no_match(call: Call) -> None:
    """What the caller said was no answer too often."""
    _configured(call, settings.NO_MATCH_PATH)


def end_by_sends(call: Call) -> None:
    """Behaviour After Exceeding Maximum Code Send Attempts."""
    _configured(call, settings.MAX_SENDS_PATH)


def end_by_wrong(call: Call) -> None:
    """Behaviour After Exceeding Maximum Code Verification Attempts; blank where a lock ends the call: error."""
    _configured(call, settings.MAX_VERIFY_PATH)


def hang_up(call: Call) -> None:
    """The caller is gone, or the session's time is over: no path is taken."""
    call.end("hangup")


def refuse_out_of_order(call: Call) -> NoReturn:
    """The session does not wait for this. Raises SessionEnded, OutOfOrder."""
    raise SessionEnded if call.session.state == State.ENDED else OutOfOrder
