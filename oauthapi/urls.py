"""Paths of the Authentication API. Every path answers with and without the trailing slash."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, re_path

from config.http.pages import not_found
from oauthapi.views.auth_scheme import AuthSchemeView
from oauthapi.views.authorize import AuthorizeView, proceed
from oauthapi.views.change_password import ChangePasswordView
from oauthapi.views.consent import consent
from oauthapi.views.end_session import EndSessionView
from oauthapi.views.introspect import IntrospectView
from oauthapi.views.jwt_userinfo import JwtUserInfoView
from oauthapi.views.metadata import KeySetView, MetadataView
from oauthapi.views.must_change import change_password
from oauthapi.views.openid_userinfo import OpenIdUserInfoView
from oauthapi.views.ops_clients import ClientsView, ClientView
from oauthapi.views.ping import PingView
from oauthapi.views.revoke import RevokeView
from oauthapi.views.sign_in import sign_in
from oauthapi.views.sign_out import SignOutView
from oauthapi.views.signed import signed_in, signed_out
from oauthapi.views.token import TokenView
from oauthapi.views.userinfo import UserInfoView


def _at(pattern: str, view: Any, name: str) -> URLPattern:
    return re_path(rf"^auth/v3/{pattern}/?$", view, name=name)


urlpatterns = [
    _at("oauth/authorize", AuthorizeView.as_view(), "authorize"),
    _at("oauth/authorize/continue", proceed, "authorize-continue"),
    _at("oauth/token", TokenView.as_view(), "token"),
    _at("oauth/introspect", IntrospectView.as_view(), "introspect"),
    _at("oauth/revoke", RevokeView.as_view(), "revoke"),
    _at("oauth/end-session", EndSessionView.as_view(), "end-session"),
    _at("auth-scheme", AuthSchemeView.as_view(), "auth-scheme"),
    _at("sign-in", sign_in, "sign-in"),
    _at("sign-in/change-password", change_password, "sign-in-change-password"),
    _at("signed-in", signed_in, "signed-in"),
    _at("signed-out", signed_out, "signed-out"),
    _at("consent", consent, "consent"),
    _at("userinfo", UserInfoView.as_view(), "userinfo"),
    _at("openid/userinfo", OpenIdUserInfoView.as_view(), "openid-userinfo"),
    _at("jwt-userinfo", JwtUserInfoView.as_view(), "jwt-userinfo"),
    _at("change-password", ChangePasswordView.as_view(), "change-password"),
    _at("ping", PingView.as_view(), "ping"),
    _at("sign-out", SignOutView.as_view(), "sign-out"),
    _at("ops/clients", ClientsView.as_view(), "ops-clients"),
    _at("ops/clients/(?P<client_id>.+?)", ClientView.as_view(), "ops-client"),
    _at(r"\.well-known/openid-configuration", MetadataView.as_view(), "openid-configuration"),
    _at(r"\.well-known/oauth-authorization-server", MetadataView.as_view(), "oauth-metadata-appended"),
    _at(r"\.well-known/jwks\.json", KeySetView.as_view(), "jwks"),
    # RFC 8414 §3.1 inserts the well-known part before the issuer's path.
    re_path(r"^\.well-known/oauth-authorization-server/auth/v3/?$", MetadataView.as_view(), name="oauth-metadata"),
    re_path(r"^\.well-known/openid-configuration/auth/v3/?$", MetadataView.as_view(), name="openid-inserted"),
    re_path(r"^auth/v3(/.*)?$", not_found),
]
