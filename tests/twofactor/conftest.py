"""Two-factor applications."""

from __future__ import annotations

import pytest

from environment.models import Application, ContactCenter
from tests.twofactor.sending import reachable, setting, two_factor


@pytest.fixture
def office(t100: ContactCenter) -> Application:
    """Contact center one's two-factor application, which may send to this machine."""
    application = two_factor(t100)
    reachable()
    setting(application, "email-from", "codes@bank.example", "two-factor")
    setting(application, "product-name", "Bank", "two-factor")
    return application
