"""Environments: records of Configuration Server connections, kept for scripts that make them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from config.admin.forms import GovernedForm, JsonField
from config.admin.governed import GovernedAdmin
from environment.models import Environment
from environment.services import environment_create, environment_delete, environment_update

_FIELDS = (
    "tenant",
    "app_name",
    "username",
    "connection_protocol",
    "local_timeout",
    "remote_timeout",
    "trace_mode",
    "tls_enabled",
    "config_servers",
)


class ServersField(JsonField):
    """A JSON list; nothing typed is an empty one."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value) or []


class EnvironmentForm(GovernedForm):
    """The password is typed to set or replace it, and never shown."""

    fault_names: ClassVar = {"password": "new_password"}
    new_password = forms.CharField(
        required=False,
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Of the Configuration Server. Empty: it stays as it is. It is never shown again.",
    )
    config_servers = ServersField(
        required=False,
        label="Configuration Servers",
        help_text="A JSON list of primaryAddress, primaryPort, readOnly, locations, backupAddress, backupPort.",
    )

    class Meta:
        model = Environment
        fields = ("id", *_FIELDS)


@admin.register(Environment)
class EnvironmentAdmin(GovernedAdmin[Environment]):
    """For administrators of the installation. A record only: nothing connects to these servers."""

    menu_order = 5
    form = EnvironmentForm
    list_display = ("tenant", "id", "app_name", "username")
    search_fields = ("tenant", "app_name")
    ordering = ("tenant", "id")

    def get_fields(self, request: HttpRequest, obj: Environment | None = None) -> Any:
        return ("tenant", "id", "app_name", "username", "new_password", *_FIELDS[3:])

    def get_readonly_fields(self, request: HttpRequest, obj: Environment | None = None) -> Any:
        return ("id",) if obj else ()

    def write(self, request: HttpRequest, form: Any, obj: Environment, *, change: bool) -> None:
        password = form.cleaned_data["new_password"]
        if change:
            environment_update(obj, password=password or None)
            return
        made = environment_create(id=obj.pk, password=password, **{name: getattr(obj, name) for name in _FIELDS})
        obj.__dict__.update(made.__dict__)

    def erase(self, request: HttpRequest, obj: Environment) -> None:
        environment_delete(obj)
