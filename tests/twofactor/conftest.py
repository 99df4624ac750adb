"""Two-factor applications."""

from __future__ import annotations

import pytest

from accounts.models import BasicCredential, Role
from accounts.services.credentials import credential_create
from environment.models import Application, ContactCenter
from tests.cast import PASSWORD, basic
from tests.twofactor.sending import reachable, setting, two_factor


@pytest.fixture
def office(t100: ContactCenter) -> Application:
    """Contact center one's two-factor application, which may send to this machine."""
    application = two_factor(t100)
    reachable()
    setting(application, "email-from", "codes@bank.example", "two-factor")
    setting(application, "product-name", "Bank", "two-factor")
    return application


@pytest.fixture
def ops(db: None, encoded_password: str) -> dict[str, str]:
    """The header of the ops credential."""
    credential_create(BasicCredential(name="ops"), password="", encoded_password=encoded_password)
    return {"Authorization": basic("ops", PASSWORD)}


@pytest.fixture
def script(t100: ContactCenter, administrators: Role, encoded_password: str) -> dict[str, str]:
    """The header of a Basic credential of contact center one's administrators."""
    credential = BasicCredential(name="script", contact_center=t100, role=administrators)
    credential_create(credential, password="", encoded_password=encoded_password)
    return {"Authorization": basic("script", PASSWORD)}
