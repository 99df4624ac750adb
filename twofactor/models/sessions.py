"""What one call did: its session, the codes that were made for it, its steps, and the answers kept for repeats."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.utils import timezone

from config.policy import Governed
from environment.models import Application


def new_id() -> str:
    """128 random bits, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


class Method(models.TextChoices):
    """The ways a code can come. The words are those of the REST face; services read and write their own spellings."""

    EMAIL = "email", "e-mail"
    SMS = "sms", "text message"
    AUTHENTICATOR = "authenticator", "authenticator"


class FlowSession(models.Model):
    """One call through the MicroApp. ``private`` is sealed JSON: its variables, and where codes go."""

    governed: ClassVar[Governed] = Governed(
        "two-factor-sessions", contact_center="application__contact_center_id", records=True
    )

    class Face(models.TextChoices):
        REST = "rest", "REST"
        VOICEXML = "vxml", "VoiceXML"
        SERVICES = "services", "web services"
        TRIAL = "try", "Try this application"

    class State(models.TextChoices):
        CHECK = "check", "looking for contact methods"
        SELECT = "select", "selecting a method"
        ENTER = "enter", "entering the code"
        ENDED = "ended", "ended"

    id = models.CharField("ID", max_length=32, primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+", db_index=False)
    face = models.CharField(max_length=8, choices=Face.choices)
    # Only who opened a session may go on with it.
    opener = models.CharField(max_length=300, help_text="Kind and id of whoever opened it.")
    account = models.CharField(max_length=255)
    call_id = models.CharField("call ID", max_length=255, blank=True)
    platform_id = models.CharField("platform's session", max_length=255, blank=True)
    cli = models.CharField("calling number", max_length=64, blank=True)
    dnis = models.CharField("dialled number", max_length=64, blank=True)
    test_call = models.BooleanField(default=False)
    external = models.BooleanField("external codes", default=False, help_text="As set when the call began.")
    private = models.TextField(blank=True, editable=False)
    offered = models.JSONField(default=list, help_text="Methods in the order of the menu.")
    method = models.CharField(max_length=16, choices=Method.choices, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CHECK)
    path = models.CharField(max_length=64, blank=True, help_text="How it ended.")
    # Counts every prompt: a caller's answer to an older one is a repeat.
    step = models.PositiveIntegerField(default=0)
    sends_used = models.PositiveSmallIntegerField(default=0)
    delivery_failures = models.PositiveSmallIntegerField(default=0)
    input_rounds = models.PositiveSmallIntegerField(default=0, help_text="Answers in a row that were none.")
    last_sent_at = models.DateTimeField(null=True, blank=True)
    authenticated_at = models.DateTimeField(null=True, blank=True)
    skipped = models.BooleanField(default=False, help_text="By an earlier authentication in the same call.")
    started_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(help_text="Nobody can go on with it afterwards.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-started_at"]
        verbose_name = "session"
        indexes: ClassVar = [
            models.Index(fields=["application", "account", "-started_at"], name="two_factor_by_account"),
            models.Index(fields=["application", "call_id", "-started_at"], name="two_factor_by_call"),
            models.Index(fields=["application", "-started_at"], name="two_factor_by_application"),
            models.Index(fields=["started_at"], name="two_factor_by_start"),
            models.Index(fields=["ends_at"], name="two_factor_open_by_end", condition=~models.Q(state="ended")),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.id[:8]}"


class Challenge(models.Model):
    """One code, or one round with somebody else's code (then without ``code_mac``). Never holds the code itself."""

    governed: ClassVar[Governed] = Governed(
        "two-factor-sessions", contact_center="session__application__contact_center_id", records=True
    )

    id = models.CharField("ID", max_length=32, primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(FlowSession, on_delete=models.CASCADE, related_name="challenges", db_index=False)
    ordinal = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=16, choices=Method.choices)
    destination_mask = models.CharField("destination", max_length=120, blank=True)
    code_mac = models.CharField(max_length=80, blank=True, editable=False)
    digits = models.PositiveSmallIntegerField(default=0)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField()
    tried_at = models.DateTimeField("last tried", null=True, blank=True)
    # None while it is on its way to the first gateway that takes it.
    sent_at = models.DateTimeField(null=True, blank=True)
    # The gateway reported that it did not arrive.
    undelivered = models.BooleanField(default=False)
    consumed_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    burnt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["session", "ordinal"]
        verbose_name = "code"
        constraints: ClassVar = [models.UniqueConstraint("session", "ordinal", name="two_factor_code_once")]

    def __str__(self) -> str:
        return f"code {self.ordinal} of {self.session_id[:8]}"


class FlowStep(models.Model):
    """One line of a session's timeline: what happened, never with a code or a whole destination."""

    governed: ClassVar[Governed] = Governed(
        "two-factor-sessions", contact_center="session__application__contact_center_id", records=True
    )

    session = models.ForeignKey(FlowSession, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=40, help_text="Such as code.sent.")
    outcome = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=16, choices=Method.choices, blank=True)
    ordinal = models.PositiveSmallIntegerField(null=True, blank=True)
    ms = models.PositiveIntegerField("milliseconds", null=True, blank=True)
    request_id = models.CharField("request ID", max_length=128, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        verbose_name = "step"

    def __str__(self) -> str:
        return self.name


class StoredAnswer(models.Model):
    """The answer that a request got, for the same request again. Without ``body`` it is still being answered."""

    opener = models.CharField(max_length=300)
    key = models.CharField(max_length=100, help_text="Keyed hash of its key.")
    request = models.CharField(max_length=100, help_text="Keyed hash of what was asked.")
    body = models.TextField(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("opener", "key", name="two_factor_answer_once")]
        indexes: ClassVar = [models.Index(fields=["made_at"], name="two_factor_answer_by_age")]

    def __str__(self) -> str:
        return f"answer to {self.opener}"
