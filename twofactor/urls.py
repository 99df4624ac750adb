"""The paths of this room. Every path answers with and without the trailing slash."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path

from config.http.pages import not_found
from twofactor.views.customer_authenticator import CustomerAuthenticatorView
from twofactor.views.customers import CustomersView, CustomerView
from twofactor.views.enrol import enrol
from twofactor.views.outbox import OutboxView
from twofactor.views.session import SessionView
from twofactor.views.session_code import SessionCodeView
from twofactor.views.session_hangup import SessionHangupView
from twofactor.views.session_method import SessionMethodView
from twofactor.views.session_resend import SessionResendView
from twofactor.views.sessions import SessionsView
from twofactor.views.twilio_callback import TwilioCallbackView


def _at(pattern: str, view: Any, name: str) -> URLPattern:
    return re_path(rf"^twofactor/{pattern}/?$", view, name=name)


_SESSION = r"v1/sessions/(?P<session_id>[^/]+)"
# An account may hold anything, a slash too.
_CUSTOMER = r"v1/customers/(?P<account>.+?)"

urlpatterns: list[URLPattern | URLResolver] = [
    _at("v1/customers", CustomersView.as_view(), "customers"),
    _at(f"{_CUSTOMER}/authenticator", CustomerAuthenticatorView.as_view(), "customer-authenticator"),
    _at(_CUSTOMER, CustomerView.as_view(), "customer"),
    _at("enrol/(?P<token>[^/]+)", enrol, "two-factor-enrol"),
    _at("v1/sessions", SessionsView.as_view(), "two-factor-sessions"),
    _at(_SESSION, SessionView.as_view(), "two-factor-session"),
    _at(f"{_SESSION}/method", SessionMethodView.as_view(), "two-factor-session-method"),
    _at(f"{_SESSION}/code", SessionCodeView.as_view(), "two-factor-session-code"),
    _at(f"{_SESSION}/resend", SessionResendView.as_view(), "two-factor-session-resend"),
    _at(f"{_SESSION}/hangup", SessionHangupView.as_view(), "two-factor-session-hangup"),
    _at("callbacks/twilio/(?P<delivery>[^/]+)", TwilioCallbackView.as_view(), "two-factor-twilio-callback"),
    re_path(r"^demo/outbox/?$", OutboxView.as_view(), name="demo-outbox"),
    path("twofactor/", include("twofactor.webservices.urls")),
    path("", include("twofactor.voicexml.urls")),
    re_path(r"^twofactor(/.*)?$", not_found),
]
