"""“Try this application…”: plays the caller of a test call, by the same flow as every face. No script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from config.admin.faults import fault_lines, fault_text
from config.http import principal_of
from config.http.errors import Refusal
from environment.application_pages import Frame, application_page
from environment.models import Application
from twofactor.admin.session_page import session_page
from twofactor.admin.telling import masked_value
from twofactor.admin.try_forms import FIELD_NAMES, TryForm
from twofactor.errors import NoSuchSession
from twofactor.flow.answers import Answer
from twofactor.flow.engine import code_enter, code_resend, hangup, method_choose, session_read, session_start
from twofactor.models import FlowSession, Method
from twofactor.selectors.doors import opener_of
from twofactor.selectors.session_told import last_outbox_text, session_told

SESSION = "session"
"""Query parameter: the call that is being played."""
_OLD = "That was an answer to an older prompt; this is where the call stands."
Act = Callable[[str, str, Mapping[str, str]], Answer]

_ACTS: dict[str, Act] = {
    "choose": lambda key, opener, sent: method_choose(key, opener=opener, choice=sent.get("choice", "")),
    "code": lambda key, opener, sent: code_enter(key, opener=opener, code=sent.get("code", "")[:100]),
    "resend": lambda key, opener, sent: code_resend(key, opener=opener, method=sent.get("method") or None),
    "hangup": lambda key, opener, _sent: hangup(key, opener=opener),
}


@application_page(Application.Type.TWO_FACTOR, name="try", label="Try this application…", level="write")
def try_page(request: HttpRequest, application: Application, frame: Frame) -> HttpResponseBase:
    """Begin a test call, or go on with one of one's own."""
    opener = opener_of(principal_of(request))
    key = request.GET.get(SESSION, "")
    if not key:
        return _start(request, application, frame, opener)
    try:
        _own_call(key, application, opener)
        answer = session_read(key, opener=opener)
        faults: list[str] = []
        if request.method == "POST":
            answer, faults = _play(request, answer, opener)
    except NoSuchSession:
        messages.error(request, "There is no such test call of yours.")
        return HttpResponseRedirect(request.path)
    return _page(request, application, frame, answer=answer, faults=faults)


def _start(request: HttpRequest, application: Application, frame: Frame, opener: str) -> HttpResponseBase:
    form = TryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            begun = session_start(
                opener=opener, face=FlowSession.Face.TRIAL, application=application, test_call=True, **form.cleaned_data
            )
        except Refusal as refusal:
            for name, words in fault_lines(refusal):
                field = FIELD_NAMES.get(name, name.partition(".")[0])
                form.add_error(field if field in form.fields else None, words)
        else:
            return HttpResponseRedirect(f"{request.path}?{SESSION}={begun.id}")
    return _page(request, application, frame, form=form)


def _own_call(key: str, application: Application, opener: str) -> None:
    """A test call that this page began, of this very application. Raises NoSuchSession."""
    own = FlowSession.objects.filter(pk=key[:64], application=application, opener=opener, test_call=True)
    if not own.filter(face=FlowSession.Face.TRIAL).exists():
        raise NoSuchSession


def _play(request: HttpRequest, standing: Answer, opener: str) -> tuple[Answer, list[str]]:
    """What the caller does next; a page sent again, or left behind by another, changes nothing."""
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None or request.POST.get("step") != str(standing.step):
        return standing, [_OLD]
    try:
        return act(standing.id, opener, request.POST), []
    except NoSuchSession:
        raise
    except Refusal as refusal:
        return session_read(standing.id, opener=opener), [fault_text(refusal)]


def _page(
    request: HttpRequest,
    application: Application,
    frame: Frame,
    *,
    form: TryForm | None = None,
    answer: Answer | None = None,
    faults: list[str] | None = None,
) -> TemplateResponse:
    context = frame.context | {
        "application": application,
        "form": form,
        "answer": answer,
        "faults": faults or [],
        "settings_url": reverse("admin:environment_application_page", args=[application.pk, "two-factor-settings"]),
    }
    if answer is not None:
        context |= _call_context(answer)
    response = TemplateResponse(request, "admin/twofactor/try.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _call_context(answer: Answer) -> dict[str, Any]:
    session = FlowSession.objects.select_related("application").get(pk=answer.id)
    told = session_told(session)
    shown = session_page(session, told)
    is_demo = django_settings.DESKGATE_MODE == "demo"
    calls = [step for step in shown["steps"] if step.step.name.startswith("ws.")]
    return shown | {
        "session": session,
        "session_url": reverse("admin:twofactor_flowsession_change", args=[session.pk]),
        "variables": [(name, masked_value(value)) for name, value in answer.variables.items()],
        "calls": calls,
        "others": [(one, Method(one).label) for one in session.offered if one != session.method],
        "outbox_text": last_outbox_text(told) if is_demo else "",
        "is_unsent": bool(told.deliveries) and told.deliveries[-1].gateway == "test",
        "is_passed": answer.path == "success",
    }
