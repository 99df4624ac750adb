"""What tests of deliveries share: an application with options, and a message."""

from __future__ import annotations

from typing import Any

from environment.models import Application, ContactCenter
from environment.services import application_create, option_set
from twofactor.delivery.messages import CodeMessage
from twofactor.models import Method

CODE = "314159"
EMAIL = "jo@customer.example"
PHONE = "+14155550142"


def two_factor(center: ContactCenter, name: str = "TwoFactor") -> Application:
    return application_create(name=name, type=Application.Type.TWO_FACTOR, contact_center=center)


def setting(application: Application | None, name: str, value: object, section: str = "server-settings") -> None:
    option_set(holder=application, section=section, name=name, value=str(value))


def reachable(*hosts: str) -> None:
    """Let the installation send there, without TLS too."""
    setting(None, "outgoing-hosts", ", ".join(("127.0.0.0/8", *hosts)), "two-factor")
    setting(None, "allow-http", "true", "two-factor")


def message(application: Application, method: Method = Method.EMAIL, **words: Any) -> CodeMessage:
    to = EMAIL if method == Method.EMAIL else PHONE
    known: dict[str, Any] = {"application": application, "method": method, "to": to, "code": CODE}
    return CodeMessage(**known | words)


def home(application: Application) -> ContactCenter:
    """The application's contact center."""
    center = application.contact_center
    assert center is not None
    return center
