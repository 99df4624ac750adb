"""SELECT: the menu, and what the caller presses."""

from __future__ import annotations

from django.db.models import F

from twofactor.flow.calls import Call
from twofactor.flow.events import Event, Next, Stage
from twofactor.flow.guards import chosen
from twofactor.flow.prompts import NOTHING_HEARD
from twofactor.webservices.client import SPELLINGS

VARIABLE = "TwoFactorAuthSelectedMethod"


def prompt_menu(call: Call) -> None:
    """Wait for the caller."""


def choose_the_only_one(call: Call) -> Next:
    """No prompt where there is nothing to choose."""
    return select(call, call.session.offered[0])


def choose(call: Call) -> Next:
    """The caller's choice."""
    return select(call, chosen(call))


def select(call: Call, method: str) -> Next:
    """Go on with a method."""
    call.session.method = method
    call.private.set[VARIABLE] = SPELLINGS[method]
    call.timeline.note("method.selected", method=method)
    return Stage.ISSUE, Event.ARRIVE


def reprompt(call: Call) -> None:
    """The same again; no verification request was used (row 24)."""
    call.move(call.session.state, input_rounds=F("input_rounds") + 1)
    call.words = NOTHING_HEARD
