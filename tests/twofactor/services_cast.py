"""A two-factor application, who may use it, and how tests ask its XML services."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.test import Client

from accounts.models import BasicCredential, Role
from environment.models import Application, ContactCenter
from environment.services import application_create, options_set_many
from tests.accounts.configuring import register
from tests.cast import basic
from twofactor.models import Caller, CapabilityKey, Customer
from twofactor.services.callers import caller_create, capability_key_create

WORD = "open-sesame-42"
FORM = "application/x-www-form-urlencoded"
SERVICES = "/twofactor/services"
CHECK, SEND, VERIFY = "checkVerifiedContactMethods", "sendAuthenticationCode", "codeAuthentication"
ROOTS = (CHECK, SEND, VERIFY)
WHO = {"AccountNumber": "4711", "sessionId": "s-1", "CLI": "+14155550142", "DNIS": "800", "IsTestCall": "true"}
WHOLE = WHO | {"TwoFactorAuthSelectedMethod": "Email", "authCode_nbest1": "123456"}


def two_factor(contact_center: ContactCenter | None, name: str = "Bank", **options: str) -> Application:
    """A two-factor application with these options of its section."""
    application = application_create(name=name, type=Application.Type.TWO_FACTOR, contact_center=contact_center)
    if options:
        put(application, **options)
    return application


def put(holder: Application | None, section: str = "two-factor", **options: str) -> None:
    """Set options; their names' hyphens are written as underscores."""
    options_set_many(holder=holder, values={(section, name.replace("_", "-")): text for name, text in options.items()})


def machine(contact_center: ContactCenter, name: str = "ivr") -> BasicCredential:
    """A credential of the contact center, with a role that may nothing."""
    role, _ = Role.objects.get_or_create(name="IVR", contact_center=contact_center)
    return register(contact_center, role, name, password=WORD)


def center_of(application: Application) -> ContactCenter:
    """Its contact center, which a test's application has."""
    assert application.contact_center
    return application.contact_center


def bound(application: Application, name: str = "ivr") -> BasicCredential:
    """A credential that may use the application."""
    credential = machine(center_of(application), name)
    caller_create(Caller(application=application, credential=credential))
    return credential


def key_of(application: Application, name: str = "web", **fields: Any) -> tuple[CapabilityKey, str]:
    """A new key, and its characters."""
    return capability_key_create(CapabilityKey(application=application, name=name, **fields))


def customer(contact_center: ContactCenter, account: str = "4711", **fields: Any) -> Customer:
    """A customer as an administrator left him."""
    return Customer.objects.create(contact_center=contact_center, account=account, **fields)


def ask(
    service: str = CHECK, where: str = "Bank", *, sent: Any = WHOLE, method: str = "POST", who: str = "ivr", **more: Any
) -> Any:
    """One call; ``sent`` is a form, or the very body; ``who`` is nobody when empty."""
    headers = {"Authorization": basic(who, more.pop("word", WORD))} if who else {}
    body = urlencode(sent) if isinstance(sent, dict) else sent
    path = f"{SERVICES}/{where}/{service}"
    if method == "GET":
        path, body = f"{path}?{body}", ""
    http = Client(raise_request_exception=False)
    headers |= more.pop("headers", {})
    return http.generic(method, path, body, content_type=more.pop("media", FORM), headers=headers, **more)
