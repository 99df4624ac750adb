"""The table of gateways: a name, and what sends by it."""

from __future__ import annotations

from twofactor.delivery.http_sms import by_http
from twofactor.delivery.messages import CodeMessage
from twofactor.delivery.outbox import by_outbox
from twofactor.delivery.outcomes import Gateway
from twofactor.delivery.smtp import by_smtp
from twofactor.delivery.twilio_sms import by_twilio
from twofactor.models import Method
from twofactor.options import server

_GATEWAYS: dict[str, Gateway] = {"smtp": by_smtp, "http": by_http, "twilio": by_twilio, "outbox": by_outbox}


def gateways_of(message: CodeMessage) -> tuple[str, ...]:
    """The names of the channel's gateways, in the order of trying."""
    if message.method == Method.EMAIL:
        return server.EMAIL_GATEWAYS.of(message.application)
    return server.SMS_GATEWAYS.of(message.application) if message.method == Method.SMS else ()


def gateway_named(name: str) -> Gateway:
    """What sends by it."""
    return _GATEWAYS[name]


def own_milliseconds(name: str, message: CodeMessage) -> int:
    """How long one try may take by the gateway's own setting."""
    option = server.SMTP_TIMEOUT if name == "smtp" else server.SMS_TIMEOUT
    return option.of(message.application)
