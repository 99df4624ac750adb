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

from activity.services import change_record, snapshot
from config.context import current
from config.policy import require, visible
from config.stamps import new_stamp
from environment.errors import NameTaken
from environment.models import ContactCenter
from environment.services.objects import changed_fields
from oauthapi.client_secrets import secret_encode, secret_generate, secret_is_present
from oauthapi.models import ApiClient
from oauthapi.services.client_faults import checked_secret, client_clean, first_secret
from oauthapi.services.client_limits import require_same_height, require_within_limits

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
    plain = first_secret(client, secret)
    client.secret_hash = (encoded_secret or secret_encode(plain)) if plain else ""
    client.secret_set_at = timezone.now() if plain else None
    require("write", client)
    client_clean(client)
    require_within_limits(client, None, contact_center_ids=_keys(chosen))
    try:
        with transaction.atomic():
            _hold(client, chosen)
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
            _bring_up_to(client, old)
            if encoded and client.is_public:
                raise ValidationError({"secret": "A public client has no secret."})
            chosen = listed if contact_centers is None else [*_unseen(old), *contact_centers]
            _require_change(client, old, chosen)
            fields = [name for name in changed_fields(client, old) if name not in _WRITTEN_ELSEWHERE]
            if not fields and not encoded and _keys(chosen) == _keys(listed):
                return client
            _hold(client, chosen)
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
    _require_rotatable(ApiClient.objects.get(pk=client.pk))  # before the slow hash, and again under the lock
    plain = checked_secret(secret) if secret is not None else secret_generate()
    encoded, now = secret_encode(plain), timezone.now()
    with transaction.atomic():
        old = ApiClient.objects.select_for_update().get(pk=client.pk)
        _require_rotatable(old)
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


def _bring_up_to(client: ApiClient, stored: ApiClient) -> None:
    """Leave of the caller's copy what he changed; the rest becomes as the locked row has it, so that rules between
    fields are judged by what will be stored.
    """
    touched = set(client.changed_since_read())
    for field in client._meta.concrete_fields:
        if field.name not in touched and not field.primary_key:
            setattr(client, field.attname, getattr(stored, field.attname))


def _hold(client: ApiClient, chosen: list[ContactCenter]) -> None:
    """Let nobody delete the contact centers that it names until the transaction ends. Raises ValidationError for one
    that is gone.
    """
    named = {"owner": {client.owner_id} if client.owner_id else set(), "contact_centers": _keys(chosen)}
    wanted = named["owner"] | named["contact_centers"]
    rows = ContactCenter.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    there = set(rows.values_list("pk", flat=True)) if wanted else set()
    gone = {name: "It is not there any more." for name, keys in named.items() if keys - there}
    if gone:
        raise ValidationError(gone)


def _require_change(client: ApiClient, old: ApiClient, chosen: list[ContactCenter]) -> None:
    _require_hold(old)
    client_clean(client)
    require_within_limits(client, old, contact_center_ids=_keys(chosen))
    require("write", client)


def _require_hold(stored: ApiClient) -> None:
    """The one who asks may write the client as the database has it, and it reaches no further than he does."""
    require("write", stored)
    require_same_height(stored)


def _require_rotatable(stored: ApiClient) -> None:
    _require_hold(stored)
    if stored.is_public:
        raise ValidationError({"client_type": "A public client has no secret."})


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
    plain = first_secret(client, secret)
    return secret_encode(plain) if plain and not secret_is_present(stored, plain) else ""


def _write(client: ApiClient, fields: list[str], encoded: str) -> None:
    client.stamp = new_stamp()
    if client.is_public or encoded:
        client.secret_hash, client.secret_set_at = encoded, timezone.now() if encoded else None
        client.previous_secret_hash, client.previous_secret_until = "", None
        fields = [*fields, "secret_hash", "secret_set_at", "previous_secret_hash", "previous_secret_until"]
    client.save(update_fields=[*dict.fromkeys(fields), "stamp"])


def _keys(contact_centers: Iterable[ContactCenter]) -> set[UUID]:
    return {contact_center.pk for contact_center in contact_centers}
