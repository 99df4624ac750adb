"""How sessions and waits are found: by whole words, one index at a time, and by filters."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model

from config.principal import Principal
from environment.application_records import HomeFilter as HomeFilter
from environment.application_records import RecordsAdmin, RecordsFilter
from environment.models import Application
from twofactor.selectors.applications import own_applications

M = TypeVar("M", bound=Model)


class ApplicationFilter(RecordsFilter):
    """By the application that was called."""

    def own_applications(self, asking: Principal) -> list[Application]:
        return own_applications(asking)


class CallsAdmin(RecordsAdmin[M]):
    """What the screens of sessions and waits share."""

    change_form_template = "admin/twofactor/shown.html"
    application_place = 2
    search_fields = ("whole word",)  # told to Django, which offers no search otherwise

    def own_applications(self, asking: Principal) -> list[Application]:
        return own_applications(asking)
