"""Gateway "http": the generic one of seed 004, by SMS.Method, SMS.URL, SMS.RequestHeaders and SMS.RequestBody."""

from __future__ import annotations

from config.encryption import SealBroken
from config.outgoing import Answer, OutgoingFailed, OutgoingRefused, call
from config.outgoing.wire import Deadline
from environment.models import Application
from twofactor.delivery.headers import BadHeaders, read_headers
from twofactor.delivery.messages import CodeMessage
from twofactor.delivery.outcomes import Outcome, Tried, of_failure, of_refusal
from twofactor.delivery.patterns import matches
from twofactor.delivery.templates import encoder_of, filled, in_url, media_type_of, values_of
from twofactor.options import server
from twofactor.outgoing import ALLOW_HTTP, ALLOWED_HOSTS

_LATER = frozenset({408, 425, 429})


def by_http(message: CodeMessage, *, text: str, delivery_id: str, deadline: Deadline) -> Tried:
    """Ask the gateway once, and judge its answer by SMS.SuccessStatus and the patterns."""
    application = message.application
    url = server.SMS_URL.of(application)
    if not url:
        return Tried(Outcome.CONFIGURATION, "SMS.URL is not set")
    try:
        headers = {name.lower(): value for name, value in read_headers(server.SMS_HEADERS.of(application))}
    except (BadHeaders, SealBroken):
        return Tried(Outcome.CONFIGURATION, "SMS.RequestHeaders cannot be read")
    method = server.SMS_METHOD.of(application)
    values = values_of(message, text=text, reference=delivery_id)
    body = None if method == "GET" else _body(server.SMS_BODY.of(application), headers, values)
    try:
        answer = call(
            method,
            filled(url, values, in_url),
            allowed=ALLOWED_HOSTS.of(None),
            allow_http=ALLOW_HTTP.of(None),
            headers=headers,
            body=body,
            seconds=deadline.left(),
        )
    except OutgoingRefused as refused:
        return of_refusal(refused)
    except OutgoingFailed as failed:
        return of_failure(failed)
    except TimeoutError:
        return Tried(Outcome.TRANSIENT, "not reached: timeout")
    return _judged(application, answer)


def _body(template: str, headers: dict[str, str], values: dict[str, str]) -> bytes:
    """The body; its type is put among the headers where the administrator named none."""
    media_type = media_type_of(headers.get("content-type"), template)
    if template:
        headers.setdefault("content-type", media_type)
    return filled(template, values, encoder_of(media_type)).encode(errors="replace")


def _judged(application: Application, answer: Answer) -> Tried:
    text = answer.body.decode("utf-8", "replace")

    def tried(outcome: Outcome, detail: str = "") -> Tried:
        return Tried(outcome, detail, answer.status, body=text)

    if str(answer.status) not in server.SMS_SUCCESS_STATUS.of(application):
        if answer.status >= 500 or answer.status in _LATER:
            return tried(Outcome.TRANSIENT, "the gateway failed, or has too much to do")
        return tried(Outcome.CONFIGURATION, "the gateway refused the request")
    failure = server.SMS_FAILURE_PATTERN.of(application)
    if failure and matches(failure, text):
        return tried(Outcome.BLOCKED, "the answer matches SMS.FailurePattern")
    success = server.SMS_SUCCESS_PATTERN.of(application)
    if success and not matches(success, text):
        return tried(Outcome.BLOCKED, "the answer does not match SMS.SuccessPattern")
    if not success and text.lstrip("\ufeff \t\r\n")[:9].lower().startswith(("<!doctype", "<html")):
        return tried(Outcome.CONFIGURATION, "the answer is a web page")
    return tried(Outcome.ACCEPTED)
