"""What visitors did: visits, the identities they signed in as, sessions, pages, events. Times are ms since 1970."""

from history.models.events import Event
from history.models.imports import HistoryImport
from history.models.strategies import Strategy, StrategyVersion
from history.models.visits import Identity, Page, Recognition, Session, Visit

__all__ = [
    "Event",
    "HistoryImport",
    "Identity",
    "Page",
    "Recognition",
    "Session",
    "Strategy",
    "StrategyVersion",
    "Visit",
]
