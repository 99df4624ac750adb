"""Two-factor applications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import BasicCredential, Role
from accounts.services.credentials import credential_create
from environment.models import Application, ContactCenter
from tests.cast import PASSWORD, basic
from tests.twofactor.customer_cast import SEED
from tests.twofactor.mail_server import Inbox, mail_server
from tests.twofactor.playing import Ivr, by_outbox, ivr_of, unlimited
from tests.twofactor.sending import EMAIL, PHONE, reachable, setting, two_factor
from tests.twofactor.vxml_cast import configure, ivr_entry
from twofactor.models import Customer
from twofactor.services.authenticators import authenticator_set

"""Of customers 1000 and 1001, as in the demo."""


@pytest.fixture
def office(t100: ContactCenter) -> Application:
    """Contact center one's two-factor application, which may send to this machine."""
    application = two_factor(t100)
    reachable()
    setting(application, "email-from", "codes@bank.example", "two-factor")
    setting(application, "product-name", "Bank", "two-factor")
    return application


@pytest.fixture
def self_service(office: Application, settings: Any) -> Application:
    """The application with the demo's customers, whose codes go into the outbox; no limits but the call's own."""
    settings.DESKGATE_MODE = "demo"
    by_outbox(office)
    unlimited(office)
    center = office.contact_center
    assert center
    customers = {
        name: Customer.objects.create(contact_center=center, account=name, **words)
        for name, words in {
            "1000": {"email": EMAIL, "phone": PHONE},
            "1001": {},
            "1002": {"email": EMAIL},
            "1003": {},
        }.items()
    }
    for name in ("1000", "1001"):
        authenticator_set(customers[name], SEED)
    return office


@pytest.fixture
def ivr(self_service: Application, encoded_password: str) -> Ivr:
    """Its IVR."""
    return ivr_of(self_service, encoded_password)


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


@pytest.fixture
def inbox(office: Application) -> Iterator[Inbox]:
    """The mail server of the office."""
    with mail_server() as inbox:
        setting(office, "Email.SMTP.Host", "127.0.0.1")
        setting(office, "Email.SMTP.Port", inbox.port)
        yield inbox


@pytest.fixture
def entry(office: Application) -> str:
    """Where the IVR enters its VoiceXML face, with its pair in the address; a code may follow the other at once."""
    configure(office, section="two-factor-limits", resend_cool_down=0, destination_pause=0)
    return ivr_entry(office)
