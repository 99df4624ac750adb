"""“Export for Configuration Server…” of an Interaction Workspace application: a password in clear, for its owner."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from accounts.models import User
from accounts.selectors import Login
from accounts.services.devices import remembered_users
from accounts.services.proofs import password_prove
from config.admin.faults import fault_text
from config.admin.forms import ReasonForm
from config.http import principal_of
from config.http.errors import Refusal
from environment.application_pages import Frame, application_page
from environment.models import Application
from environment.services.options import may_read_secret
from history.options import WORKSPACE
from history.services.exports import workspace_export

_NO_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class ExportForm(ReasonForm):
    """The administrator's own password, once more, and why."""

    password = forms.CharField(
        label="Your own password",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("password", "reason")

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["reason"].required = True


@application_page(WORKSPACE, name="export", label="Export for Configuration Server…", level="read")
def export_page(request: HttpRequest, application: Application, frame: Frame) -> HttpResponseBase:
    """Ask for the password, prove it under the lockout of a sign-in, and send the file."""
    context = frame.context | {"application": application, "button": "Export"}
    if not may_read_secret(principal_of(request), application.contact_center_id):
        words = "For this the privilege to read secret options of this contact center is needed."
        return _page(request, context | {"refused": words}, status=403)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _prove(request, form.cleaned_data["password"])
        except Refusal:
            form.add_error("password", "The password is wrong, or cannot be tried now.")
        else:
            try:
                return _file(application, workspace_export(application, reason=form.cleaned_data["reason"]))
            except Refusal as refusal:
                form.add_error(None, fault_text(refusal))
    return _page(request, context | {"form": form})


def _prove(request: HttpRequest, password: str) -> None:
    """That the one at the keyboard is still the one who signed in. Raises ProofRefused, Busy."""
    user = User.objects.get(pk=principal_of(request).user_id or 0)
    password_prove(
        login=Login.parse(str(user)), user=user, password=password, via="admin", remembered=remembered_users(request)
    )


def _file(application: Application, text: str) -> HttpResponse:
    name = _NO_FILE_NAME.sub("_", application.name)[:100]
    response = HttpResponse(text, content_type="text/plain; charset=UTF-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.cfg"'
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> TemplateResponse:
    response = TemplateResponse(request, "admin/history/export.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
