"""A customer with an authenticator, and the codes that her device shows."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from environment.models import Application, ContactCenter
from tests.tools import program
from twofactor.models import Authenticator, Customer
from twofactor.seeds import seed_text
from twofactor.services.authenticators import authenticator_set
from twofactor.services.customers import customer_create
from twofactor.totp import STEP

SEED = b"12345678901234567890"
"""Of RFC 6238's test vectors."""
NOW = 1_700_000_010
"""A time of day at which a step is ten seconds old."""
EMAIL, PHONE = "jane.roe@dental.example.com", "+14155550142"


def a_customer(contact_center: ContactCenter, account: str = "A-1001", **words: object) -> Customer:
    """Jane Roe, with both addresses."""
    values = {"email": EMAIL, "phone": PHONE} | words
    return customer_create(contact_center=contact_center, account=account, **values)  # type: ignore[arg-type]


def enrolled(customer: Customer, seed: bytes = SEED) -> Authenticator:
    """Her authenticator, in use."""
    return authenticator_set(customer, seed)


def two_factor(contact_center: ContactCenter | None, name: str = "Two_Factor") -> Application:
    return Application.objects.create(name=name, contact_center=contact_center, type=Application.Type.TWO_FACTOR)


def at(monkeypatch: pytest.MonkeyPatch, moment: float) -> None:
    """Let our clock show this."""
    monkeypatch.setattr("twofactor.totp.time", SimpleNamespace(time=lambda: moment))


def device(moment: float, seed: bytes = SEED, *, ahead: int = 0) -> str:
    """What Debian's oathtool, which is not ours, shows then; ``ahead``: steps by which its clock is wrong."""
    shown = datetime.fromtimestamp(int(moment) + ahead * STEP, UTC)
    tool = program("oathtool")
    assert tool
    asked = [tool, "--totp", "--base32", f"--now={shown:%Y-%m-%d %H:%M:%S} UTC", "-"]
    return subprocess.run(asked, input=seed_text(seed), capture_output=True, text=True, check=True).stdout.strip()
