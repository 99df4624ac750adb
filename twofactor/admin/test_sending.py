"""“Send a test…” of a two-factor application: by the real gateways, to an address that is typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from config.admin.faults import fault_text
from config.admin.forms import ReasonForm
from config.http import principal_of
from config.http.errors import Refusal
from environment.application_pages import Frame, application_page
from environment.models import Application
from twofactor.delivery.delivering import Tries
from twofactor.destinations import email_read, phone_read
from twofactor.models import Method
from twofactor.services.test_sends import send_test

_SHOWN = 2_000
"""Characters of a gateway's answer."""


class TestForm(ReasonForm):
    """By what, and to whom."""

    channel = forms.ChoiceField(choices=[(Method.EMAIL.value, "E-mail"), (Method.SMS.value, "Text message")])
    destination = forms.CharField(
        max_length=254,
        help_text="An e-mail address, or a number with its country code. It is not kept.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    field_order = ("channel", "destination", "reason")

    def clean(self) -> dict[str, Any]:
        """The destination is one of the channel, in the form in which customers' are stored."""
        cleaned = super().clean() or {}
        read = email_read if cleaned.get("channel") == Method.EMAIL else phone_read
        if cleaned.get("destination"):
            try:
                cleaned["destination"] = read(cleaned["destination"])
            except forms.ValidationError as error:
                self.add_error("destination", error)
        return cleaned


@application_page(Application.Type.TWO_FACTOR, name="send-a-test", label="Send a test…", level="write")
def test_page(request: HttpRequest, application: Application, frame: Frame) -> HttpResponseBase:
    """Ask, send, and tell how each gateway took it."""
    form = TestForm(request.POST if request.method == "POST" else None)
    words: dict[str, Any] = {}
    if form.is_valid():
        asked = form.cleaned_data
        try:
            tries = send_test(
                application=application,
                method=Method(asked["channel"]),
                to=asked["destination"],
                reason=asked["reason"],
            )
        except Refusal as refusal:
            form.add_error(None, fault_text(refusal))
        else:
            words = _told(tries, bodies=principal_of(request).everywhere)
    context = frame.context | {"application": application, "button": "Send", "form": form} | words
    return TemplateResponse(request, "admin/twofactor/send_a_test.html", context)


def _told(tries: Tries, *, bodies: bool) -> dict[str, Any]:
    """The tries for the page. What a gateway answered may hold anything: only the installation's own see it."""
    lines = [
        {
            "gateway": row.gateway,
            "outcome": row.get_outcome_display(),
            "status": "" if tried.status is None else tried.status,
            "ms": row.ms,
            "detail": tried.detail,
            "code": tried.provider_code,
            "body": tried.body[:_SHOWN] if bodies else "",
        }
        for row, tried in tries.made
    ]
    return {"verdict": str(tries.verdict), "lines": lines, "bodies": bodies}
