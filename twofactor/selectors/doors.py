"""Which two-factor application a proof opens: the same answer for the REST, VoiceXML and XML faces."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from config.encryption import keyed_hashes
from config.http.errors import InsufficientScope, NotFound
from config.principal import Principal
from environment.models import Application
from twofactor.models import Caller, CapabilityKey

SCOPE = "twofactor"
"""The scope without which no bearer runs a session."""
KEY_PURPOSE = "two-factor-capability-key"
LONGEST_KEY = 128
"""Characters of a key; what is longer is none."""
NO_DOOR = "There is no such application, or this proof may not use it."
USE_STAMPED = timedelta(minutes=1)
"""A key's last use is written at most this often."""


def doors() -> QuerySet[Application]:
    """The applications that answer: of the two-factor type, enabled, of an enabled contact center."""
    rows = Application.objects.filter(type=Application.Type.TWO_FACTOR, enabled=True, contact_center__enabled=True)
    return rows.select_related("contact_center")


def door(name: str, principal: Principal) -> Application:
    """The application called ``name``, when this proof may use it.

    A Basic credential is bound to it; a client's own bearer has the scope, and the application's contact center is one
    of the client's. Raises InsufficientScope for a bearer without the scope, and NotFound for all else: who is not
    allowed learns nothing of what there is.
    """
    if principal.proof == "bearer" and SCOPE not in principal.scopes:
        raise InsufficientScope(
            f"The access token lacks the scope '{SCOPE}'.", scope=SCOPE, reason=f"scopes {sorted(principal.scopes)}"
        )
    # Of a credential too: it may have moved since it was bound.
    rows = doors().filter(name=name, contact_center__in=principal.contact_center_ids)
    if principal.kind == "credential":
        bound = Caller.objects.filter(application=OuterRef("pk"), credential=principal.credential_id)
        rows = rows.filter(Exists(bound))
    elif principal.kind != "client":
        rows = rows.none()
    application = rows.first()
    if application is None:
        raise NotFound(NO_DOOR, reason=f"no enabled application of this name is open to this {principal.kind}")
    return application


def door_of_key(key: str, *, address: str) -> CapabilityKey:
    """The enabled key of these characters, with its application, for a call from ``address``.

    Hashes carry the id of the key that made them, so the lookup is for the hash under every key of the ring: one
    indexed statement. Raises NotFound, for a key from elsewhere too.
    """
    known = None
    if key and len(key) <= LONGEST_KEY:
        hashes = keyed_hashes(key.encode(errors="backslashreplace"), purpose=KEY_PURPOSE)
        rows = CapabilityKey.objects.select_related("application__contact_center")
        known = rows.filter(key_hash__in=hashes, enabled=True, application__in=doors()).first()
    if known is None:
        raise NotFound(reason="no enabled key of an enabled two-factor application")
    if known.source_networks and not _comes_from(known.source_networks, address):
        raise NotFound(reason=f"the key {known.name} may not come from {address or 'nowhere'}")
    return known


def use_is_stale(key: CapabilityKey) -> bool:
    """Whether the time of its last use is to be written again."""
    return key.last_used_at is None or timezone.now() - key.last_used_at > USE_STAMPED


def opener_of(principal: Principal) -> str:
    """Who opened a session, as its row keeps it; only the same may go on: ``credential:7``, ``client:desk``."""
    if principal.kind == "client":
        return f"client:{principal.client_id}"
    if principal.kind == "user":
        return f"user:{principal.user_id}"
    return f"credential:{principal.credential_id}"


def _comes_from(networks: list[str], address: str) -> bool:
    try:
        source = ip_address(address)
    except ValueError:
        return False
    return any(source in ip_network(network, strict=False) for network in networks)
