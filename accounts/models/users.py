"""A person: Genesys' CfgPerson, or an administrator of the installation (no contact center)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from accounts.models.roles import AccessGroup, Role
from accounts.privileges import PRIVILEGES
from config.context import current
from config.policy import Governed
from config.stamps import new_stamp
from config.tracking import Tracked
from environment.models import ContactCenter, Place
from environment.selectors import tenant_name

_USER_NAME = RegexValidator(r"^[^\\:\x00-\x1f\s][^\\:\x00-\x1f]*\Z", "Use no backslash, colon or control characters.")

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_MAX_PROPERTIES = 50
_MAX_PROPERTY_NAME = 128
_MAX_PROPERTY = 1024


def validate_properties(value: object) -> None:
    """An object of at most 50 texts by name: user info tells it to every caller, who reads strings there."""
    if not isinstance(value, dict):
        raise ValidationError('Properties are an object of names and texts, such as {"team": "north"}.')
    if len(value) > _MAX_PROPERTIES:
        raise ValidationError(f"There are more than {_MAX_PROPERTIES} properties.")
    for name, text in value.items():
        shown = str(name)[:40].encode("ascii", "backslashreplace").decode("ascii")
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_PROPERTY_NAME or not name.isprintable():
            raise ValidationError(
                f"The name {shown!r} is not 1 to {_MAX_PROPERTY_NAME} characters, or holds a control character."
            )
        if not isinstance(text, str):
            raise ValidationError(f"The value of {shown!r} is no text: write it in quotes.")
        if len(text) > _MAX_PROPERTY or _UNSTORABLE.search(text):
            raise ValidationError(f"The value of {shown!r} is longer than {_MAX_PROPERTY} characters, or holds NUL.")


class UserManager(BaseUserManager["User"]):
    """The two ways Django itself makes users; everything else goes through ``accounts.services``."""

    def create_superuser(self, login_key: str, email: str = "", password: str | None = None, **extra: Any) -> User:
        """An administrator of the installation; without a password it cannot sign in until one is set."""
        from accounts.services.users import user_create

        return user_create(user_name=login_key, email=email, password=password, contact_center=None, **extra)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(login_key=(username or "").casefold())


class User(Tracked, AbstractBaseUser):
    """Someone who signs in. ``epoch`` ends every token and session when replaced; ``stamp`` covers the row itself."""

    governed: ClassVar[Governed] = Governed(
        "users",
        contact_center="contact_center_id",
        secrets=frozenset({"password"}),
        unrecorded=frozenset({"epoch", "stamp", "last_login", "login_key"}),
    )

    contact_center = models.ForeignKey(
        ContactCenter,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="users",
        help_text="Empty: an administrator of the whole installation.",
    )
    dbid = models.PositiveBigIntegerField("DBID", null=True, blank=True, editable=False)
    user_name = models.CharField(max_length=255, validators=[_USER_NAME])
    # What Django calls the username: one text, unique in the installation, whatever its case; made by `save`.
    login_key = models.CharField(max_length=300, unique=True, editable=False)
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    employee_id = models.CharField("employee ID", max_length=255, blank=True)
    email = models.EmailField("e-mail address", max_length=254, blank=True)
    is_agent = models.BooleanField("is agent", default=False)
    enabled = models.BooleanField(default=True)
    must_change_password = models.BooleanField("change password on next login", default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    default_place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    roles = models.ManyToManyField(Role, blank=True, related_name="users")
    access_groups = models.ManyToManyField(AccessGroup, blank=True, related_name="users")
    properties = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_properties],
        help_text='Further properties told by user info: names and texts, such as {"team": "north"}.',
    )
    epoch = models.BigIntegerField(default=new_stamp, editable=False)
    stamp = models.BigIntegerField(default=new_stamp, editable=False)
    made_by_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "login_key"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["email"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering: ClassVar = ["user_name"]
        constraints: ClassVar = [
            models.UniqueConstraint("contact_center", "dbid", name="dbid_once_in_contact_center"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant}\\{self.user_name}" if self.contact_center_id else self.user_name

    @staticmethod
    def key_of(contact_center_id: object | None, user_name: str) -> str:
        """The text that is unique in the installation: ``<contact center id>\\name``, or the bare name."""
        folded = user_name.casefold()
        return f"{contact_center_id}\\{folded}" if contact_center_id else folded

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        self.login_key = self.key_of(self.contact_center_id, self.user_name)
        super().save(*args, update_fields=update_fields, **kwargs)

    def clean(self) -> None:
        """Places and roles of another contact center are not this user's to have."""
        if not isinstance(self.properties, dict):  # an empty list is not shown to the field's validators
            raise ValidationError({"properties": "Properties are an object of names and texts."})
        if self.default_place and self.default_place.contact_center_id != self.contact_center_id:
            raise ValidationError({"default_place": "This place belongs to another contact center."})

    @property
    def tenant(self) -> str:
        """The first domain of the contact center: what people write before the backslash."""
        return tenant_name(self.contact_center_id) if self.contact_center_id else ""

    @property
    def system_name(self) -> str:
        """``username`` of user info: unique in the installation, opaque to callers."""
        return f"{self.user_name}:{self.dbid}:{self.contact_center_id}" if self.contact_center_id else self.user_name

    @property
    def subject(self) -> str:
        """``sub``: never reassigned, unchanged by a rename, never equal to a client id (which holds no colon)."""
        return f"{self.dbid}:{self.contact_center_id}" if self.contact_center_id else f"{self.pk}:installation"

    def held_privileges(self) -> frozenset[str]:
        """Read from the rows, not from a cache: the policy compares them before a write."""
        if self.contact_center_id is None:
            return PRIVILEGES
        if self._state.adding:
            return frozenset()
        roles = [*self.roles.all(), *Role.objects.filter(access_groups__users=self.pk)]
        return frozenset().union(*(role.held_privileges() for role in roles))

    # Django's admin asks the user; the answer is the policy's, about the principal of this request.
    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.enabled and (self.contact_center is None or self.contact_center.enabled)

    @property
    def is_superuser(self) -> bool:
        return self.contact_center_id is None

    @property
    def is_staff(self) -> bool:
        from accounts.selectors import privileges_of

        return self.is_active and bool(privileges_of(self))

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        """Our admin classes ask the policy per object; this answers only third-party screens: installation only."""
        return self.is_active and self.is_superuser and current().principal.kind != "anonymous"

    def has_perms(self, perm_list: list[str], obj: object | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
