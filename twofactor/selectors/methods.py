"""By which methods a customer can be reached, as his application's settings allow."""

from __future__ import annotations

from environment.models import Application
from twofactor.models import Authenticator, Customer
from twofactor.models.sessions import Method
from twofactor.options import settings


def verified_methods(application: Application, customer: Customer | None) -> tuple[tuple[str, str], ...]:
    """(``Method`` value, address or "") in the order of the menu; nothing for nobody, at the same cost.

    With ``strict`` no e-mail, and text messages only beside an authenticator (part F 24).
    """
    # Asked for nobody too: the time tells nothing.
    enrolled = Authenticator.objects.filter(customer=customer.pk if customer else 0, confirmed_at__isnull=False)
    authenticator = enrolled.exists() and settings.INTERNAL_AUTHENTICATOR.of(application)
    strict = settings.STRICT.of(application)
    if customer is None:
        return ()
    found = []
    if customer.email and not strict:
        found.append((Method.EMAIL.value, customer.email))
    if customer.phone and (authenticator or not strict):
        found.append((Method.SMS.value, customer.phone))
    if authenticator:
        found.append((Method.AUTHENTICATOR.value, ""))
    return tuple(found)
