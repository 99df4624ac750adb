"""Doors of the History API."""

from __future__ import annotations

import pytest

from environment.models import Application, ContactCenter
from tests.history.asking import PAIR, server
from tests.history.visiting import populate


@pytest.fixture
def shop(t100: ContactCenter) -> Application:
    """Contact center one's door, empty."""
    return server("GWE", t100, PAIR)


@pytest.fixture
def world(shop: Application) -> Application:
    """The same, with the two visits of ``visiting``."""
    populate()
    return shop
