"""Deployment checks that stand where django-oauth-toolkit's W001, W002 and W008 are silenced: who really has it.

The toolkit warns that the server could give legacy grants. Here each client is switched, so that clients are named.
They look into the database, hence run with ``check --deploy`` only; where no database answers they say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import Error, connection
from django.utils import timezone

from environment.models import Option
from oauthapi.models import ApiClient
from oauthapi.options import BASIC_ON_AUTHORIZE, STRICT
from oauthapi.rules import LEGACY_GRANTS

Messages = list[checks.CheckMessage]


def _of_database(look: Callable[[], Messages]) -> Messages:
    """What ``look`` finds; nothing while the database is away or not migrated."""
    try:
        tables = set(connection.introspection.table_names())
        return look() if {ApiClient._meta.db_table, Option._meta.db_table} <= tables else []
    except Error:
        return []


@checks.register(checks.Tags.security, deploy=True)
def legacy_grants_have_an_end(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> Messages:
    """deskgate.W010: an enabled client still has the password or implicit grant (RFC 9700 §2.1.2, §2.4)."""
    return _of_database(_legacy_grants)


@checks.register(checks.Tags.security, deploy=True)
def basic_on_authorize_is_off(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> Messages:
    """deskgate.W011: an enabled client takes passwords by Basic at authorize. deskgate.I011: one could be let."""
    return _of_database(_basic_on_authorize)


@checks.register(checks.Tags.security, deploy=True)
def profile_is_strict(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> Messages:
    """deskgate.I012: the RFC 9700 profile is not switched on."""
    return _of_database(_strict)


def _legacy_grants() -> Messages:
    if STRICT.of():
        return []
    today = timezone.now().date()
    found: Messages = []
    for client in ApiClient.objects.filter(enabled=True):
        grants = [grant for grant in sorted(LEGACY_GRANTS) if client.has_grant(grant, on=today)]
        if grants:
            until = f"until {client.legacy_grants_until}" if client.legacy_grants_until else "no end"
            found.append(
                checks.Warning(
                    f"API client {client.client_id} has the grants {', '.join(grants)} ({until}).",
                    hint="Move it to the code grant with PKCE, or set the day after which legacy grants are refused.",
                    id="deskgate.W010",
                )
            )
    return found


def _basic_on_authorize() -> Messages:
    if STRICT.of() or not BASIC_ON_AUTHORIZE.of():
        return []
    clients = ApiClient.objects.filter(enabled=True, basic_on_authorize=True)
    named = ", ".join(clients.values_list("client_id", flat=True))
    hint = f"Set the installation's option {BASIC_ON_AUTHORIZE} to false once no client needs it."
    if named:
        return [checks.Warning(f"Passwords by Basic at /oauth/authorize: {named}.", hint=hint, id="deskgate.W011")]
    return [checks.Info("Clients may be let to send passwords by Basic.", hint=hint, id="deskgate.I011")]


def _strict() -> Messages:
    if STRICT.of():
        return []
    hint = f"Set the installation's option {STRICT} to true when no client needs the legacy grants."
    return [checks.Info("The strict profile (RFC 9700) is off.", hint=hint, id="deskgate.I012")]
