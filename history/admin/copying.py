"""“Copy to clients…” of a Web Engagement Server application: never silent, each client is named before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from config.admin.faults import fault_text
from config.admin.forms import ReasonForm
from config.http.errors import Refusal
from environment.application_pages import Frame, application_page
from environment.models import Application
from history.errors import NothingToCopy
from history.models import Strategy
from history.options import SERVER
from history.services.clients import ClientCopy, copies_of, copy_to_clients, disagreement, require_copyable


class ClientsForm(ReasonForm):
    """Which clients, each by its row's key."""

    clients = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose one."})
    field_order = ("clients", "reason")

    def __init__(self, data: Any, *, differing: dict[str, str], chosen: list[str]) -> None:
        super().__init__(data, initial={"clients": chosen})
        field: Any = self.fields["clients"]
        field.choices = list(differing.items())


@application_page(SERVER, name="copy-to-clients", label="Copy to clients…", level="write")
def copy_page(request: HttpRequest, application: Application, frame: Frame) -> HttpResponseBase:
    """Name the clients that would change, then write those that were left ticked."""
    try:
        demanded = require_copyable(application)
    except NothingToCopy as refused:
        return _page(request, frame, application, refused=refused.message)
    differing = {
        _key(copy): (copy, words) for copy in copies_of(application) if (words := disagreement(demanded, copy.pair))
    }
    if not differing:
        return _page(request, frame, application, refused="Every client has what this server demands.")
    told = {key: _shown(copy, words) for key, (copy, words) in differing.items()}
    # An Interaction Workspace without the plug-in needs no copy; where no client has one, each may be meant. Who sends
    # to another server gets the password by a tick of one's own only.
    here = [key for key, (copy, _words) in differing.items() if not copy.address]
    have = [key for key in here if differing[key][0].pair.is_set]
    form = ClientsForm(request.POST if request.method == "POST" else None, differing=told, chosen=have or here)
    if form.is_valid():
        chosen = [differing[key][0] for key in form.cleaned_data["clients"]]
        try:
            changed = copy_to_clients(application, copies=chosen)
        except Refusal as refusal:
            form.add_error(None, fault_text(refusal))
        else:
            messages.success(request, f"Copied to {', '.join(str(copy) for copy in changed)}.{_left_to_do(changed)}")
            return HttpResponseRedirect(frame.back)
    return _page(request, frame, application, form=form)


def _shown(copy: ClientCopy, words: str) -> str:
    where = f", which sends it to {copy.address}" if copy.address else ""
    return f"{copy}{where}: {words if copy.pair.is_set else 'has none'}"


def _left_to_do(changed: Sequence[ClientCopy]) -> str:
    """A strategy goes on sending what it was generated with."""
    names = [f"“{copy.holder}”" for copy in changed if isinstance(copy.holder, Strategy)]
    return f" Still to be regenerated and deployed: engagement strategy {', '.join(names)}." if names else ""


def _key(copy: ClientCopy) -> str:
    return f"{copy.holder._meta.model_name}-{copy.holder.pk}"


def _page(request: HttpRequest, frame: Frame, application: Application, **words: Any) -> TemplateResponse:
    context = frame.context | {"application": application, "button": "Copy to clients"} | words
    return TemplateResponse(request, "admin/history/copy_to_clients.html", context)
