"""Rows that end a call, each with the path that its settings name."""

from __future__ import annotations

from environment.declarations import TextOption
from twofactor.errors import OutOfOrder, SessionEnded
from twofactor.flow.calls import Call, State
from twofactor.flow.events import Next
from twofactor.options import settings


def _configured(call: Call, option: TextOption) -> Next:
    call.end(call.path_or_error(option.of(call.application) or "error"))


def end_without_method(call: Call) -> Next:
    """Behaviour if No Verified Contact Method Available."""
    return _configured(call, settings.NO_METHOD_PATH)


def end_by_status(call: Call) -> Next:
    """The path that the service named."""
    call.end(call.path_named(call.status))


def end_in_error(call: Call) -> Next:
    """Something failed that no setting is about."""
    call.end("error")


def end_by_no_input(call: Call) -> Next:
    """The caller said nothing too often."""
    return _configured(call, settings.NO_INPUT_PATH)


def end_by_no_match(call: Call) -> Next:
    """What the caller said was no answer too often."""
    return _configured(call, settings.NO_MATCH_PATH)


def end_by_sends(call: Call) -> Next:
    """Behaviour After Exceeding Maximum Code Send Attempts."""
    return _configured(call, settings.MAX_SENDS_PATH)


def end_by_wrong(call: Call) -> Next:
    """Behaviour After Exceeding Maximum Code Verification Attempts; blank where a lock ends the call: error."""
    return _configured(call, settings.MAX_VERIFY_PATH)


def hang_up(call: Call) -> Next:
    """The caller is gone, or the session's time is over: no path is taken."""
    call.end("hangup")


def refuse_out_of_order(call: Call) -> Next:
    """The session does not wait for this. Raises SessionEnded, OutOfOrder."""
    raise SessionEnded if call.session.state == State.ENDED else OutOfOrder
