"""RP-Initiated Logout 1.0: what a client's logout request asks, and where the browser may go afterwards."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.utils import timezone

from accounts.models import User
from config.http.errors import BadRequest
from oauthapi.flows.forms import browser_values
from oauthapi.id_tokens import Hint, hint_of, session_ids
from oauthapi.models import TokenFamily
from oauthapi.selectors import client_facts
from oauthapi.services.families import family_revoke

_KNOWN = frozenset(("id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"))
_FAMILIES = 1_000
_log = logging.getLogger("deskgate.sign_out")


@dataclass(frozen=True, slots=True)
class EndSession:
    """A logout request: ``hint`` when its ID token is ours, ``target`` where the browser goes afterwards;
    an unknown or disabled client is "", as is a target that is not registered.
    """

    hint: Hint | None
    client_id: str
    target: str
    params: tuple[tuple[str, str], ...]

    def is_of(self, user: User, proved_at: datetime) -> bool:
        """Whether the ID token is this user's, of an enabled client, and of the session that began at ``proved_at``:
        then he need not be asked (§2). One of an earlier session may be anybody's find.
        """
        hint = self.hint if self.client_id else None
        return hint is not None and hint.subject == user.subject and hint.auth_time >= int(proved_at.timestamp())


def end_session_asked(raw: bytes) -> EndSession:
    """Read a query string or form. Raises BadRequest: a repeated parameter, a client_id that is not the hint's."""
    params = browser_values(raw, _KNOWN)
    hint = hint_of(params.get("id_token_hint", ""))
    client_id = params.get("client_id") or (hint.client_id if hint else "")
    if hint and client_id != hint.client_id:
        raise BadRequest("The ID token was given to another client.", field="client_id")
    facts = client_facts(client_id)
    known = facts.row.post_logout_redirect_uris if facts else []
    target = _target(known, params.get("post_logout_redirect_uri", ""), params.get("state", ""))
    return EndSession(hint, client_id if facts else "", target, tuple(params.items()))


def family_of_hint_revoke(asked: EndSession, user: User) -> None:
    """End the tokens that came with the hint's ID token; those of the user's other sign-ins live on."""
    if asked.hint is None or not asked.hint.session_id:
        return
    alive = TokenFamily.objects.filter(
        user=user, client__client_id=asked.hint.client_id, revoked_at__isnull=True, ends_at__gt=timezone.now()
    )
    for family_id in alive.order_by("-id").values_list("pk", flat=True)[:_FAMILIES]:
        if asked.hint.session_id in session_ids(family_id):
            family_revoke(family_id, because="signed out")
            return


def _target(known: list[str], uri: str, state: str) -> str:
    """The post-logout URI with ``state``, when it is in the client's list exactly (§3); else empty."""
    if not uri:
        return ""
    if uri not in known:
        _log.warning("logout redirect refused: not registered", extra={"redirect_uri": uri[:200]})
        return ""
    if not state:
        return uri
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode({"state": state})]))))
