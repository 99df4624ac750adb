"""Storing what was decided: the one place where tokens come to be, and where ID tokens are minted for every grant.

oauthlib serializes the token dict after this, so it may still be changed here. Decisions are made inside
``atomic``, refusals raised outside it: the evidence of a refusal must survive it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NoReturn

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.selectors import installation_epoch, principal_of_user
from activity.services import event_record
from config.context import current
from oauthapi.errors import InvalidClient, InvalidGrant
from oauthapi.id_tokens import id_token_of
from oauthapi.models import AccessToken, AuthorizationCode, RefreshToken, TokenFamily
from oauthapi.selectors import client_facts, token_hash
from oauthapi.services.families import family_revoke, family_rotate
from oauthapi.tokens import successors_under

_WITHOUT_EVENT = frozenset(("client_credentials", "refresh_token"))
"""Machines ask by the thousand and their token rows tell it already: no second row on the hot path."""


class SavingRules:
    """A table from grant to how its tokens are stored."""

    def save_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """oauthlib's name for it."""
        self.save_bearer_token(token, request, *args, **kwargs)

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """Store the tokens of this answer. Raises InvalidGrant for a replayed code or a reused
        refresh token, InvalidClient when the client, InvalidGrant when the user was deleted meanwhile.
        """
        grant = "implicit" if request.response_type == "token" else request.grant_type
        request.scopes = list(dict.fromkeys(request.scopes))
        token["scope"] = " ".join(request.scopes)
        token["token_type"] = "bearer"  # noqa: S105 - the vendor's scripts compare it exactly
        token["expires_in"] = int(token["expires_in"])
        try:
            _SAVE[grant](token, request)
        except IntegrityError as gone:
            if client_facts(request.client.client_id) is None:
                raise InvalidClient(reason="the client was deleted meanwhile") from gone
            raise InvalidGrant(reason=f"what the grant rests on was deleted meanwhile: {gone}") from gone
        family: TokenFamily | None = getattr(request, "family", None)
        # Not from authorize: the metadata offers no response type with an ID token.
        if family is not None and family.user_id and "openid" in request.scopes and grant != "implicit":
            token["id_token"] = id_token_of(family, request.user, request.client, token["access_token"])
        user = getattr(request, "user", None)
        if user is not None:
            current().principal = principal_of_user(user, proof="bearer", client_id=request.client.client_id)
        if grant not in _WITHOUT_EVENT:
            event_record(
                name="token",
                client_id=request.client.client_id,
                user_name=str(user or ""),
                contact_center_id=user.contact_center_id if user else None,
                detail={"grant": grant, "scope": token.get("scope", "")},
            )


def _save_code(token: dict[str, Any], request: Any) -> None:
    code: AuthorizationCode = request.code_row
    with transaction.atomic():
        family = _begin(
            token,
            request,
            grant="authorization_code",
            user_epoch=code.user_epoch,
            epoch=code.installation_epoch,
            auth_time=code.auth_time,
            nonce=code.nonce,
        )
        # A replay between burn and here left its mark; then nothing of this lives (RFC 6749 §4.1.2).
        kept = AuthorizationCode.objects.filter(pk=code.pk, replayed_at__isnull=True).update(family=family)
        if not kept:
            transaction.set_rollback(True)
    if not kept:
        event_record(
            name="code",
            outcome="refused",
            refusal="the code was replayed meanwhile",
            client_id=request.client.client_id,
            user_name=str(code.user),
        )
        raise InvalidGrant(reason="the code was replayed meanwhile")


def _save_password(token: dict[str, Any], request: Any) -> None:
    proof = request.proof
    with transaction.atomic():
        _begin(
            token,
            request,
            grant=request.grant_type or "implicit",
            user_epoch=proof.user_epoch,
            epoch=proof.installation_epoch,
            auth_time=proof.auth_time,
            nonce=request.nonce or "",
        )


def _save_client(token: dict[str, Any], request: Any) -> None:
    token.pop("refresh_token", None)
    request.user = None
    _insert_access(token, request, family=None, generation=0, epoch=installation_epoch())


def _save_refresh(token: dict[str, Any], request: Any) -> None:
    row: RefreshToken = request.refresh_row
    request.family = row.family
    if not getattr(request, "rotation", None):
        if row.generation != row.family.generation:
            # Rotated away before the client's switch was turned off: used up all the same.
            family_revoke(row.family_id, because="refresh token reused")
            _refuse_reuse(request, row)
        token["refresh_token"] = request.refresh_token
        with transaction.atomic():
            _insert_access(
                token, request, family=row.family, generation=row.generation, epoch=row.family.installation_epoch
            )
            _outlive(row.family, token["expires_in"])
        return
    with transaction.atomic():
        outcome = family_rotate(row.family_id, presented_generation=row.generation)
        if outcome == "rotated":
            _insert_access(
                token, request, family=row.family, generation=row.generation + 1, epoch=row.family.installation_epoch
            )
            _insert_refresh(token, request, family=row.family, generation=row.generation + 1, scope=row.scope)
            _outlive(row.family, max(token["expires_in"], request.client.refresh_token_lifetime))
        elif outcome == "reused":
            family_revoke(row.family_id, because="refresh token reused")
    if outcome == "repeated":
        _repeat(token, request)
    elif outcome == "reused":
        _refuse_reuse(request, row)


def _refuse_reuse(request: Any, row: RefreshToken) -> NoReturn:
    """Record it and refuse, outside the transaction that revoked the family."""
    event_record(
        name="refresh-reuse",
        outcome="refused",
        refusal="a used refresh token came again: family revoked",
        client_id=request.client.client_id,
        user_name=str(row.user or ""),
        contact_center_id=row.user.contact_center_id if row.user else None,
    )
    raise InvalidGrant(reason="a used refresh token came again: its family is revoked")


def _repeat(token: dict[str, Any], request: Any) -> None:
    """The same pair as the first answer, with the scope and the rest of the life that the stored rows have."""
    candidates = list(zip(successors_under(request, "access"), successors_under(request, "refresh"), strict=True))
    hashes = {token_hash(access): (access, refresh) for access, refresh in candidates}
    stored = AccessToken.objects.filter(token_hash__in=hashes, family_id=request.family.pk).first()
    if stored is None:
        raise InvalidGrant(reason="the successors of this refresh token are gone")
    token["access_token"], token["refresh_token"] = hashes[stored.token_hash]
    token["scope"] = stored.scope
    token["expires_in"] = max(1, int((stored.expires_at - timezone.now()).total_seconds()))
    request.scopes = stored.scope.split()


def _begin(
    token: dict[str, Any], request: Any, *, grant: str, user_epoch: int, epoch: int, auth_time: Any, nonce: str
) -> TokenFamily:
    """A new family with its first tokens; a refresh token only for clients that may use one."""
    if not request.client.has_grant("refresh_token") or grant == "implicit":
        token.pop("refresh_token", None)
    seconds = max(token["expires_in"], request.client.refresh_token_lifetime if "refresh_token" in token else 0)
    family = TokenFamily.objects.create(
        client=request.client,
        user=request.user,
        user_epoch=user_epoch,
        installation_epoch=epoch,
        grant=grant,
        scope=" ".join(request.scopes),
        auth_time=auth_time,
        nonce=nonce,
        ends_at=timezone.now() + timedelta(seconds=seconds),
    )
    request.family = family
    _insert_access(token, request, family=family, generation=0, epoch=epoch)
    if "refresh_token" in token:
        _insert_refresh(token, request, family=family, generation=0, scope=family.scope)
    return family


def _insert_access(
    token: dict[str, Any], request: Any, *, family: TokenFamily | None, generation: int, epoch: int
) -> None:
    now = timezone.now()
    AccessToken.objects.create(
        token_hash=token_hash(token["access_token"]),
        family=family,
        generation=generation,
        client=request.client,
        user=request.user,
        installation_epoch=epoch,
        scope=" ".join(request.scopes),
        issued_at=now,
        expires_at=now + timedelta(seconds=token["expires_in"]),
    )


def _insert_refresh(token: dict[str, Any], request: Any, *, family: TokenFamily, generation: int, scope: str) -> None:
    now = timezone.now()
    ends = now + timedelta(seconds=request.client.refresh_token_lifetime)
    RefreshToken.objects.create(
        token_hash=token_hash(token["refresh_token"]),
        family=family,
        generation=generation,
        client=request.client,
        user=request.user,
        scope=scope,
        issued_at=now,
        expires_at=ends,
    )


def _outlive(family: TokenFamily, seconds: int) -> None:
    """The family's row lives as long as its youngest token. A day ahead, so that not every refresh writes it."""
    ends = timezone.now() + timedelta(seconds=seconds)
    if family.ends_at < ends:
        ahead = ends + timedelta(days=1)
        TokenFamily.objects.filter(pk=family.pk, ends_at__lt=ahead).update(ends_at=ahead)


_SAVE = {
    "authorization_code": _save_code,
    "password": _save_password,
    "implicit": _save_password,
    "client_credentials": _save_client,
    "refresh_token": _save_refresh,
}
