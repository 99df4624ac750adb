"""Paths of the Environment API. Every path answers with and without the trailing slash."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, re_path

from config.http.pages import not_found
from environment.views.application_options import ApplicationOptionsView, ApplicationOptionView
from environment.views.contact_centers import ContactCentersView, ContactCenterView
from environment.views.cors import CorsView
from environment.views.environments import EnvironmentsView, EnvironmentView
from environment.views.settings import SettingsView, SettingView


def _at(pattern: str, view: Any, name: str) -> URLPattern:
    return re_path(rf"^environment/v3/{pattern}/?$", view, name=name)


# An application's name may hold a slash: whatever stands before /options is the name, as little as will do.
_APPLICATION = r"applications/(?P<name>.+?)/options"

urlpatterns = [
    _at("environments", EnvironmentsView.as_view(), "environments"),
    _at(r"environments/(?P<id>[^/]+)", EnvironmentView.as_view(), "environment"),
    _at("contact-centers", ContactCentersView.as_view(), "contact-centers"),
    _at(r"contact-centers/(?P<id>[^/]+)", ContactCenterView.as_view(), "contact-center"),
    _at(r"contact-centers/(?P<id>[^/]+)/settings", SettingsView.as_view(), "settings"),
    _at(r"contact-centers/(?P<id>[^/]+)/settings/(?P<name>[^/]+)", SettingView.as_view(), "setting"),
    _at("cors", CorsView.as_view(), "cors"),
    _at(rf"{_APPLICATION}/(?P<section>[^/]+)/(?P<option>[^/]+)", ApplicationOptionView.as_view(), "application-option"),
    _at(_APPLICATION, ApplicationOptionsView.as_view(), "application-options"),
    re_path(r"^environment/v3(/.*)?$", not_found),
]
