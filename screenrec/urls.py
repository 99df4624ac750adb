"""Paths of the Screen Recording Service. Every path answers with and without the trailing slash."""

from __future__ import annotations

from django.urls import re_path

from config.http.pages import not_found
from screenrec.views.me import MeView
from screenrec.views.ping import PingView
from screenrec.views.version import VersionView

urlpatterns = [
    re_path(r"^api/v2/me/?$", MeView.as_view(), name="recorder-me"),
    re_path(r"^version/?$", VersionView.as_view(), name="recorder-version"),
    re_path(r"^ping/?$", PingView.as_view(), name="recorder-ping"),
    re_path(r"^api/v2(/.*)?$", not_found),
]
