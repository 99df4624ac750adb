"""E-mail over real SMTP: aiosmtpd, and servers whose every byte is written by hand."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from config.outgoing import wire
from environment.models import Application
from tests.config.listening import certificate
from tests.twofactor.bad_servers import (
    closed_port,
    dripping_reply,
    endless_reply,
    hang_up_after_data,
    silent,
    talking,
    until_data,
)
from tests.twofactor.mail_server import Inbox, mail_server
from tests.twofactor.sending import CODE, EMAIL, message, setting
from twofactor.delivery.delivering import deliver
from twofactor.delivery.messages import Verdict
from twofactor.models import Delivery

pytestmark = pytest.mark.django_db


def at(application: Application, port: int, **words: object) -> None:
    setting(application, "Email.SMTP.Host", words.pop("Host", "127.0.0.1"))
    setting(application, "Email.SMTP.Port", port)
    for name, value in words.items():
        setting(application, f"Email.SMTP.{name}", value)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Let TLS believe one certificate."""

    def believe(file: Path) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        wire.trust.cache_clear()

    yield believe
    monkeypatch.undo()
    wire.trust.cache_clear()


def rows() -> list[tuple[str, str, int | None]]:
    return list(Delivery.objects.order_by("attempt").values_list("gateway", "outcome", "http_status"))


def test_a_code_arrives_as_plain_text_that_says_what_it_is(office: Application):
    with mail_server() as inbox:
        at(office, inbox.port)
        assert deliver(message(office, ordinal=2), seconds=5) == Verdict.ACCEPTED
    (envelope,) = inbox.got
    assert (envelope.mail_from, envelope.rcpt_tos) == ("codes@bank.example", [EMAIL])
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert mail.get_content_type() == "text/plain"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["Subject"], mail["To"], mail["From"]) == ("Your code", EMAIL, "Bank <codes@bank.example>")
    body = mail.get_content().strip()
    assert body == f"Bank: Your code is {CODE} (code 2). It is valid for 5 minutes. We never call you to ask for it."
    row = Delivery.objects.get()
    assert (row.outcome, row.http_status, row.destination_mask) == ("accepted", 250, "j…@c….example")
    assert CODE not in str(vars(row))
    assert EMAIL not in str(vars(row))


@pytest.mark.parametrize(
    ("words", "verdict", "outcomes"),
    [
        ({"recipient": "550 5.1.1 no such user"}, Verdict.FAILED, [("permanent", 550)]),
        ({"recipient": "550 5.7.1 relaying denied"}, Verdict.FAILED, [("configuration", 550)]),
        ({"recipient": "451 4.7.1 greylisted"}, Verdict.FAILED, [("transient", 451)] * 2),
        ({"sender": "553 not yours"}, Verdict.FAILED, [("configuration", 553)]),
        ({"data": "554 5.7.1 spam"}, Verdict.FAILED, [("blocked", 554)]),
        ({"data": "452 4.3.1 full"}, Verdict.FAILED, [("transient", 452)] * 2),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_a_mail_server_refuses_is_told_apart(office: Application, words, verdict, outcomes):
    with mail_server(Inbox(**words)) as inbox:
        at(office, inbox.port)
        assert deliver(message(office), seconds=5) == verdict
    assert [(outcome, status) for _gateway, outcome, status in rows()] == outcomes


def test_starttls_and_sign_in_over_a_certificate_that_is_trusted(office, tmp_path, trusted):
    file, context = certificate(tmp_path, "127.0.0.1")
    trusted(file)
    with mail_server(require_starttls=True, auth_required=True, tls_context=context) as inbox:
        at(office, inbox.port, Security="starttls", Username="desk", Password="lantern-oak-9")
        assert deliver(message(office), seconds=5) == Verdict.ACCEPTED
    assert inbox.sessions[0].ssl
    assert inbox.sessions[0].auth_data == "desk"


def test_tls_from_the_first_byte(office, tmp_path, trusted):
    file, context = certificate(tmp_path, "127.0.0.1")
    trusted(file)
    with mail_server(ssl_context=context) as inbox:
        at(office, inbox.port, Security="tls")
        assert deliver(message(office), seconds=5) == Verdict.ACCEPTED
    assert len(inbox.got) == 1


@pytest.mark.parametrize("names", [("127.0.0.1",), ("mail.other.example",)], ids=["stranger", "other-name"])
def test_a_certificate_that_is_not_good_gets_nothing(office, tmp_path, trusted, names):
    file, context = certificate(tmp_path, *names)
    if names != ("127.0.0.1",):
        trusted(file)
    with mail_server(tls_context=context) as inbox:
        at(office, inbox.port, Security="starttls", Username="desk", Password="lantern-oak-9")
        assert deliver(message(office), seconds=5) == Verdict.FAILED
    assert (inbox.sessions, rows()) == ([], [("smtp", "configuration", None)])


def test_starttls_never_goes_on_without_it(office: Application):
    with mail_server() as inbox:
        at(office, inbox.port, Security="starttls")
        assert deliver(message(office), seconds=5) == Verdict.FAILED
    assert (inbox.recipients, rows()) == ([], [("smtp", "configuration", None)])


def test_a_wrong_password_is_our_configuration(office, tmp_path, trusted):
    file, context = certificate(tmp_path, "127.0.0.1")
    trusted(file)
    with mail_server(tls_context=context) as inbox:
        at(office, inbox.port, Security="starttls", Username="desk", Password="wrong")
        assert deliver(message(office), seconds=5) == Verdict.FAILED
    assert rows() == [("smtp", "configuration", 535)]


def test_no_password_goes_out_in_clear_unless_the_installation_allows_it(office: Application):
    setting(None, "allow-http", "false", "two-factor")
    with mail_server(auth_require_tls=False) as inbox:
        at(office, inbox.port, Username="desk", Password="lantern-oak-9")
        assert deliver(message(office), seconds=5) == Verdict.FAILED
        setting(None, "allow-http", "true", "two-factor")
        assert deliver(message(office), seconds=5) == Verdict.ACCEPTED
    assert inbox.sessions[0].auth_data == "desk"
    assert len(inbox.sessions) == 1


def test_a_host_that_the_installation_has_not_listed_is_never_connected(office: Application):
    setting(None, "outgoing-hosts", "mail.bank.example", "two-factor")
    with mail_server() as inbox:
        at(office, inbox.port)
        assert deliver(message(office), seconds=5) == Verdict.FAILED
    assert (inbox.sessions, rows()) == ([], [("smtp", "configuration", None)])


def test_nobody_there_is_tried_once_more(office: Application):
    at(office, closed_port())
    assert deliver(message(office), seconds=5) == Verdict.FAILED
    assert rows() == [("smtp", "transient", None)] * 2


@pytest.mark.parametrize(
    ("talk", "verdict", "outcome"),
    [
        (silent, Verdict.FAILED, "transient"),
        (dripping_reply, Verdict.FAILED, "transient"),
        (endless_reply, Verdict.FAILED, "transient"),
        (lambda connected: connected.sendall(b"HTTP/1.1 400 Bad\r\n\r\n"), Verdict.FAILED, "transient"),
        (lambda connected: connected.sendall(b"554 go away\r\n"), Verdict.FAILED, "configuration"),
        (lambda connected: connected.sendall(b"421 later\r\n"), Verdict.FAILED, "transient"),
        (until_data(silent), Verdict.UNKNOWN, "unknown"),
        (until_data(dripping_reply), Verdict.UNKNOWN, "unknown"),
        (until_data(hang_up_after_data), Verdict.UNKNOWN, "unknown"),
    ],
    ids=["silent", "drip", "endless", "http", "554", "421", "slow-data", "dripping-data", "hung-up-after-data"],
)
def test_a_mail_server_at_fault_ends_within_the_time(office: Application, talk, verdict, outcome):
    with talking(talk) as port:
        at(office, port, Timeout=1500)
        begun = monotonic()
        assert deliver(message(office), seconds=3) == verdict
        assert monotonic() - begun < 4.5
    outcomes = {each for _gateway, each, _status in rows()}
    assert outcomes == {outcome}
    assert len(rows()) <= 2
    if verdict == Verdict.UNKNOWN:
        assert len(rows()) == 1


@pytest.mark.parametrize(
    ("to", "outcome"),
    [
        ("jo@customer.example\r\nBcc: x@y.example", "permanent"),
        ("jo@customer.example>\nRCPT TO:<x@y.example", "permanent"),
        ("jö@customer.example", "permanent"),
        ("jo", "permanent"),
    ],
)
def test_an_address_cannot_bring_headers_or_commands(office: Application, to: str, outcome: str):
    with mail_server() as inbox:
        at(office, inbox.port)
        assert deliver(message(office, to=to), seconds=5) == Verdict.FAILED
    assert (inbox.recipients, [row[1] for row in rows()]) == ([], [outcome])


def test_a_domain_of_other_letters_is_sent_in_ascii(office: Application):
    with mail_server() as inbox:
        at(office, inbox.port)
        assert deliver(message(office, to="jo@bücher.example"), seconds=5) == Verdict.ACCEPTED
    assert inbox.recipients == ["jo@xn--bcher-kva.example"]


def test_without_a_sender_or_a_host_nothing_is_tried(office: Application, t100):
    setting(office, "email-from", "", "two-factor")
    with mail_server() as inbox:
        at(office, inbox.port)
        assert deliver(message(office), seconds=5) == Verdict.FAILED
    setting(office, "email-from", "codes@bank.example", "two-factor")
    setting(office, "Email.SMTP.Host", "")
    assert deliver(message(office), seconds=5) == Verdict.FAILED
    assert [row[1] for row in rows()] == ["configuration", "configuration"]
