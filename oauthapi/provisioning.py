"""API clients in provisioning files. A secret there is the first one only: it is never compared, changed or shown."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from typing import Any, Literal

from pydantic import PositiveInt, SecretStr

from environment.models import ContactCenter
from environment.provision.faults import Fault, Faults
from environment.provision.kinds import Entry, Key, Kind, Row, SignIn, Step, kind
from environment.provision.world import World
from oauthapi.client_secrets import secret_encode, secret_generate
from oauthapi.models import ApiClient
from oauthapi.rules import DEFAULT_ACCESS_LIFETIME, DEFAULT_GRANTS, DEFAULT_REFRESH_LIFETIME
from oauthapi.services.clients import client_create, client_update


class ClientRow(Row):
    client_id: str
    name: str = ""
    description: str = ""
    client_type: Literal["CONFIDENTIAL", "PUBLIC"] = "CONFIDENTIAL"
    secret: SecretStr | None = None
    enabled: bool = True
    owner: str | None = None
    contact_centers: list[str] = []
    grants: list[str] = list(DEFAULT_GRANTS)
    legacy_grants_until: datetime.date | None = None
    basic_on_authorize: bool = False
    require_pkce: bool = False
    rotate_refresh_tokens: bool = False
    trusted: bool = False
    internal: bool = False
    may_introspect: bool = False
    scopes: list[str] = ["*"]
    authorities: list[str] = []
    redirect_uris: list[str] = []
    redirect_match: Literal["exact", "origin"] = "exact"
    post_logout_redirect_uris: list[str] = []
    allowed_origins: list[str] = []
    access_token_lifetime: PositiveInt = DEFAULT_ACCESS_LIFETIME
    refresh_token_lifetime: PositiveInt = DEFAULT_REFRESH_LIFETIME


_NOT_FIELDS = {"client_id", "name", "secret", "owner", "contact_centers"}


@kind
class ApiClients(Kind[ClientRow, ApiClient]):
    """``api-clients``: by client ID."""

    name = "api-clients"
    row = ClientRow
    after = ("contact-centers",)
    secrets = frozenset({"secret"})
    _fields = tuple(name for name in ClientRow.model_fields if name not in _NOT_FIELDS)

    def key(self, entry: Entry[ClientRow], world: World) -> Key:
        world.contact_center_id(entry, entry.row.owner, "owner")
        lost = [
            entry.fault("no such contact center, in the files or in the database", "contact-centers", number)
            for number, reference in enumerate(entry.row.contact_centers)
            if world.named(reference) is None
        ]
        if lost:
            raise Faults(lost)
        return (entry.row.client_id,)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, ApiClient]:
        rows = ApiClient.objects.prefetch_related("contact_centers")
        return {(one.client_id,): one for one in rows.filter(client_id__in=[key for (key,) in keys])}

    def label(self, row: ClientRow) -> str:
        return row.client_id

    def wanted(self, row: ClientRow, world: World) -> dict[str, Any]:
        wanted = row.given("name", *self._fields)
        if "owner" in row.model_fields_set:
            wanted["owner"] = world.label(world.named(row.owner))
        if "contact_centers" in row.model_fields_set:
            wanted["contact_centers"] = sorted(world.label(key) for key in _ids(row, world))
        return wanted

    def current(self, obj: ApiClient, row: ClientRow, world: World) -> dict[str, Any]:
        return {name: getattr(obj, name) for name in ("name", *self._fields)} | {
            "owner": world.label(obj.owner_id),
            "contact_centers": sorted(world.label(one.pk) for one in obj.contact_centers.all()),
        }

    def judge(self, step: Step[ClientRow, ApiClient]) -> Iterator[Fault]:
        if step.obj is None and step.row.client_type == "CONFIDENTIAL" and step.row.secret is None:
            # One that we generate would be told to nobody.
            yield step.entry.fault("a new confidential client needs a secret")

    def sign_in(self, row: ClientRow) -> SignIn | None:
        secret = row.secret.get_secret_value() if row.secret else "(public)"
        return SignIn("API client", row.client_id, secret, row.name)

    def prepare(self, step: Step[ClientRow, ApiClient]) -> None:
        if step.obj is None and step.row.secret is not None:
            step.prepared["secret"] = secret_encode(step.row.secret.get_secret_value())

    def create(self, step: Step[ClientRow, ApiClient], world: World) -> None:
        row = step.row
        # A trial run hashes nothing slowly: a generated one's hash will do there.
        encoded = step.prepared.get("secret") or secret_encode(secret_generate())
        client_create(
            client_id=row.client_id,
            name=row.name or row.client_id,
            secret=row.secret.get_secret_value() if row.secret else None,
            encoded_secret=encoded,
            owner_id=world.named(row.owner),
            contact_centers=ContactCenter.objects.filter(pk__in=_ids(row, world)),
            made_by_demo=step.entry.made_by_demo,
            **row.given(*self._fields),
        )

    def update(self, step: Step[ClientRow, ApiClient], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        row, client = step.row, step.obj
        for name, value in row.given("name", *self._fields).items():
            setattr(client, name, value)
        if "owner" in row.model_fields_set:
            client.owner_id = world.named(row.owner)
        bound = None
        if "contact_centers" in row.model_fields_set:
            bound = ContactCenter.objects.filter(pk__in=_ids(row, world))
        client_update(client, contact_centers=bound)


def _ids(row: ClientRow, world: World) -> list[Any]:
    return [world.names[reference.casefold()] for reference in row.contact_centers]
