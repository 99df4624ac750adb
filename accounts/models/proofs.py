"""What proofs leave behind: old passwords, counted failures, sessions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from accounts.models.users import User
from config.policy import Governed
from environment.models import ContactCenter


class PasswordHistory(models.Model):
    """A hash that was a user's password once, kept for ``password-no-repeats``."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="old_passwords")
    password = models.CharField(max_length=255)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"password of {self.user} until {self.at}"


class FailureCounter(models.Model):
    """Failures of one subject in one window. A row, not a cache entry: its loss would loosen a check."""

    governed: ClassVar[Governed] = Governed("lockouts", contact_center="contact_center_id")

    class Kind(models.TextChoices):
        PAIR = "pair", "account from one address"
        ACCOUNT = "account", "account from anywhere"
        ADDRESS = "address", "one address, any account"
        CLIENT = "client", "API client from one address"
        CREDENTIAL = "credential", "Basic credential from one address"
        HISTORY = "history", "History API from one address"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    subject = models.CharField(max_length=640, help_text="What is counted, in words.")
    # Whom and where the subject speaks of, so that both are found by an index. The database's default lets a release
    # that does not know them go on counting beside this one.
    name = models.CharField(max_length=255, blank=True, editable=False, db_default="")
    address = models.CharField(max_length=64, blank=True, editable=False, db_default="")
    # The name as security events have it; ``name`` and ``subject`` are folded. Empty in rows of the release before.
    real_name = models.CharField(max_length=255, blank=True, editable=False, db_default="")
    contact_center = models.ForeignKey(ContactCenter, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    failures = models.PositiveIntegerField(default=0)
    window_ends_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-window_ends_at"]
        verbose_name = "lockout"
        constraints: ClassVar = [models.UniqueConstraint("kind", "subject", name="failure_counter_once")]
        indexes: ClassVar = [
            models.Index(fields=["window_ends_at"], name="failure_counter_by_end"),
            models.Index(fields=["name"], name="failure_counter_by_name"),
            models.Index(fields=["address"], name="failure_counter_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.get_kind_display()})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name, self.address = self.parts_of(self.kind, self.subject)
        super().save(*args, **kwargs)

    @classmethod
    def parts_of(cls, kind: str, subject: str) -> tuple[str, str]:
        """(name, address) of a subject; addresses hold no blank, so that the last " from " splits."""
        if kind == cls.Kind.ACCOUNT:
            return subject[:255], ""
        before, _, after = subject.rpartition(" from ")
        return "" if kind == cls.Kind.ADDRESS else before[:255], after[:64]


class Session(models.Model):
    """A browser signed in. Only the SHA-256 of its key is kept; the epochs are those proven at sign-in."""

    governed: ClassVar[Governed] = Governed("sessions", contact_center="user__contact_center_id")

    class Kind(models.TextChoices):
        DESK = "desk", "sign-in pages"
        ADMIN = "admin", "administration"

    key_hash = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="sessions")
    user_epoch = models.BigIntegerField(null=True, blank=True)
    installation_epoch = models.BigIntegerField(null=True, blank=True)
    data = models.TextField(blank=True)
    address = models.CharField(max_length=64, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    proved_at = models.DateTimeField(null=True, blank=True, help_text="When the password was last given (auth_time).")
    last_seen_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="The absolute end, whatever the activity.")

    class Meta:
        ordering: ClassVar = ["-last_seen_at"]
        indexes: ClassVar = [
            models.Index(fields=["last_seen_at"], name="session_by_last_seen"),
            models.Index(fields=["ends_at"], name="session_by_end"),
            models.Index(fields=["address", "-last_seen_at"], name="session_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.user or 'nobody yet'}"
