"""Paths of ``/configuration``. Every path answers with and without the trailing slash."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, re_path

from accounts.views.basicauth import BasicAuthOneView, BasicAuthPasswordView, BasicAuthView
from accounts.views.token_exchange import TokenExchangeView
from accounts.views.token_page import register_by_form, token_issue, token_revoke
from config.http.pages import not_found


def _at(pattern: str, view: Any, name: str) -> URLPattern:
    return re_path(rf"^configuration/{pattern}/?$", view, name=name)


urlpatterns = [
    _at("basicauth", BasicAuthView.as_view(), "basicauth"),
    _at("basicauth/(?P<credential_id>[^/]+)", BasicAuthOneView.as_view(), "basicauth-one"),
    _at("basicauth/(?P<credential_id>[^/]+)/password", BasicAuthPasswordView.as_view(), "basicauth-password"),
    # GET is the page for people.
    _at("token", TokenExchangeView.as_view(), "configuration-token"),
    _at("token/issue", token_issue, "configuration-token-issue"),
    _at("token/revoke", token_revoke, "configuration-token-revoke"),
    _at("token/register", register_by_form, "configuration-token-register"),
    re_path(r"^configuration(/.*)?$", not_found),
]
