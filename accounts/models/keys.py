"""Signing keys: published before use, kept until the last thing signed with them ends."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from config.policy import Governed


class SigningKey(models.Model):
    """A private key, sealed, with its public half as a JWK. Each kind of JWT has its own key."""

    governed: ClassVar[Governed] = Governed("signing-keys", secrets=frozenset({"private_sealed"}))

    class Purpose(models.TextChoices):
        ID_TOKEN = "id-token", "ID tokens"
        USER_INFO = "user-info", "X-GWS-User"
        TEMPORARY = "temporary", "temporary authorization tokens"
        CREDENTIAL = "credential", "tokens of Basic credentials"

    kid = models.CharField("key ID", max_length=64, primary_key=True)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    algorithm = models.CharField(max_length=8)
    public_jwk = models.JSONField()
    private_sealed = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    signs_from = models.DateTimeField()
    signs_until = models.DateTimeField(null=True, blank=True)
    published_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["purpose", "-signs_from"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.kid}"
