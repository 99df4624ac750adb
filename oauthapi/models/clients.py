"""An API client (RFC 6749 §1.1): django-oauth-toolkit's Application, swapped for one with several grants."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import Role
from config.policy import Governed
from config.stamps import new_stamp
from config.tracking import Tracked
from environment.models import ContactCenter
from oauthapi.rules import (
    CONFIDENTIAL_GRANTS,
    DEFAULT_ACCESS_LIFETIME,
    DEFAULT_GRANTS,
    DEFAULT_REFRESH_LIFETIME,
    GRANTS,
    LEGACY_GRANTS,
    SCOPES,
    redirect_uri_fault,
)

_MAX_NAME = 2000
"""Characters; redirect URIs are names too."""


def validate_names(value: object) -> None:
    """A list of distinct non-empty texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise ValidationError("This is a list of names.")
    if any(len(item) > _MAX_NAME or not item.isprintable() for item in value):
        raise ValidationError(f"A name is longer than {_MAX_NAME} characters, or holds a control character.")
    if len(set(value)) != len(value):
        raise ValidationError("A name stands here twice.")


def validate_redirect_uris(value: object) -> None:
    """Absolute, no fragment, no wildcard; http only to loopback (RFC 9700 §4.1.1)."""
    validate_names(value)
    faults = [f"{uri}: {fault}" for uri in value if (fault := redirect_uri_fault(uri))]  # type: ignore[attr-defined]
    if faults:
        raise ValidationError(faults)


def validate_scopes(value: object) -> None:
    """Only scopes that this server knows."""
    validate_names(value)
    unknown = [scope for scope in value if scope not in SCOPES]  # type: ignore[attr-defined]
    if unknown:
        raise ValidationError(f"Unknown scope: {', '.join(unknown)}.")


def default_grants() -> list[str]:
    return list(DEFAULT_GRANTS)


def default_scopes() -> list[str]:
    return ["*"]


def roles_named(names: Collection[str], contact_center_ids: Collection[UUID]) -> models.QuerySet[Role]:
    """The roles that a client's authorities mean: shared ones and those of its contact centers.

    A client for all contact centers means the shared ones only: no contact center gives its own names to the others.
    """
    return Role.objects.filter(
        models.Q(contact_center__isnull=True) | models.Q(contact_center__in=contact_center_ids), name__in=names
    )


class ApiClient(Tracked):
    """A program that asks for tokens. Its public name is ``client_id``; ``stamp`` changes with every change."""

    governed: ClassVar[Governed] = Governed(
        "api-clients",
        contact_center="owner_id",
        secrets=frozenset({"secret_hash", "previous_secret_hash"}),
        unrecorded=frozenset({"stamp"}),
    )

    class Type(models.TextChoices):
        CONFIDENTIAL = "CONFIDENTIAL", "confidential"
        PUBLIC = "PUBLIC", "public"

    class RedirectMatch(models.TextChoices):
        EXACT = "exact", "exact URI"
        ORIGIN = "origin", "any path of the origin"

    client_id = models.CharField(
        "client ID",
        max_length=255,
        unique=True,
        validators=[RegexValidator(r"^[\x21-\x39\x3b-\x7e]+\Z", "Use visible ASCII characters without colon.")],
    )
    name = models.CharField(max_length=255)
    description = models.CharField(max_length=500, blank=True)
    client_type = models.CharField(max_length=16, choices=Type.choices, default=Type.CONFIDENTIAL)
    enabled = models.BooleanField(default=True)
    owner = models.ForeignKey(
        ContactCenter,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The contact center whose administrators manage it; empty: the installation's.",
    )
    contact_centers = models.ManyToManyField(
        ContactCenter,
        blank=True,
        related_name="api_clients",
        help_text="Users of these contact centers may use it; empty: all.",
    )

    secret_hash = models.CharField(max_length=255, blank=True, editable=False)
    secret_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    previous_secret_hash = models.CharField(max_length=255, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True, editable=False)

    grants = models.JSONField(default=default_grants, blank=True, validators=[validate_names])
    legacy_grants_until = models.DateField(
        null=True, blank=True, help_text="After this day the password and implicit grants are refused."
    )
    basic_on_authorize = models.BooleanField(
        default=False, help_text="Accepts the user's name and password by Basic at /oauth/authorize."
    )
    require_pkce = models.BooleanField("require PKCE", default=False, help_text="Public clients always must.")
    rotate_refresh_tokens = models.BooleanField(default=False, help_text="Public clients always do.")
    trusted = models.BooleanField(default=False, help_text="No consent page.")
    internal = models.BooleanField(
        "internal client", default=False, help_text="Marks the house's own clients. No endpoint asks for it yet."
    )
    may_introspect = models.BooleanField(
        default=False,
        help_text="Introspects every client's tokens, or those of its contact centers' users; without it, its own.",
    )
    scopes = models.JSONField(default=default_scopes, validators=[validate_scopes])
    authorities = models.JSONField(default=list, blank=True, validators=[validate_names])
    redirect_uris = models.JSONField("redirect URIs", default=list, blank=True, validators=[validate_redirect_uris])
    redirect_match = models.CharField(max_length=8, choices=RedirectMatch.choices, default=RedirectMatch.EXACT)
    post_logout_redirect_uris = models.JSONField(default=list, blank=True, validators=[validate_redirect_uris])
    allowed_origins = models.JSONField(default=list, blank=True, validators=[validate_names])
    access_token_lifetime = models.PositiveIntegerField(default=DEFAULT_ACCESS_LIFETIME, help_text="Seconds.")
    refresh_token_lifetime = models.PositiveIntegerField(default=DEFAULT_REFRESH_LIFETIME, help_text="Seconds.")

    stamp = models.BigIntegerField(default=new_stamp, editable=False)
    made_by_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["client_id"]
        verbose_name = "API client"
        # Beside the plain index of `unique`, by which every request finds its client.
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("client_id"),
                name="api_client_id_once_in_any_case",
                violation_error_message="An API client has this client ID, in upper or lower case.",
            ),
        ]

    def __str__(self) -> str:
        return self.client_id

    def clean(self) -> None:
        """A public client cannot keep a secret, so it gets no grant that rests on one."""
        faults: dict[str, str] = {}
        for grant in CONFIDENTIAL_GRANTS:
            if self.is_public and grant in self.grants:
                faults["grants"] = f"A public client has no secret: {grant} is not for it."
        if self.is_public and self.may_introspect:
            faults["may_introspect"] = "A public client cannot prove itself at the introspection endpoint."
        if self.redirect_match == self.RedirectMatch.ORIGIN and self.is_public:
            faults["redirect_match"] = "Only a confidential client may match by origin."
        redirecting = [grant for grant in ("authorization_code", "implicit") if grant in self.grants]
        if redirecting and not self.redirect_uris:
            needs = "needs" if len(redirecting) == 1 else "need"
            faults["redirect_uris"] = f"{' and '.join(redirecting)} {needs} at least one redirect URI."
        if faults:
            raise ValidationError(faults)

    @property
    def is_public(self) -> bool:
        return self.client_type == self.Type.PUBLIC

    def held_privileges(self) -> frozenset[str]:
        """What its authorities would hand on to whoever has its secret; a new client's are judged by its service."""
        if self._state.adding or not self.authorities:
            return frozenset()
        bound = set(self.contact_centers.values_list("pk", flat=True))
        return frozenset().union(*(role.held_privileges() for role in roles_named(self.authorities, bound)))

    def has_grant(self, grant: str, *, on: datetime.date | None = None) -> bool:
        """Whether the grant is switched on and known to us, and a legacy one not past its end."""
        if grant not in GRANTS or grant not in self.grants:
            return False
        if self.is_public and grant in CONFIDENTIAL_GRANTS:
            return False
        ended = self.legacy_grants_until and (on or timezone.now().date()) > self.legacy_grants_until
        return not (grant in LEGACY_GRANTS and ended)

    # What oauthlib and django-oauth-toolkit ask of an application.
    def is_usable(self, request: object) -> bool:
        return self.enabled
