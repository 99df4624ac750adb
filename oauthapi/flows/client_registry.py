"""The client registry of deployment scripts: list, register, change and remove, as the one who is asking may.

A client that the asker may not see is one that is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Lower

from config.context import current
from config.http.errors import FieldError, Forbidden, InvalidParameter, MissingParameter, NotFound
from config.policy import require, visible
from environment.errors import NameTaken
from environment.models import ContactCenter
from oauthapi import options
from oauthapi.client_records import ClientRecord
from oauthapi.models import ApiClient
from oauthapi.rules import is_bare_https_origin
from oauthapi.services.clients import client_create, client_delete, client_update

CHUNK = 1_000
"""Clients read at once, and their contact centers with one more statement."""
_ORIGIN = ApiClient.RedirectMatch.ORIGIN


def clients_listed(*, client_id: str | None, limit: int | None, offset: int) -> Iterator[ApiClient]:
    """The clients that the asker may see, by client id; with ``client_id`` that one or none. Raises Forbidden.

    Scripts read the whole list: without ``limit`` nothing is left out, and ``CHUNK`` rows at once are in memory.
    """
    require("read", ApiClient)
    rows = _visible() if client_id is None else _named(client_id)
    wanted = rows.order_by("client_id")[offset : None if limit is None else offset + limit]
    return wanted.iterator(chunk_size=CHUNK)


def client_seen(client_id: str) -> ApiClient:
    """The client of this id. Raises Forbidden, NotFound."""
    require("read", ApiClient)
    client = _named(client_id).first()
    if client is None:
        raise _not_there(client_id)
    return client


def told_contact_center_ids(client: ApiClient) -> frozenset[UUID]:
    """The contact centers that a client is bound to, as far as they are the asker's business."""
    bound = frozenset(one.pk for one in client.contact_centers.all())
    principal = current().principal
    return bound if principal.everywhere else bound & principal.contact_center_ids


def client_register(record: ClientRecord) -> tuple[ApiClient, str]:
    """Make the client; it and its secret in clear ("" for a public one).

    Raises MissingParameter, InvalidParameter, ValidationError by field, Forbidden, NameTaken.
    """
    require("write", ApiClient)
    if not record.client_id:
        raise MissingParameter("The parameter 'client_id' is missing.", field="client_id")
    _require_own(record)
    fields = dict(record.fields)
    # The house's own asks nobody for consent: scripts know no word for it.
    if fields.get("internal") and current().principal.everywhere:
        fields.setdefault("trusted", True)
    fields["name"] = fields.get("name") or record.client_id[:255]
    client = ApiClient(client_id=record.client_id, **fields)
    fields["redirect_match"] = _redirect_match(record, client, ApiClient.RedirectMatch.EXACT)
    bound = _contact_centers(record) or ()
    try:
        return client_create(client_id=record.client_id, secret=record.secret, contact_centers=bound, **fields)
    except ValidationError as fault:
        # The model tells a taken name as one fault among others; a rival may also have come after we looked.
        if ApiClient.objects.alias(key=Lower("client_id")).filter(key=record.client_id.lower()).exists():
            raise NameTaken("An API client has this client ID.", field="client_id") from fault
        raise


def client_amend(client_id: str, record: ClientRecord) -> ApiClient:
    """Change what the record names and leave the rest; a secret in it replaces the present one at once.

    Raises NotFound, MissingParameter, InvalidParameter, ValidationError by field, Forbidden.
    """
    client = client_seen(client_id)
    require("write", client)
    if record.client_id and record.client_id != client.client_id:
        raise InvalidParameter("The parameter 'client_id' differs from the one in the path.", field="client_id")
    _require_own(record)
    stored, known, was_public = client.redirect_match, list(client.redirect_uris), client.is_public
    for name, value in record.fields.items():
        setattr(client, name, value)
    client.redirect_match = _redirect_match(record, client, stored, known)
    if was_public and not client.is_public and not record.secret:
        # The answer of a change tells no secret, so none is generated.
        raise MissingParameter("The parameter 'client_secret' is missing.", field="client_secret")
    with _may_be_gone(client_id):
        return client_update(client, contact_centers=_contact_centers(record), secret=record.secret)


def client_remove(client_id: str) -> None:
    """Delete the client. Raises NotFound, Forbidden."""
    client = client_seen(client_id)
    with _may_be_gone(client_id):
        client_delete(client)


def _visible() -> QuerySet[ApiClient]:
    return visible(current().principal, ApiClient.objects.prefetch_related("contact_centers"))


def _named(client_id: str) -> QuerySet[ApiClient]:
    return _visible().filter(client_id=client_id)


def _not_there(client_id: str) -> NotFound:
    return NotFound("There is no such API client.", reason=f"no client {client_id!r} that the asker may see")


@contextmanager
def _may_be_gone(client_id: str) -> Iterator[None]:
    """Between our look and our write somebody else may have deleted it."""
    try:
        yield
    except ApiClient.DoesNotExist as gone:
        raise _not_there(client_id) from gone


def _require_own(record: ClientRecord) -> None:
    """A contact center's administrator names his own; of others he is not told whether they exist. Raises Forbidden."""
    principal = current().principal
    if principal.everywhere:
        return
    named = {"contact_centers": record.contact_center_ids or frozenset()}
    named["owner"] = frozenset({record.fields["owner_id"]} if record.fields.get("owner_id") else ())
    words = "Choose your own contact center, and no other."
    faults = [
        FieldError(name, "forbidden", words) for name, ids in named.items() if not ids <= principal.contact_center_ids
    ]
    if faults:
        raise Forbidden(words, fields=faults, reason=f"{principal.name} named a foreign contact center")


def _contact_centers(record: ClientRecord) -> list[ContactCenter] | None:
    """The contact centers of the record; None when it names none. Raises InvalidParameter for an unknown one."""
    if record.contact_center_ids is None:
        return None
    found = list(ContactCenter.objects.filter(pk__in=record.contact_center_ids))
    unknown = record.contact_center_ids - {one.pk for one in found}
    if unknown:
        words = f"The parameter 'contactCenterIds' names no contact center: {', '.join(sorted(map(str, unknown)))}."
        raise InvalidParameter(words, field="contactCenterIds")
    return found


def _redirect_match(record: ClientRecord, client: ApiClient, stored: str, known: Collection[str] = ()) -> str:
    """How the client's redirect URIs are compared; ``client`` has the record's values, ``stored`` is what held before.

    Scripts register the origin and redirect to a page below it (reference: §3.1): one that is new, not ``known``,
    changes the comparison where the installation has it so, unless the record says how itself.
    """
    if "redirect_match" in record.fields:
        return client.redirect_match
    if client.is_public or not options.GENESYS_REDIRECTS.of(None):
        return stored
    return _ORIGIN if any(_is_bare(uri) for uri in client.redirect_uris if uri not in known) else stored


def _is_bare(uri: str) -> bool:
    try:
        return is_bare_https_origin(uri)
    except ValueError:  # no URI at all: the model says so
        return False
