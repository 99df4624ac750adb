"""Gateway "twilio": the official SDK, whose every request goes through ``config.outgoing``."""

from __future__ import annotations

import base64
import logging
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from config.encryption import SealBroken
from config.outgoing import OutgoingFailed, OutgoingRefused, call
from config.outgoing.wire import Deadline
from twofactor.delivery.messages import CodeMessage
from twofactor.delivery.outcomes import Outcome, Tried, of_failure, of_refusal
from twofactor.delivery.twilio_errors import class_of
from twofactor.options import server
from twofactor.options.internal import SMS_FROM
from twofactor.outgoing import ALLOW_HTTP, ALLOWED_HOSTS

# Without names in it the SDK reads those of its own from the process's environment.
_NO_ENVIRONMENT = {"DESKGATE": ""}


class CheckedClient(HttpClient):
    """The SDK's transport: one deadline, hosts of the installation's list, no redirects, nothing logged."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False)
        self._deadline = deadline
        self.answered: Response | None = None

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request. Raises OutgoingRefused, OutgoingFailed, TimeoutError."""
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode("ascii")
        answer = call(
            method.upper(),
            f"{uri}?{urlencode(params, doseq=True)}" if params else uri,
            allowed=ALLOWED_HOSTS.of(None),
            allow_http=ALLOW_HTTP.of(None),
            headers=sent,
            body=urlencode(data or {}, doseq=True).encode("ascii"),
            seconds=self._deadline.left(),
        )
        self.answered = Response(answer.status, answer.body.decode("utf-8", "replace"), dict(answer.headers))
        return self.answered


def by_twilio(message: CodeMessage, *, text: str, delivery_id: str, deadline: Deadline) -> Tried:
    """Create one message at Twilio's, good for as long as the code is."""
    client = CheckedClient(deadline)
    try:
        words = _words(message, delivery_id)
        if words is None:
            return Tried(Outcome.CONFIGURATION, "SMS.Twilio.AccountSid, AuthToken or a sender is not set")
        made = _sdk(message, client).messages.create(to=message.to, body=text, **words)
    except OutgoingRefused as refused:
        return of_refusal(refused)
    except OutgoingFailed as failed:
        return of_failure(failed)
    except TimeoutError:
        return Tried(Outcome.TRANSIENT, "not reached: timeout")
    except SealBroken:
        return Tried(Outcome.CONFIGURATION, "SMS.Twilio.AuthToken does not open")
    except (TwilioException, ValueError, TypeError, KeyError) as error:
        return _refused(client, error)
    if made.status in ("failed", "undelivered", "canceled"):
        return _classed(made.error_code, client, provider_id=str(made.sid or ""))
    return Tried(Outcome.ACCEPTED, status=client.answered and client.answered.status_code, provider_id=made.sid or "")


def _words(message: CodeMessage, delivery_id: str) -> dict[str, Any] | None:
    """What the message is made with, beside recipient and text; None when something is not set."""
    application = message.application
    service, sender = server.TWILIO_SERVICE.of(application), SMS_FROM.of(application)
    if not (service or sender) or not server.TWILIO_SID.of(application) or not server.TWILIO_TOKEN.of(application):
        return None
    words: dict[str, Any] = {"messaging_service_sid": service} if service else {"from_": sender}
    # Twilio reaches nobody without TLS here, and refuses messages whose callback it cannot reach.
    if settings.DESKGATE_PUBLIC_URL.startswith("https://"):
        words["status_callback"] = callback_url(delivery_id)
    return words | {"validity_period": message.minutes * 60}


def callback_url(delivery_id: str) -> str:
    """Where Twilio reports what became of a message."""
    return settings.DESKGATE_PUBLIC_URL + reverse("two-factor-twilio-callback", args=[delivery_id])


def _sdk(message: CodeMessage, client: CheckedClient) -> Client:
    application = message.application
    sdk = Client(
        server.TWILIO_SID.of(application),
        server.TWILIO_TOKEN.of(application),
        http_client=client,
        environment=_NO_ENVIRONMENT,
    )
    sdk.api.base_url = server.TWILIO_URL.of(application)
    return sdk


def _refused(client: CheckedClient, error: Exception) -> Tried:
    """By Twilio's code. An answer that the SDK cannot read may stand for a message that was taken."""
    if isinstance(error, TwilioRestException):
        return _classed(error.code, client)
    answered = client.answered
    if answered is None:
        return Tried(Outcome.CONFIGURATION, "the request could not be made")
    if answered.status_code < 400:
        return Tried(Outcome.UNKNOWN, "the answer cannot be read", answered.status_code, body=answered.text)
    return _classed(getattr(error, "code", 0), client)


def _classed(told: object, client: CheckedClient, *, provider_id: str = "") -> Tried:
    answered = client.answered
    status = answered.status_code if answered else 0
    code = told if isinstance(told, int) and 0 < told < 10**9 else 0
    return Tried(
        class_of(code, status),
        "Twilio refused the message",
        status or None,
        provider_id=provider_id,
        provider_code=str(code) if code else "",
        body=answered.text if answered else "",
    )
