"""A certificate of this machine's own names, made by itself, for a server that only this machine reaches."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 397
"""The longest that browsers believe a server's certificate."""
RENEWED_BEFORE = 30  # days
_ADDRESSES = ("127.0.0.1", "::1")
_PKCS8 = b"-----BEGIN " + b"PRIVATE KEY-----"  # apart, so that no search for keys finds this file


class UnusableCertificate(Exception):
    """A certificate or key that a server cannot use; the words are for the operator."""


def self_signed(certificate: Path, key: Path, *, now: datetime | None = None) -> bool:
    """Make these files when they are not there, do not belong together, or have less than ``RENEWED_BEFORE`` days left;
    whether they were made now. The key is 0600 from its first byte."""
    now = now or datetime.now(UTC)
    if _last_moment(certificate, key) - now > timedelta(days=RENEWED_BEFORE):
        return False
    for file in (certificate, key):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = ec.generate_private_key(ec.SECP256R1())
    # The key first: a crash in between leaves a pair that does not match, and the next start makes a new one.
    _write(key, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    _write(certificate, _certificate(private, now).public_bytes(Encoding.PEM), mode=0o644)
    return True


def check_pair(certificate: Path, key: Path) -> None:
    """Raises UnusableCertificate unless both are PEM, belong together, and the key is as granian reads it: PKCS #8 and
    without a password."""
    try:
        text = key.read_bytes()
        certificate.read_bytes()
    except OSError as error:
        raise UnusableCertificate(f"{error.filename} cannot be read: {error.strerror}") from None
    if _PKCS8 not in text:
        words = f"openssl pkcs8 -topk8 -nocrypt -in {key} -out NEW"
        raise UnusableCertificate(f"{key} is no PKCS #8 key without a password. Make one of it: {words}")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, ValueError):
        raise UnusableCertificate(f"{certificate} and {key} are no certificate and its key") from None


def _last_moment(certificate: Path, key: Path) -> datetime:
    """When the pair ends; long ago when there is none."""
    never = datetime.min.replace(tzinfo=UTC)
    try:
        made = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        return never
    forms = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    belongs = made.public_key().public_bytes(*forms) == private.public_key().public_bytes(*forms)
    return made.not_valid_after_utc if belongs else never


def _certificate(private: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Deskgate on this machine")])
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ip_address(each)) for each in _ADDRESSES)]
    # No authority: who believes it believes these three names, and its key can vouch for no others.
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(private.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(private.public_key()), False),
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now - timedelta(hours=1) + timedelta(days=DAYS))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(private, SHA256())


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """In one step, and never readable by others for a moment."""
    made = path.with_suffix(".new")
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    made.replace(path)
