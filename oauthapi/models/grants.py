"""What comes before a token: authorization codes, consents, and sign-ins under way."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import User
from config.policy import Governed
from oauthapi.models.clients import ApiClient
from oauthapi.models.tokens import TokenFamily


class AuthorizationCode(models.Model):
    """RFC 6749 §4.1.2: single use, 60 s, bound to client, redirect URI and PKCE challenge."""

    governed: ClassVar[Governed] = Governed("tokens", contact_center="user__contact_center_id")

    code_hash = models.CharField(max_length=64)
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="codes")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    user_epoch = models.BigIntegerField()
    installation_epoch = models.BigIntegerField()
    redirect_uri = models.CharField(max_length=2048)
    scope = models.CharField(max_length=255, blank=True)
    nonce = models.CharField(max_length=512, blank=True)
    code_challenge = models.CharField(max_length=128, blank=True)
    auth_time = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Two flags: the first use burns it; a replay is remembered, so that no token outlives one (RFC 6749 §4.1.2).
    used_at = models.DateTimeField(null=True, blank=True)
    replayed_at = models.DateTimeField(null=True, blank=True)
    family = models.ForeignKey(TokenFamily, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint("code_hash", name="authorization_code_once")]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="code_by_end")]

    def __str__(self) -> str:
        return f"code {self.pk} for {self.client}"


class AuthorizationRequest(models.Model):
    """An authorize call that waits for its user: its own row, bound to one browser, 10 minutes, single use."""

    governed: ClassVar[Governed] = Governed("tokens")

    request_hash = models.CharField(max_length=64)
    browser_hash = models.CharField(max_length=64)
    client = models.ForeignKey(ApiClient, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    # The right password was given but must be changed first: who, and under which epoch it was proven.
    pending_user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    pending_epoch = models.BigIntegerField(null=True, blank=True)
    pending_until = models.DateTimeField(null=True, blank=True)
    # When this browser last gave a password for this very request: answers prompt=login and max_age.
    proved_at = models.DateTimeField(null=True, blank=True)
    proved_user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint("request_hash", name="authorization_request_once")]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="authorization_request_by_end")]

    def __str__(self) -> str:
        return f"sign-in for {self.client or 'this server'}"


class Consent(models.Model):
    """What a user once allowed a client that is not trusted."""

    governed: ClassVar[Governed] = Governed("tokens", contact_center="user__contact_center_id")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="consents")
    scope = models.CharField(max_length=255)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [models.UniqueConstraint("user", "client", name="consent_once")]

    def __str__(self) -> str:
        return f"{self.user} allows {self.client}"
