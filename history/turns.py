"""Turns: the events that move a visit from one identity to another, and what they come to. Knows no database.

``SignIn`` opens a session, which ends with the next one or a ``SignOut``; after that the visitor is still recognised.
``UserInfo`` recognises a visitor where nobody is signed in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from history.places import parts_of

SIGN_IN: Final = "SignIn"
SIGN_OUT: Final = "SignOut"
USER_INFO: Final = "UserInfo"
TURNS: Final = frozenset({SIGN_IN, SIGN_OUT, USER_INFO})

Scope = Literal["Authenticated", "Recognized"]


class Turn(NamedTuple):
    """One of them; ``identity`` and ``session`` are keys of rows."""

    place: str
    name: str
    identity: int | None = None
    session: int | None = None


class Standing(NamedTuple):
    """Whose an event is, and in which session."""

    identity: int | None = None
    session: int | None = None


class Story:
    """What a visit's turns come to.

    ``own`` is the standing of each turn itself by its place, ``ends`` the end (ms) of each ended session, ``scopes``
    how each identity stands in the visit and the place of the last turn that touched it, ``active`` the open session.
    """

    def __init__(self, turns: Iterable[Turn]) -> None:
        self.places: list[str] = []
        self.own: dict[str, Standing] = {}
        self.ends: dict[int, int] = {}
        self.scopes: dict[int, tuple[Scope, str]] = {}
        self._after: list[Standing] = []
        self._now = Standing()
        for turn in sorted(turns):
            self.own[turn.place] = self._take(turn)
            self.places.append(turn.place)
            self._after.append(self._now)

    @property
    def active(self) -> int | None:
        """The session that is open in the end."""
        return self._now.session

    def standing_at(self, place: str) -> Standing:
        """That of an ordinary event at this place."""
        passed = bisect_right(self.places, place)
        return self._after[passed - 1] if passed else Standing()

    def standing_of(self, place: str) -> Standing:
        """That of any event at this place."""
        return self.own.get(place) or self.standing_at(place)

    def _take(self, turn: Turn) -> Standing:
        """Go on by one turn; return its own standing."""
        if turn.name == SIGN_IN:
            return self._sign_in(turn)
        if turn.name == SIGN_OUT:
            return self._sign_out(turn)
        return self._user_info(turn)

    def _sign_in(self, turn: Turn) -> Standing:
        self._leave(turn.place)
        self._now = Standing(turn.identity, turn.session)
        if turn.identity is not None:
            self.scopes[turn.identity] = ("Authenticated", turn.place)
        return self._now

    def _sign_out(self, turn: Turn) -> Standing:
        before = self._now
        self._leave(turn.place)
        self._now = Standing(before.identity)
        return before

    def _user_info(self, turn: Turn) -> Standing:
        if turn.identity is None:
            return self._now
        if self._now.session is None:
            self._now = Standing(turn.identity)
        if turn.identity == self._now.identity and self._now.session is not None:
            self.scopes[turn.identity] = ("Authenticated", turn.place)
            return self._now
        # Of somebody else while one is signed in: he is recognised, the visit stays with the one who proved himself.
        self.scopes[turn.identity] = ("Recognized", turn.place)
        return Standing(turn.identity)

    def _leave(self, place: str) -> None:
        """Whoever is there is signed out, if he was signed in."""
        if self._now.session is not None:
            self.ends[self._now.session] = parts_of(place)[0]
        if self._now.identity is not None:
            self.scopes[self._now.identity] = ("Recognized", place)


def first_difference(old: Story, new: Story) -> str | None:
    """The place from which on events stand otherwise in ``new`` than in ``old``; before it none does."""
    borders = sorted({*old.places, *new.places})
    return next((border for border in borders if new.standing_at(border) != old.standing_at(border)), None)
