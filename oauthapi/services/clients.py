"""API clients: made, changed, given another secret, deleted; the admin, REST and provisioning files all come here.

Every write replaces the client's stamp, so that the next request in every worker reads it anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from activity.services import change_record, snapshot
from config.context import current
from config.policy import require, visible
from config.stamps import new_stamp
from environment.errors import NameTaken
from environment.models import ContactCenter
from environment.options import check_origin
from environment.services.objects import changed_fields
from oauthapi.client_secrets import secret_encode, secret_generate, secret_is_present
from oauthapi.models import ApiClient
from oauthapi.services.client_limits import require_same_height, require_within_limits

LONGEST_SECRET = 512
"""Characters."""
_LISTS = ("grants", "scopes", "authorities", "redirect_uris", "post_logout_redirect_uris", "allowed_origins")
_WRITTEN_ELSEWHERE = {"secret_hash", "secret_set_at", "previous_secret_hash", "previous_secret_until", "stamp"}
"""Fields with a service of their own: a form opened earlier must not write an old value back."""


def client_create(
    *,
    client_id: str,
    secret: str | None = None,
    contact_centers: Iterable[ContactCenter] = (),
    encoded_secret: str | None = None,
    reason: str | None = None,
    **fields: Any,
) -> tuple[ApiClient, str]:
    """Make a client; return it with its secret in clear, which is told once ("" for a public client).

    ``secret`` is one that a person chose, ``encoded_secret`` its hash when that was made beforehand; None lets us
    generate one. A contact center's administrator makes clients
    of his own contact center only, which is taken when none is named. Raises ValidationError by field, Forbidden,
    NameTaken.
    """
    chosen = list(contact_centers)
    client = ApiClient(client_id=client_id, **fields)
    _bind_to_caller(client, chosen)
    plain = _first_secret(client, secret)
    client.secret_hash = (encoded_secret or secret_encode(plain)) if plain else ""
    client.secret_set_at = timezone.now() if plain else None
    require("write", client)
    _clean(client)
    require_within_limits(client, None, contact_center_ids=_keys(chosen))
    try:
        with transaction.atomic():
            client.save(force_insert=True)
            client.contact_centers.set(chosen)
            change_record(action="create", obj=client, before={}, after=snapshot(client), reason=reason)
    except IntegrityError as rival:
        raise NameTaken(field="client_id", reason=str(rival)) from rival
    return client, plain


def client_update(
    client: ApiClient,
    *,
    contact_centers: Iterable[ContactCenter] | None = None,
    secret: str | None = None,
    reason: str | None = None,
) -> ApiClient:
    """Store a changed client. Writes nothing when all is the same.

    ``contact_centers`` is its whole new list; stored ones that the caller may not see stay, for he cannot have meant
    to drop them. ``secret`` replaces its secret in the same transaction; the previous one ends at once.

    Disabling holds on the next request of every token. A client made public loses its secrets. Raises
    ValidationError by field, Forbidden, NameTaken.
    """
    encoded = _encoded_anew(client, secret)
    try:
        with transaction.atomic():
            old = ApiClient.objects.select_for_update().get(pk=client.pk)
            before, listed = snapshot(old), list(old.contact_centers.all())
            chosen = listed if contact_centers is None else [*_unseen(old), *contact_centers]
            _require_change(client, old, chosen)
            fields = [name for name in changed_fields(client, old) if name not in _WRITTEN_ELSEWHERE]
            if not fields and not encoded and _keys(chosen) == _keys(listed):
                return client
            _write(client, fields, encoded)
            client.contact_centers.set(chosen)
            client.refresh_from_db()
            # What its authorities mean follows from its contact centers: judged again; a refusal undoes it all.
            require("write", client)
            _record_update(client, before, reason, secret_changed=bool(encoded))
    except IntegrityError as rival:
        raise NameTaken(field="client_id", reason=str(rival)) from rival
    return client


def client_secret_rotate(
    client: ApiClient, *, keep_previous: timedelta, secret: str | None = None, reason: str | None = None
) -> str:
    """Give the client another secret and return it, told once; the old one stays good for ``keep_previous``.

    Raises ValidationError for a public client or a secret that cannot be taken, Forbidden.
    """
    _require_hold(ApiClient.objects.get(pk=client.pk))  # before the slow hash, and again under the lock
    if client.is_public:
        raise ValidationError({"client_type": "A public client has no secret."})
    plain = _checked_secret(secret) if secret is not None else secret_generate()
    encoded, now = secret_encode(plain), timezone.now()
    with transaction.atomic():
        old = ApiClient.objects.select_for_update().get(pk=client.pk)
        _require_hold(old)
        kept = old.secret_hash if keep_previous > timedelta() else ""
        ApiClient.objects.filter(pk=client.pk).update(
            secret_hash=encoded,
            secret_set_at=now,
            previous_secret_hash=kept,
            previous_secret_until=now + keep_previous if kept else None,
            stamp=new_stamp(),
        )
        client.refresh_from_db()
        _record_update(client, snapshot(old), reason, secret_changed=True)
    return plain


def client_delete(client: ApiClient, *, reason: str | None = None) -> None:
    """Delete a client; its tokens, codes and consents end with it. Raises Forbidden."""
    with transaction.atomic():
        _require_hold(ApiClient.objects.select_for_update().get(pk=client.pk))
        change_record(action="delete", obj=client, before=snapshot(client), after={}, reason=reason)
        client.delete()


def _bind_to_caller(client: ApiClient, chosen: list[ContactCenter]) -> None:
    """Whoever has rights in one contact center only means that one when he names none."""
    principal = current().principal
    if principal.everywhere or len(principal.contact_center_ids) != 1:
        return
    (own,) = principal.contact_center_ids
    if client.owner_id is None:
        client.owner_id = own
    if not chosen:
        chosen.extend(ContactCenter.objects.filter(pk=own))


def _require_change(client: ApiClient, old: ApiClient, chosen: list[ContactCenter]) -> None:
    _require_hold(old)
    _clean(client)
    require_within_limits(client, old, contact_center_ids=_keys(chosen))
    require("write", client)


def _require_hold(stored: ApiClient) -> None:
    """The one who asks may write the client as the database has it, and it reaches no further than he does."""
    require("write", stored)
    require_same_height(stored)


def _unseen(stored: ApiClient) -> list[ContactCenter]:
    seen = visible(current().principal, ContactCenter.objects.all())
    return list(stored.contact_centers.exclude(pk__in=seen.values("pk")))


def _record_update(client: ApiClient, before: dict[str, Any], reason: str | None, *, secret_changed: bool) -> None:
    changed = ("secret_hash",) if secret_changed else ()
    after = snapshot(client)
    change_record(action="update", obj=client, before=before, after=after, reason=reason, secret_changed=changed)


def _encoded_anew(client: ApiClient, secret: str | None) -> str:
    """What is stored of a secret to replace the client's; "" for none, or when it has this one already.

    Slow: call it outside the transaction.
    """
    if secret is None:
        return ""
    stored = ApiClient.objects.get(pk=client.pk)
    _require_hold(stored)
    plain = _first_secret(client, secret)
    return secret_encode(plain) if plain and not secret_is_present(stored, plain) else ""


def _write(client: ApiClient, fields: list[str], encoded: str) -> None:
    client.stamp = new_stamp()
    if client.is_public or encoded:
        client.secret_hash, client.secret_set_at = encoded, timezone.now() if encoded else None
        client.previous_secret_hash, client.previous_secret_until = "", None
        fields = [*fields, "secret_hash", "secret_set_at", "previous_secret_hash", "previous_secret_until"]
    client.save(update_fields=[*dict.fromkeys(fields), "stamp"])


def _clean(client: ApiClient) -> None:
    odd = [name for name in _LISTS if not isinstance(getattr(client, name), list)]
    if odd:
        # Empty values of other types pass by the fields' own validators.
        raise ValidationError(dict.fromkeys(odd, "This is a list of names."))
    client.clean_fields()  # by itself first: the checks between fields rely on each one's type
    client.full_clean()
    faults: dict[str, list[str]] = {}
    for origin in client.allowed_origins:
        try:
            check_origin(origin)
        except ValidationError as fault:
            faults.setdefault("allowed_origins", []).extend(fault.messages)
    if User.objects.filter(login_key=client.client_id.casefold()).exists():
        # Both are told as `username`: one name never stands for two. Users of contact centers have colons in theirs.
        faults["client_id"] = ["A user has this name."]
    if faults:
        raise ValidationError(faults)


def _first_secret(client: ApiClient, secret: str | None) -> str:
    if client.is_public:
        if secret:
            raise ValidationError({"secret": "A public client has no secret."})
        return ""
    return secret_generate() if secret is None else _checked_secret(secret)


def _checked_secret(secret: str) -> str:
    """A weak secret is its owner's choice (existing scripts have them); one that no header carries is not."""
    if not secret or len(secret) > LONGEST_SECRET or any(ord(character) < 0x20 for character in secret):
        raise ValidationError({"secret": f"A secret has 1 to {LONGEST_SECRET} characters, none of them a control one."})
    return secret


def _keys(contact_centers: Iterable[ContactCenter]) -> set[UUID]:
    return {contact_center.pk for contact_center in contact_centers}
