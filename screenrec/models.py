"""Recorder sessions: who is logged in to the Screen Recording Service, where he sits, and which devices he holds."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import User
from config.policy import Governed
from config.stamps import new_stamp
from environment.models import ContactCenter, Device


class RecorderSession(models.Model):
    """An agent's session; at most one is open for each agent, and another login of his takes it over.

    Of the cookie only the SHA-256 is kept, the password never. ``user`` is empty where another server's directory
    proved the agent; there ``profile`` is what that server told of him. The row outlives its end, but not its agent.
    """

    governed: ClassVar[Governed] = Governed(
        "sessions", contact_center="contact_center_id", secrets=frozenset({"rws_cookie_sealed"})
    )

    class End(models.TextChoices):
        LOGOUT = "logout", "logged out"
        TIMEOUT = "timeout", "no ping in time"
        EXPIRED = "expired", "longest time reached"
        REVOKED = "revoked", "ended by an administrator"
        ACCOUNT = "account", "account changed or disabled"
        RWS = "rws", "ended by Recording Web Services"

    agent_key = models.CharField(max_length=600, editable=False)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="recorder_sessions")
    contact_center = models.ForeignKey(ContactCenter, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    user_name = models.CharField("agent", max_length=512)
    user_epoch = models.BigIntegerField(null=True, blank=True, editable=False)
    installation_epoch = models.BigIntegerField(null=True, blank=True, editable=False)
    profile = models.JSONField(default=dict, blank=True, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    login_stamp = models.BigIntegerField(default=new_stamp, editable=False)
    csrf = models.BooleanField("CSRF token asked", default=False)
    origin = models.CharField(max_length=255, blank=True)
    address = models.CharField(max_length=64, blank=True)
    place_name = models.CharField("place", max_length=255, blank=True)
    devices = models.JSONField(default=list, blank=True, help_text="Held for the session: a list of dn and switch.")
    channels = models.JSONField(default=list, blank=True, help_text="As StartContactCenterSession named them.")
    login_code = models.CharField(
        max_length=255, blank=True, help_text="As StartContactCenterSession told it; noted, not checked."
    )
    queue = models.CharField(max_length=255, blank=True, help_text="As StartContactCenterSession told it.")
    server = models.CharField(
        max_length=512, blank=True, help_text="The Recording Web Services in use; empty: this server."
    )
    peer_server = models.CharField(max_length=512, blank=True, help_text="The one that takes over when it fails.")
    rws_cookie_sealed = models.TextField(blank=True, editable=False)
    started_at = models.DateTimeField(help_text="The session's first login.")
    logged_in_at = models.DateTimeField(help_text="Its last login: the cookie of that one counts.")
    last_ping_at = models.DateTimeField("last ping", null=True, blank=True)
    ends_at = models.DateTimeField(help_text="The absolute end, whatever the activity.")
    ended_at = models.DateTimeField("ended", null=True, blank=True)
    ended_because = models.CharField(max_length=16, choices=End.choices, blank=True)

    class Meta:
        ordering: ClassVar = ["-logged_in_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "agent_key", name="recorder_session_open_once", condition=models.Q(ended_at__isnull=True)
            ),
        ]
        indexes: ClassVar = [
            # None on the last ping: on PostgreSQL each ping would then write every index of the row (no HOT update).
            # The open ones stand together at one end of this one; SQLite would not take a partial one for them.
            models.Index(fields=["ended_at"], name="recorder_session_by_ended"),
            models.Index(fields=["-logged_in_at"], name="recorder_session_by_login"),
            models.Index(fields=["address", "-logged_in_at"], name="recorder_session_by_address"),
        ]

    def __str__(self) -> str:
        return f"recorder session of {self.user_name}"


class HeldDevice(models.Model):
    """A device that an open session holds. One row for each device: nobody holds what another one has.

    The names in ``RecorderSession.devices`` are what desktops and administrators are told, after the end too, and of
    another server's devices, which are no rows here. This is the hold: it ends with the session, or the device.
    """

    governed: ClassVar[Governed] = Governed("sessions", contact_center="session__contact_center_id")

    session = models.ForeignKey(RecorderSession, on_delete=models.CASCADE, related_name="held")
    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="held")

    def __str__(self) -> str:
        return f"{self.device} held by {self.session.user_name}"
