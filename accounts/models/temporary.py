"""Temporary authorization tokens: what an administrator takes from a browser to a script for a few minutes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.users import User
from config.policy import Governed
from environment.models import ContactCenter


class TemporaryToken(models.Model):
    """A signed token of one administrator for one contact center. Only its ``jti`` is kept, never the token.

    The epochs are those of the proof that it was taken with: it ends when one of them is replaced.
    """

    governed: ClassVar[Governed] = Governed("tokens", contact_center="contact_center_id")

    id = models.CharField("token ID", max_length=64, primary_key=True, help_text="The token's `jti`.")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="temporary_tokens")
    contact_center = models.ForeignKey(ContactCenter, on_delete=models.CASCADE, related_name="temporary_tokens")
    user_epoch = models.BigIntegerField(editable=False)
    installation_epoch = models.BigIntegerField(editable=False)
    issued_at = models.DateTimeField("issued")
    expires_at = models.DateTimeField("expires")
    revoked_at = models.DateTimeField("revoked", null=True, blank=True)
    last_used_at = models.DateTimeField("last used", null=True, blank=True)
    address = models.CharField(max_length=64, blank=True, help_text="Where it was issued to.")

    class Meta:
        ordering: ClassVar = ["-issued_at"]
        verbose_name = "temporary authorization token"
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="temporary_token_by_end")]

    def __str__(self) -> str:
        return f"temporary token of {self.user} for {self.contact_center}"
