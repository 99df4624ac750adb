"""The paths of the three services, each by credential and by key; the key's application is its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, re_path

from config.http.pages import not_found
from twofactor.views.services.check import CheckView
from twofactor.views.services.send import SendView
from twofactor.views.services.verify import VerifyView

_VIEWS = {
    "checkVerifiedContactMethods": CheckView,
    "sendAuthenticationCode": SendView,
    "codeAuthentication": VerifyView,
}
urlpatterns: list[URLPattern | URLResolver] = [
    *(
        re_path(rf"^services/key/(?P<key>[^/]+)/{name}/?$", view.as_view(), name=f"two-factor-{name}-by-key")
        for name, view in _VIEWS.items()
    ),
    *(
        re_path(rf"^services/(?P<application>[^/]+)/{name}/?$", view.as_view(), name=f"two-factor-{name}")
        for name, view in _VIEWS.items()
    ),
    re_path(r"^services(?:/.*)?$", not_found),
]
