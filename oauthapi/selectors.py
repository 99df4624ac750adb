"""Reads of clients and tokens on the hot paths: fixed SQL, one statement each, everything else cached under stamps."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from config.context import current
from environment.selectors import Stamps, remember_stamps
from oauthapi.models import AccessToken, ApiClient, TokenFamily
from oauthapi.rules import still_allowed

_CACHED_CLIENTS = 5_000
COUNTED = 10_000
"""Rows that a confirmation counts up to."""


def token_hash(token: str) -> str:
    """SHA-256 of a token or code, hex: all that is kept of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """An enabled client as it is now: the row (read-only, shared by threads) and its contact centers."""

    row: ApiClient
    contact_center_ids: frozenset[UUID]

    def admits(self, contact_center_id: UUID | None) -> bool:
        """Whether a user of this contact center (None: of the installation) may use the client."""
        return not self.contact_center_ids or contact_center_id in self.contact_center_ids


_clients: OrderedDict[str, tuple[int, ClientFacts]] = OrderedDict()
_clients_lock = threading.Lock()

# A client that is bound to contact centers lives as long as one of them is enabled.
_OPEN = """(NOT EXISTS (SELECT 1 FROM oauthapi_apiclient_contact_centers b WHERE b.apiclient_id = c.id)
       OR EXISTS (SELECT 1 FROM oauthapi_apiclient_contact_centers b
                  JOIN environment_contactcenter bc ON bc.id = b.contactcenter_id
                  WHERE b.apiclient_id = c.id AND bc.enabled))"""

_CLIENT_SQL = """
SELECT c.stamp, i.epoch, i.config_stamp FROM oauthapi_apiclient c
JOIN environment_installation i ON i.id = 1
LEFT JOIN environment_contactcenter o ON o.id = c.owner_id
WHERE c.client_id = %s AND c.enabled AND (o.id IS NULL OR o.enabled)
  AND {open}
"""


def client_facts(client_id: str) -> ClientFacts | None:
    """The enabled client of this public id, whose owner is enabled too; None otherwise. One statement when cached."""
    if not client_id or "\x00" in client_id:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_CLIENT_SQL.format(open=_OPEN), [client_id])
        found = cursor.fetchone()
    if found is None:
        return None
    # The rules and limits of this call rest on the installation's options, which are cached under these.
    remember_stamps(Stamps(found[1], found[2], None, False), None)
    return _facts_under(client_id, found[0])


def client_of_request(client_id: str) -> ClientFacts | None:
    """``client_facts``, without a statement when this request's bearer named the client already."""
    kept: ClientFacts | None = current().memo.get(f"client:{client_id}")
    return kept or client_facts(client_id)


def _facts_under(client_id: str, stamp: int) -> ClientFacts | None:
    known = _clients.get(client_id)
    if known and known[0] == stamp:
        return known[1]
    row = ApiClient.objects.filter(client_id=client_id, enabled=True).first()
    if row is None:
        return None
    facts = ClientFacts(row, frozenset(row.contact_centers.values_list("pk", flat=True)))
    with _clients_lock:
        # The stamp was read before the row: a change in between leaves a stale stamp, and the next call reads again.
        _clients[client_id] = (stamp, facts)
        while len(_clients) > _CACHED_CLIENTS:
            _clients.popitem(last=False)
    return facts


def is_client_id(name: str) -> bool:
    """Whether an API client has this id, in any case, enabled or not (``settings.DESKGATE_CLIENT_IDS``)."""
    # By the expression of the unique index: `iexact` is UPPER() on PostgreSQL and scans the table.
    return ApiClient.objects.alias(lowered=Lower("client_id")).filter(lowered=Lower(Value(name))).exists()


def live_grants(clients: Collection[ApiClient]) -> tuple[int, int]:
    """(families, own tokens) of these clients that have not ended, each counted up to ``COUNTED`` + 1."""
    now = timezone.now()
    families = TokenFamily.objects.filter(client__in=clients, revoked_at=None, ends_at__gt=now)
    own = AccessToken.objects.filter(client__in=clients, user=None, revoked_at=None, expires_at__gt=now)
    return families.order_by()[: COUNTED + 1].count(), own.order_by()[: COUNTED + 1].count()


@dataclass(frozen=True, slots=True)
class BearerFacts:
    """A live bearer token and whom it speaks for, with the stamps under which the rest may be cached."""

    token_id: int
    family_id: int | None
    scope: str
    issued_at: datetime
    expires_at: datetime
    auth_time: datetime | None
    grant: str
    client: ClientFacts
    user_id: int | None
    user_stamp: int
    user_name: str
    first_name: str
    last_name: str
    email: str
    employee_id: str
    dbid: int | None
    properties: dict[str, Any]
    contact_center_id: UUID | None
    environment_id: UUID | None
    contact_center_number: int | None

    @property
    def system_name(self) -> str:
        """``username`` of user info; the client's id for its own token."""
        if self.user_id is None:
            return self.client.row.client_id
        return f"{self.user_name}:{self.dbid}:{self.contact_center_id}" if self.contact_center_id else self.user_name

    @property
    def subject(self) -> str:
        """``sub``, equal to the ID token's: see ``User.subject``."""
        if self.user_id is None:
            return self.client.row.client_id
        return f"{self.dbid}:{self.contact_center_id}" if self.contact_center_id else f"{self.user_id}:installation"


# One statement proves it all: not expired, not revoked, everybody enabled, epochs equal.
_BEARER_SQL = """
SELECT t.id, t.family_id, t.scope, t.issued_at, t.expires_at, f.auth_time, f.{grant}, c.client_id, c.stamp,
       u.id, u.stamp, u.user_name, u.first_name, u.last_name, u.email, u.employee_id, u.dbid, u.properties,
       cc.id, cc.environment_id, cc.number, cc.config_stamp, cc.enabled, i.epoch, i.config_stamp
FROM oauthapi_accesstoken t
JOIN oauthapi_apiclient c ON c.id = t.client_id
JOIN environment_installation i ON i.id = 1
LEFT JOIN oauthapi_tokenfamily f ON f.id = t.family_id
LEFT JOIN accounts_user u ON u.id = t.user_id
LEFT JOIN environment_contactcenter cc ON cc.id = u.contact_center_id
LEFT JOIN environment_contactcenter o ON o.id = c.owner_id
WHERE t.token_hash = %s AND t.expires_at > %s AND t.revoked_at IS NULL AND t.installation_epoch = i.epoch
  AND c.enabled AND (o.id IS NULL OR o.enabled) AND (t.user_id IS NOT NULL OR {open})
  AND (t.family_id IS NULL OR f.revoked_at IS NULL)
  AND (t.user_id IS NULL OR (u.enabled AND f.user_epoch = u.epoch AND (cc.id IS NULL OR cc.enabled)))
"""


def bearer_facts(token: str) -> BearerFacts | None:
    """What a live access token says, or None. Fixed SQL: by ORM this costs ten times as much CPU."""
    if not token or len(token) > 512:
        return None
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            _BEARER_SQL.format(grant=connection.ops.quote_name("grant"), open=_OPEN), [token_hash(token), now]
        )
        row = cursor.fetchone()
    if row is None:
        return None
    client = _facts_under(row[7], row[8])
    center = _uuid(row[18])
    if client is None or (row[9] is not None and not client.admits(center)):
        return None
    current().memo[f"client:{client.row.client_id}"] = client
    remember_stamps(Stamps(row[23], row[24], row[21], bool(row[22])), center)
    return BearerFacts(
        token_id=row[0],
        family_id=row[1],
        scope=still_allowed(row[2], client.row.scopes),
        issued_at=_moment(row[3]),
        expires_at=_moment(row[4]),
        auth_time=_moment(row[5]) if row[5] else None,
        grant=row[6] or "client_credentials",
        client=client,
        user_id=row[9],
        user_stamp=row[10] or 0,
        user_name=row[11] or "",
        first_name=row[12] or "",
        last_name=row[13] or "",
        email=row[14] or "",
        employee_id=row[15] or "",
        dbid=row[16],
        properties=_json(row[17]),
        contact_center_id=center,
        environment_id=_uuid(row[19]),
        contact_center_number=row[20],
    )


def _uuid(value: object) -> UUID | None:
    """PostgreSQL gives a UUID, SQLite its 32 hex digits."""
    return value if isinstance(value, UUID) or value is None else UUID(str(value))


def _moment(value: Any) -> datetime:
    """PostgreSQL gives a datetime, SQLite a text without zone, which is UTC."""
    if isinstance(value, datetime):
        return value
    parsed = parse_datetime(value)
    if parsed is None:
        raise ValueError(f"not a time: {value!r}")
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.get_default_timezone())


def _json(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, (str, bytes)) else value
    return found if isinstance(found, dict) else {}
