"""The e-mail: plain text, no tracking, marked as made by a machine (RFC 3834)."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from django.utils import timezone

from twofactor.delivery.messages import CodeMessage
from twofactor.options.internal import EMAIL_FROM, EMAIL_SUBJECT, PRODUCT_NAME


class UnusableAddress(ValueError):
    """An address that cannot stand in a header or an envelope. ``whose`` is "from" or "to"."""

    def __init__(self, whose: str) -> None:
        self.whose = whose
        super().__init__(f"the address {whose!r} cannot be used")


def envelope_address(address: str, whose: str) -> str:
    """``local@domain`` in ASCII (the domain as IDNA). Raises UnusableAddress: line ends, letters that would need
    SMTPUTF8, and whatever is no single address."""
    local, mark, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
        Address(addr_spec=f"{local}@{ascii_domain}")
        plain = local.encode("ascii").decode("ascii")
    except (UnicodeError, ValueError, IndexError):
        raise UnusableAddress(whose) from None
    except Exception:  # noqa: BLE001 - the parser of headers has errors of its own, with the address in them
        raise UnusableAddress(whose) from None
    written = f"{plain}@{ascii_domain}"
    if not mark or not plain or not ascii_domain or any(each <= " " or each in "<>,\x7f" for each in written):
        raise UnusableAddress(whose)
    return written


def mail_of(message: CodeMessage, text: str) -> tuple[str, str, bytes]:
    """(Envelope sender, envelope recipient, message with CRLF). Raises UnusableAddress; ValueError for a subject with
    a line end."""
    application = message.application
    sender = envelope_address(EMAIL_FROM.of(application), "from")
    recipient = envelope_address(message.to, "to")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=PRODUCT_NAME.of(application), addr_spec=sender)
    mail["To"] = recipient
    mail["Subject"] = EMAIL_SUBJECT.of(application)
    mail["Date"] = format_datetime(timezone.now())
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{text}\n")
    return sender, recipient, mail.as_bytes()
