"""Gateway "smtp": one message over a checked connection, under one deadline."""

from __future__ import annotations

import io
import re
import smtplib
import ssl
from contextlib import suppress
from typing import Any

import httpcore

from config.encryption import SealBroken
from config.outgoing import OutgoingFailed, OutgoingRefused, connect
from config.outgoing.wire import Deadline, trust
from twofactor.delivery.mail import UnusableAddress, mail_of
from twofactor.delivery.messages import CodeMessage
from twofactor.delivery.outcomes import Outcome, Tried, of_failure, of_refusal
from twofactor.options import server
from twofactor.outgoing import ALLOW_HTTP, ALLOWED_HOSTS

MOST_READ = 65_536
"""Bytes that a mail server may say in one conversation."""
_DOT = re.compile(rb"^\.", re.MULTILINE)


class Refused(Exception):
    """The mail server said no, or we did: how that counts."""

    def __init__(self, tried: Tried) -> None:
        self.tried = tried
        super().__init__(tried.detail)


class _Reader(io.RawIOBase):
    """What a stream brings, up to MOST_READ."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._left = MOST_READ

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(len(buffer), self._left))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


class _Socket:
    """As much of a socket as smtplib uses, on a stream that keeps the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self.stream = stream

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self.stream))

    def sendall(self, data: bytes) -> None:
        try:
            self.stream.write(data)
        except httpcore.WriteError:
            raise ConnectionError from None

    def close(self) -> None:
        self.stream.close()


class _Conversation(smtplib.SMTP):
    """smtplib's grammar; the connection is ours."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        # No host: nothing is connected, and no name of this machine is looked up.
        super().__init__(local_hostname="localhost")
        self.sock: Any = _Socket(stream)

    def encrypt(self, host: str) -> None:
        """Shake hands. What the server said before is forgotten, so that nobody can slip words in (RFC 3207 §6)."""
        self.sock = _Socket(self.sock.stream.start_tls(trust(), server_hostname=host))
        self.file = None
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False


def by_smtp(message: CodeMessage, *, text: str, delivery_id: str, deadline: Deadline) -> Tried:
    """Send it. 4xx is transient, 5xx to the recipient permanent, sign-in, TLS and sender configuration; nobody knows
    what became of a message whose end was sent without an answer."""
    try:
        sender, recipient, mail = mail_of(message, text)
    except UnusableAddress as bad:
        whose = Outcome.PERMANENT if bad.whose == "to" else Outcome.CONFIGURATION
        return Tried(whose, "the recipient's address cannot be used" if bad.whose == "to" else "no usable sender")
    except ValueError:
        return Tried(Outcome.CONFIGURATION, "the subject or name cannot be used")
    progress: list[str] = []
    conversation = None
    try:
        conversation = _greeted(message, deadline)
        _ask(conversation, f"MAIL FROM:<{sender}>", "sender", Outcome.CONFIGURATION)
        _recipient(conversation, recipient)
        _ask(conversation, "DATA", "data", Outcome.CONFIGURATION, wanted=(354,))
        progress.append("data")
        conversation.send(_DOT.sub(b"..", mail) + b".\r\n")
        return _judged(conversation.getreply(), "message", Outcome.BLOCKED)
    except Refused as refused:
        return refused.tried
    except SealBroken:
        return Tried(Outcome.CONFIGURATION, "Email.SMTP.Password does not open")
    except OutgoingRefused as refused:
        return of_refusal(refused)
    except OutgoingFailed as failed:
        return of_failure(failed)
    except ssl.SSLError:
        return Tried(Outcome.CONFIGURATION, "no trusted TLS connection")
    except (OSError, smtplib.SMTPException):
        if progress:
            return Tried(Outcome.UNKNOWN, "no answer after the message")
        return Tried(Outcome.TRANSIENT, "the conversation broke off or took too long")
    finally:
        if conversation is not None:
            _leave(conversation)


def _leave(conversation: _Conversation) -> None:
    """Say so, without waiting for an answer."""
    with suppress(OSError, smtplib.SMTPException):
        conversation.putcmd("QUIT")
    conversation.close()


def _greeted(message: CodeMessage, deadline: Deadline) -> _Conversation:
    """Connected, encrypted and signed in as the settings say."""
    application = message.application
    host, security = server.SMTP_HOST.of(application), server.SMTP_SECURITY.of(application)
    if not host:
        raise Refused(Tried(Outcome.CONFIGURATION, "Email.SMTP.Host is not set"))
    stream = connect(host, server.SMTP_PORT.of(application), allowed=ALLOWED_HOSTS.of(None), deadline=deadline)
    conversation = _Conversation(stream)
    try:
        bare = host.strip("[]")
        if security == "tls":
            conversation.encrypt(bare)
        _require(conversation.getreply(), "greeting", Outcome.CONFIGURATION)
        _hello(conversation)
        if security == "starttls":
            if not conversation.has_extn("starttls"):
                raise Refused(Tried(Outcome.CONFIGURATION, "the server has no STARTTLS"))
            _ask(conversation, "STARTTLS", "STARTTLS", Outcome.CONFIGURATION)
            conversation.encrypt(bare)
            _hello(conversation)
        _sign_in(conversation, message, encrypted=security != "none")
    except BaseException:
        conversation.close()
        raise
    return conversation


def _hello(conversation: _Conversation) -> None:
    reply = conversation.ehlo()
    if reply[0] // 100 == 5:
        reply = conversation.helo()
    _require(reply, "EHLO", Outcome.CONFIGURATION)


def _sign_in(conversation: _Conversation, message: CodeMessage, *, encrypted: bool) -> None:
    name = server.SMTP_USERNAME.of(message.application)
    if not name:
        return
    if not encrypted and not ALLOW_HTTP.of(None):
        raise Refused(Tried(Outcome.CONFIGURATION, "a password is not sent without TLS"))
    try:
        conversation.login(name, server.SMTP_PASSWORD.of(message.application))
    except smtplib.SMTPAuthenticationError as refused:
        _require((refused.smtp_code, b""), "sign-in", Outcome.CONFIGURATION)
    except (smtplib.SMTPNotSupportedError, UnicodeError):
        raise Refused(Tried(Outcome.CONFIGURATION, "the server offers no sign-in that we know")) from None


def _recipient(conversation: _Conversation, recipient: str) -> None:
    reply = conversation.docmd(f"RCPT TO:<{recipient}>")
    # RFC 3463 §3.8: x.7.y is about who may send here, not about the recipient. 530 wants a sign-in first.
    ours = reply[0] == 530 or reply[1].startswith(b"5.7.")
    _require(reply, "recipient", Outcome.CONFIGURATION if ours else Outcome.PERMANENT)


def _ask(
    conversation: _Conversation, command: str, step: str, refused: Outcome, *, wanted: tuple[int, ...] = (220, 250)
) -> None:
    _require(conversation.docmd(command), step, refused, wanted=wanted)


def _require(
    reply: tuple[int, bytes], step: str, refused: Outcome, *, wanted: tuple[int, ...] = (220, 250, 251)
) -> None:
    """Raises Refused unless the reply's code is wanted; 4xx is for now, anything else counts as ``refused``."""
    tried = _judged(reply, step, refused, wanted=wanted)
    if tried.outcome != Outcome.ACCEPTED:
        raise Refused(tried)


def _judged(
    reply: tuple[int, bytes], step: str, refused: Outcome, *, wanted: tuple[int, ...] = (220, 250, 251)
) -> Tried:
    code, said = reply
    status, body = (code if 100 <= code <= 599 else None), said.decode("ascii", "replace")
    if code in wanted:
        return Tried(Outcome.ACCEPTED, status=status, body=body)
    if 400 <= code <= 499:
        return Tried(Outcome.TRANSIENT, f"refused for now at: {step}", status, body=body)
    if status is None:
        return Tried(Outcome.TRANSIENT, f"no SMTP at: {step}", body=body)
    return Tried(refused, f"refused at: {step}", status, body=body)
