"""Paths of the Authentication API. Every API path answers with and without the trailing slash."""

from __future__ import annotations

from django.urls import re_path

from config.http.pages import not_found
from oauthapi.views.jwt_userinfo import JwtUserInfoView
from oauthapi.views.openid_userinfo import OpenIdUserInfoView
from oauthapi.views.token import TokenView
from oauthapi.views.userinfo import UserInfoView

urlpatterns = [
    re_path(r"^auth/v3/oauth/token/?$", TokenView.as_view(), name="token"),
    re_path(r"^auth/v3/userinfo/?$", UserInfoView.as_view(), name="userinfo"),
    re_path(r"^auth/v3/openid/userinfo/?$", OpenIdUserInfoView.as_view(), name="openid-userinfo"),
    re_path(r"^auth/v3/jwt-userinfo/?$", JwtUserInfoView.as_view(), name="jwt-userinfo"),
    re_path(r"^auth/v3/", not_found),
]
