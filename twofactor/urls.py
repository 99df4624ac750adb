"""The paths of this room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, re_path

from twofactor.views.outbox import OutboxView
from twofactor.views.twilio_callback import TwilioCallbackView

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(
        r"^twofactor/callbacks/twilio/(?P<delivery>[^/]+)\Z",
        TwilioCallbackView.as_view(),
        name="two-factor-twilio-callback",
    ),
    re_path(r"^demo/outbox/?\Z", OutboxView.as_view(), name="demo-outbox"),
]
