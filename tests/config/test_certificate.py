"""config.serving.certificate: the pair that a service on an agent's machine makes for itself."""

from __future__ import annotations

import os
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from config.serving.certificate import UnusableCertificate, check_pair, self_signed
from tests.config.listening import answer, listening
from tests.config.test_outgoing import get, trusted  # noqa: F401 - a fixture

NOW = datetime.now(UTC)


def make(directory: Path, *, now: datetime | None = None) -> tuple[Path, Path, bool]:
    """Certificate, key, and whether they are new."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    return certificate, key, self_signed(certificate, key, now=now)


def read(certificate: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.read_bytes())


def test_it_is_of_this_machine_alone_and_can_vouch_for_nobody(tmp_path: Path) -> None:
    certificate, _, is_new = make(tmp_path / "var")
    made = read(certificate)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert is_new
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert made.not_valid_after_utc - made.not_valid_before_utc == timedelta(days=397)


def test_who_believes_it_is_served(tmp_path: Path, trusted) -> None:  # noqa: F811
    certificate, key, _ = make(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    trusted(certificate)
    with listening(answer(), tls=context) as server:
        assert get(f"https://127.0.0.1:{server.port}/").status == 200
        assert get(f"https://localhost:{server.port}/", allowed=["localhost", "127.0.0.1"]).status == 200


def test_the_key_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        _, key, _ = make(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize(("days", "renewed"), [(0, False), (366, False), (368, True), (500, True)])
def test_it_is_kept_until_less_than_thirty_days_are_left(tmp_path: Path, days: int, renewed: bool) -> None:
    first = make(tmp_path, now=NOW)[0].read_bytes()
    certificate, key, is_new = make(tmp_path, now=NOW + timedelta(days=days))
    assert is_new is renewed
    assert (certificate.read_bytes() != first) is renewed
    check_pair(certificate, key)


def test_a_pair_that_does_not_match_is_made_anew(tmp_path: Path) -> None:
    certificate, key, _ = make(tmp_path)
    other = make(tmp_path / "other")[1]
    key.write_bytes(other.read_bytes())
    with pytest.raises(UnusableCertificate, match="no certificate and its key"):
        check_pair(certificate, key)
    assert make(tmp_path)[2]
    check_pair(certificate, key)
    key.write_text("garbage")
    assert make(tmp_path)[2]


@pytest.mark.parametrize(
    ("form", "encryption"),
    [
        (PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        (PrivateFormat.PKCS8, BestAvailableEncryption(b"geheim")),
    ],
)
def test_a_key_that_the_server_could_not_read_is_told_of(tmp_path: Path, form, encryption) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = tmp_path / "key.pem"
    key.write_bytes(private.private_bytes(Encoding.PEM, form, encryption))
    with pytest.raises(UnusableCertificate, match="openssl pkcs8 -topk8 -nocrypt"):
        check_pair(key, key)
