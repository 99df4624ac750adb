"""Engagement strategies, client 2 of the History API: properties of their Entry point, and the SCXML made of them."""

from __future__ import annotations

import uuid
from typing import ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models

from config.policy import Governed
from config.stamps import new_stamp
from config.tracking import Tracked
from environment.models import Application
from history.scxml import BadText, string_literal, variable_fault

MOST_COUNTED = 1_000_000
_NAME = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9_.-]*\Z", "Use letters, digits, _, . and -, beginning with a letter or digit."
)
# RFC 7617 §2: neither can be sent.
_USER = RegexValidator(r"^[^:\x00-\x1f\x7f-\x9f]*\Z", "Use no colon and no control characters.")


def validate_base_url(value: str) -> None:
    """Raise ValidationError unless this is an http or https address to which a path can be added."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValidationError("This is no address.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not value.isascii():
        raise ValidationError("This begins with http:// or https:// and a host name.")
    if (
        parts.username is not None
        or parts.query
        or parts.fragment
        or not value.isprintable()
        or set(" ?#") & set(value)
    ):
        raise ValidationError("Use no user name, blank, ? or # in it.")


def validate_variable(value: str) -> None:
    """Raise ValidationError unless the generated SCXML can have a variable of this name."""
    fault = variable_fault(value)
    if fault:
        raise ValidationError(fault)


def validate_text(value: str) -> None:
    """Raise ValidationError for what no string literal can hold."""
    try:
        string_literal(value)
    except BadText as fault:
        raise ValidationError(str(fault)) from None


class Strategy(Tracked):
    """One Engagement Logic strategy of a Web Engagement Server application."""

    # `deployed` is written by deploying alone, the stamp with the password.
    governed: ClassVar[Governed] = Governed(
        "strategies",
        contact_center="application__contact_center_id",
        secrets=frozenset({"password", "workflow"}),
        unrecorded=frozenset({"deployed", "password_stamp"}),
    )

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        GENERATED = "generated", "generated"
        VALIDATED = "validated", "validated"
        DEPLOYED = "deployed", "deployed"

    # The id is part of what seals the secrets, so it exists before the row does.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="strategies",
        limit_choices_to={"type": Application.Type.WEB_ENGAGEMENT_SERVER, "contact_center__isnull": False},
        help_text="The Web Engagement Server whose History API it asks.",
    )
    name = models.CharField(max_length=100, default="default", validators=[_NAME], help_text="Part of its address.")
    user = models.CharField(max_length=255, blank=True, validators=[_USER, validate_text])
    password = models.TextField(blank=True, editable=False)
    base_url = models.CharField(
        "base URL",
        max_length=500,
        blank=True,
        validators=[validate_base_url],
        help_text="Of the History REST API. Empty: the application's own door here.",
    )
    pages_at_least = models.PositiveIntegerField(
        default=1,
        validators=[MaxValueValidator(MOST_COUNTED)],
        help_text="Pages that a visit needs to be engaged. 0: they do not matter.",
    )
    events_at_least = models.PositiveIntegerField(
        default=0,
        validators=[MaxValueValidator(MOST_COUNTED)],
        help_text="Events that a visit needs to be engaged. 0: they do not matter.",
    )
    user_variable = models.CharField(max_length=64, default="user", validators=[validate_variable])
    password_variable = models.CharField(max_length=64, default="password", validators=[validate_variable])
    # The file as it came, sealed: it may hold a password.
    workflow = models.TextField("default.workflow", blank=True, editable=False)
    password_stamp = models.BigIntegerField(default=new_stamp, editable=False)
    deployed = models.ForeignKey(
        "StrategyVersion", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    made_by_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = "engagement strategy"
        verbose_name_plural = "engagement strategies"
        ordering: ClassVar = ["application__name", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "application",
                "name",
                name="strategy_name_once",
                violation_error_message="The application has a strategy of this name.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.name}"

    def clean(self) -> None:
        """Its application is one of a contact center; the two variables differ."""
        faults: dict[str, str] = {}
        application = Application.objects.filter(pk=self.application_id).first()
        if application and application.type != Application.Type.WEB_ENGAGEMENT_SERVER:
            faults["application"] = "This is no Web Engagement Server."
        elif application and application.contact_center_id is None:
            faults["application"] = "This application belongs to no contact center: its history is nobody's."
        if self.user_variable == self.password_variable:
            faults |= {"password_variable": "User and password are two variables."}
        if faults:
            raise ValidationError(faults)


class StrategyVersion(models.Model):
    """The SCXML as it was generated once. Versions are kept, so that an earlier one can be deployed again."""

    governed: ClassVar[Governed] = Governed(
        "strategies", contact_center="strategy__application__contact_center_id", secrets=frozenset({"scxml"})
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    strategy = models.ForeignKey(Strategy, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    scxml = models.TextField(editable=False)
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the document, in hexadecimal.")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=512)
    problems = models.JSONField(default=list)
    is_valid = models.BooleanField()
    # What it was made from, by name; of the password only that there was one.
    properties = models.JSONField(default=dict)
    password_stamp = models.BigIntegerField(editable=False)

    class Meta:
        verbose_name = "version of a strategy"
        verbose_name_plural = "versions of strategies"
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint("strategy", "number", name="strategy_version_once")]

    def __str__(self) -> str:
        return f"version {self.number}"
