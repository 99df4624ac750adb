"""Tokens. Only SHA-256 of each is kept; a family row decides every rotation and revocation."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from accounts.models import User
from config.policy import Governed
from oauthapi.models.clients import ApiClient


class TokenFamily(models.Model):
    """All tokens that one authorization led to. Revoking it is one update of one row (RFC 9700 §4.14)."""

    governed: ClassVar[Governed] = Governed("tokens", contact_center="user__contact_center_id")

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="families")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="token_families")
    # The epochs proven when the family began; the bearer statement compares them with today's.
    user_epoch = models.BigIntegerField(null=True, blank=True)
    installation_epoch = models.BigIntegerField()
    scope = models.CharField(max_length=255, blank=True)
    grant = models.CharField(max_length=32)
    generation = models.PositiveIntegerField(default=0)
    rotated_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=64, blank=True)
    auth_time = models.DateTimeField(null=True, blank=True, help_text="When the user proved himself.")
    nonce = models.CharField(max_length=512, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(help_text="When the last token of the family ends; the purge goes by it.")

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "token families"
        indexes: ClassVar = [models.Index(fields=["ends_at"], name="family_by_end")]

    def __str__(self) -> str:
        return f"{self.client} for {self.user or 'itself'}"


class AccessToken(models.Model):
    """A bearer token. A client's own token has no family: nothing follows from it."""

    governed: ClassVar[Governed] = Governed("tokens", contact_center="user__contact_center_id")

    token_hash = models.CharField(max_length=64)
    family = models.ForeignKey(
        TokenFamily, null=True, blank=True, on_delete=models.CASCADE, related_name="access_tokens"
    )
    generation = models.PositiveIntegerField(default=0)
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="access_tokens")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="access_tokens")
    installation_epoch = models.BigIntegerField()
    scope = models.CharField(max_length=255, blank=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint("token_hash", name="access_token_once")]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="access_token_by_end")]

    def __str__(self) -> str:
        return f"access token {self.pk} of {self.client}"


class RefreshToken(models.Model):
    """A refresh token. Used up exactly when its family's generation has passed its own."""

    governed: ClassVar[Governed] = Governed("tokens", contact_center="user__contact_center_id")

    token_hash = models.CharField(max_length=64)
    family = models.ForeignKey(TokenFamily, on_delete=models.CASCADE, related_name="refresh_tokens")
    generation = models.PositiveIntegerField(default=0)
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="refresh_tokens")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="refresh_tokens")
    scope = models.CharField(max_length=255, blank=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint("token_hash", name="refresh_token_once")]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="refresh_token_by_end")]

    def __str__(self) -> str:
        return f"refresh token {self.pk} of {self.client}"


class IDToken(models.Model):
    """Stays empty: an ID token is signed, not stored. django-oauth-toolkit wants a model to name."""

    governed: ClassVar[Governed] = Governed("tokens")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)

    class Meta:
        verbose_name = "ID token"

    def __str__(self) -> str:
        return f"ID token {self.pk}"
