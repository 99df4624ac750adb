"""Which contact methods a call may use (reference part E.3), and where their codes go."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from environment.models import Application
from twofactor.destinations import email_read, phone_read
from twofactor.models import Customer, Method
from twofactor.options import internal, settings
from twofactor.selectors.customers import has_authenticator
from twofactor.services.private import Private


def usable_methods(
    application: Application, private: Private, offered: Iterable[tuple[str, str]], *, external: bool, enrolled: bool
) -> list[str]:
    """The usable ones of ``offered`` (method, value or ""), in its order; sets variables and destinations of
    ``private`` as seed 004 says: a value goes into the configured variable, without one the variable is there already.

    ``enrolled``: the customer has an authenticator here.
    """
    found: list[str] = []
    variables = {Method.EMAIL: settings.EMAIL_VARIABLE, Method.SMS: settings.PHONE_VARIABLE}
    for method, value in offered:
        if method in found:
            continue
        if method == Method.AUTHENTICATOR:
            if external or (enrolled and internal.INTERNAL_AUTHENTICATOR.of(application)):
                found.append(method)
            continue
        name = variables[Method(method)].of(application)
        destination = (email_of if method == Method.EMAIL else phone_of)(value or private.variable(name))
        if destination:
            private.destinations[method] = destination
            if value:
                private.set[name] = value
        # The customer's own service knows where it sends.
        if destination or external:
            found.append(method)
    return strict_methods(found) if internal.STRICT.of(application) else found


def methods_of(customer: Customer) -> list[tuple[str, str]]:
    """What a customer who is known here could use: (method, address or number), "" for an authenticator."""
    known = [(Method.EMAIL.value, customer.email), (Method.SMS.value, customer.phone)]
    enrolled = [(Method.AUTHENTICATOR.value, "")] if has_authenticator(customer) else []
    return [(method, value) for method, value in known if value] + enrolled


def strict_methods(found: list[str]) -> list[str]:
    """No e-mail; text messages only beside something better (NIST SP 800-63B-4, F 24)."""
    better = Method.AUTHENTICATOR in found
    return [one for one in found if one == Method.AUTHENTICATOR or (one == Method.SMS and better)]


def email_of(text: str) -> str:
    """An address to which mail can be sent; "" of anything else."""
    try:
        address = email_read(text)
    except ValidationError:
        return ""
    # A name before the @ in other letters needs a mail server that few have; the domain has an ASCII form.
    return address if address.rpartition("@")[0].isascii() else ""


def phone_of(text: str) -> str:
    """A number in E.164; "" of anything that is none. The country code is never guessed: ``+`` or ``00`` begins it."""
    written = text.strip()
    try:
        return phone_read(f"+{written[2:]}" if written.startswith("00") else written)
    except ValidationError:
        return ""
