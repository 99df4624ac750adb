"""E-mail over real SMTP: aiosmtpd, and servers whose every byte is written by hand."""

from __future__ import annotations

import pytest

from environment.models import Application
from tests.twofactor.mail_server import mail_server
from tests.twofactor.sending import CODE, message, setting
from twofactor.delivery.delivering import deliver
from twofactor.delivery.messages import Verdict
from twofactor.models import Delivery

pytestmark = pytest.mark.django_db


def test_a_code_arrives(office: Application):
    with mail_server() as inbox:
        setting(office, "Email.SMTP.Host", "127.0.0.1")
        setting(office, "Email.SMTP.Port", inbox.port)
        assert deliver(message(office), seconds=5) == Verdict.ACCEPTED
    assert CODE in inbox.got[0].content.decode()
    assert Delivery.objects.get().outcome == "accepted"
