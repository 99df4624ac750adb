"""Client authentication (RFC 6749 §2.3, §3.2.1)."""

from __future__ import annotations

import base64
import binascii
from typing import Any, NoReturn
from urllib.parse import unquote_plus

from accounts.services import lockout
from activity.services import event_record
from config.context import current
from config.http.errors import BadRequest
from config.principal import Principal
from oauthapi.client_secrets import secret_matches
from oauthapi.errors import InvalidClient, UnauthorizedClient
from oauthapi.selectors import ClientFacts, client_facts


class ClientRules:
    """Who the client is. ``request.client`` becomes the row, ``request.facts`` what else is known of it."""

    def _load_application(self, client_id: str, request: Any) -> ClientFacts | None:
        """Looked up by id in the database only; never fetched from a metadata URL."""
        facts = client_facts(client_id or "")
        request.facts = facts
        request.client = facts.row if facts else None
        return facts

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """True when a secret was sent, or the named client is confidential or unknown."""
        if _basic_pairs(request) or request.client_secret:
            return True
        facts = self._load_application(request.client_id, request)
        return facts is None or not facts.row.is_public

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Basic (raw pair first, then form-decoded) or secret in the form, never both. Raises InvalidClient."""
        pairs = _basic_pairs(request)
        if pairs and request.client_secret:
            raise BadRequest("Use one method of client authentication, not two.", field="client_secret")
        if not pairs and request.client_secret:
            pairs = [(request.client_id or "", request.client_secret)]
        if not pairs:
            self._require_secret_grant(request)
            refuse(request.client_id or "", "no client authentication", basic=False)
        return self._prove(request, pairs, basic=not request.client_secret)

    def _require_secret_grant(self, request: Any) -> None:
        """A public client that asks for a grant which rests on a secret lacks the grant, not the secret."""
        facts = self._load_application(request.client_id, request)
        if facts and facts.row.is_public and request.grant_type == "client_credentials":
            raise UnauthorizedClient(reason="a public client has no client credentials")

    def _prove(self, request: Any, pairs: list[tuple[str, str]], *, basic: bool) -> bool:
        named = pairs[0][0]
        counted: dict[str, list[lockout.Limit]] = {}
        for client_id, secret in pairs:
            facts = self._load_application(client_id, request)
            counted[client_id] = limits_of_client(client_id, known=facts is not None)
            if lockout.any_refused(counted[client_id]):
                refuse(named, f"locked: {client_id} failed too often from here", basic=basic, facts=facts)
            # Every pair is hashed, whoever it names: the time tells neither unknown clients nor mixed ones apart.
            right = secret_matches(facts.row if facts else None, secret)
            if facts and right and request.client_id in (None, client_id):
                request.client_id = client_id
                _introduce(facts)
                return True
        for limit in dict.fromkeys(limit for limits in counted.values() for limit in limits):
            lockout.failure_count(limit)
        mixed = request.client_id and request.client_id not in [client_id for client_id, _ in pairs]
        reason = "client_id is not the Basic client's" if mixed else _why(request)
        return refuse(named, reason, basic=basic, facts=request.facts)

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        """A public client proves nothing but says who it is."""
        facts = request.facts if request.client else self._load_application(client_id, request)
        if facts is None or not facts.row.is_public:
            return False
        _introduce(facts)
        return True

    def validate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Whether the authorize request names an enabled client."""
        return self._load_application(client_id, request) is not None


def limits_of_client(client_id: str, *, known: bool) -> list[lockout.Limit]:
    """Every id that is compared (raw, form-decoded) has its own counter, known or not; made-up ids count together too,
    and only they are stopped by that: nobody locks another's client out with them.
    """
    address = current().address
    own = lockout.client_limit(client_id, address)
    return [own] if known else [own, lockout.clients_limit(address)]


def _introduce(facts: ClientFacts) -> None:
    """Let log, CORS and events know which client asks."""
    current().principal = Principal(
        kind="client",
        name=facts.row.client_id,
        client_id=facts.row.client_id,
        proof="none" if facts.row.is_public else "basic",
        contact_center_ids=facts.contact_center_ids,
    )


def refuse(client_id: str, reason: str, *, basic: bool, facts: ClientFacts | None = None) -> NoReturn:
    """Record why, for the client's owner to find, and raise the one public refusal."""
    owner = facts.row.owner_id if facts else None
    event_record(
        name="client-authentication",
        outcome="refused",
        refusal=reason,
        client_id=client_id,
        contact_center_id=owner,
    )
    raise InvalidClient(presented=basic, reason=reason)


def _why(request: Any) -> str:
    return "wrong client secret" if request.client else "unknown or disabled client"


def _basic_pairs(request: Any) -> list[tuple[str, str]]:
    """The pair of a Basic header: as it stands (the vendor's clients, curl), then form-decoded (§2.3.1)."""
    scheme, _, value = (request.headers.get("Authorization") or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        raw = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return [("", "")]
    client_id, _, secret = raw.partition(":")
    decoded = (unquote_plus(client_id), unquote_plus(secret))
    return [(client_id, secret)] if decoded == (client_id, secret) else [(client_id, secret), decoded]
