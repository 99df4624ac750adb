"""The paths of the VoiceXML face. Every path answers with and without the trailing slash."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from twofactor.views.vxml_code import CodeView
from twofactor.views.vxml_entry import EntryView
from twofactor.views.vxml_hangup import HangupView
from twofactor.views.vxml_method import MethodView
from twofactor.views.vxml_resend import ResendView

_ENTRY = r"^twofactor/vxml/(?P<application>[^/]+)"
_SESSION = rf"{_ENTRY}/sessions/(?P<session_id>[^/]+)"

urlpatterns: list[URLPattern] = [
    re_path(rf"{_ENTRY}/?$", EntryView.as_view(), name="two-factor-vxml"),
    re_path(rf"{_SESSION}/method/?$", MethodView.as_view(), name="two-factor-vxml-method"),
    re_path(rf"{_SESSION}/code/?$", CodeView.as_view(), name="two-factor-vxml-code"),
    re_path(rf"{_SESSION}/resend/?$", ResendView.as_view(), name="two-factor-vxml-resend"),
    re_path(rf"{_SESSION}/hangup/?$", HangupView.as_view(), name="two-factor-vxml-hangup"),
]
