"""The paths of this room. Every path answers with and without the trailing slash."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path

from config.http.pages import not_found
from twofactor.views.customer_authenticator import CustomerAuthenticatorView
from twofactor.views.customers import CustomersView, CustomerView
from twofactor.views.enrol import enrol


def _at(pattern: str, view: Any, name: str) -> URLPattern:
    return re_path(rf"^twofactor/{pattern}/?$", view, name=name)


# An account may hold anything, a slash too.
_CUSTOMER = r"v1/customers/(?P<account>.+?)"

urlpatterns: list[URLPattern | URLResolver] = [
    _at("v1/customers", CustomersView.as_view(), "customers"),
    _at(f"{_CUSTOMER}/authenticator", CustomerAuthenticatorView.as_view(), "customer-authenticator"),
    _at(_CUSTOMER, CustomerView.as_view(), "customer"),
    _at("enrol/(?P<token>[^/]+)", enrol, "two-factor-enrol"),
    path("twofactor/", include("twofactor.webservices.urls")),
    re_path(r"^twofactor(/.*)?$", not_found),
]
