"""``manage.py srs``: the Screen Recording Service on an agent's machine, for that machine's desktop alone."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.serving.certificate import UnusableCertificate, check_pair, self_signed
from config.serving.start import migrations_missing
from config.serving.web import WebServer
from screenrec.options import ALLOWED_ORIGINS, ALLOWED_SERVERS, ROLE

HOST = "127.0.0.1"
PORT = 8090
CERTIFICATE, KEY = "srs-certificate.pem", "srs-key.pem"
"""Of --self-signed, in VAR_DIR."""


def port(text: str) -> int:
    """A TCP port. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
        raise ArgumentTypeError("must be a number from 1 to 65535")
    return int(text)


class Command(BaseCommand):
    """Serves until SIGTERM or Ctrl-C; requests in flight are finished."""

    help = (
        f"Start the Screen Recording Service at {HOST}:{PORT}, for this machine only: /api/v2, /version, /ping, /livez "
        "and /readyz. docs/operations.md tells how to install it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Port and certificate."""
        parser.add_argument("--port", type=port, default=PORT, help=f"where to listen (default {PORT})")
        parser.add_argument("--cert", type=Path, help="certificate, PEM, with those between it and its authority")
        parser.add_argument("--key", type=Path, help="its private key, PEM (PKCS #8), without a password")
        parser.add_argument(
            "--self-signed",
            action="store_true",
            help="make a certificate of 127.0.0.1, localhost and ::1, keep it in VAR_DIR, renew it at a start",
        )
        parser.add_argument("--no-jobs", action="store_true", help="do not start the jobs process, which ends sessions")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve."""
        for line in _unfinished():
            self.stderr.write(line)
        pair = self._pair(options["cert"], options["key"], made_here=options["self_signed"])
        WebServer(
            name="The Screen Recording Service",
            target="config.srs_wsgi:application",
            host=HOST,
            port=options["port"],
            port_setting="--port ",
            with_jobs=not options["no_jobs"],
            pair=pair,
        ).run(self)

    def _pair(
        self, certificate: Path | None, key: Path | None, *, made_here: bool
    ) -> Callable[[], tuple[Path, Path]] | None:
        if (certificate is None) != (key is None) or (made_here and certificate is not None):
            raise CommandError("Give --cert and --key, or --self-signed, or none of them.")
        if made_here:
            return self._made
        if certificate is None or key is None:
            return None
        named = certificate, key
        _check(*named)
        return lambda: named

    def _made(self) -> tuple[Path, Path]:
        var_dir = Path(settings.DESKGATE_VAR_DIR)
        certificate, key = var_dir / CERTIFICATE, var_dir / KEY
        self._tell(certificate, is_new=self_signed(certificate, key))
        _check(certificate, key)
        return certificate, key

    def _tell(self, certificate: Path, *, is_new: bool) -> None:
        self.stdout.write(f"Certificate{' (new)' if is_new else ''}: {certificate}")
        if is_new:
            self.stdout.write(
                "Browsers of this account believe it after\n"
                f'  Windows:          certutil -user -addstore Root "{certificate}"\n'
                f'  Linux (Chromium): certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n deskgate-srs -i "{certificate}"'
            )


def _unfinished() -> Iterator[str]:
    """What keeps every agent out until it is provisioned (docs/operations.md), as far as the database can tell."""
    if migrations_missing():
        return
    if ROLE.of() != "srs":
        yield f"Option screenrec/role is {ROLE.of()}: the agents of this database are proven, and others nowhere."
    elif not ALLOWED_SERVERS.of():
        yield "Option screenrec/allowed-servers is empty: no agent can be proven anywhere."
    if not ALLOWED_ORIGINS.of():
        yield "Option crossOriginSettings/allowedOrigins of the installation is empty: hardly a page may ask."


def _check(certificate: Path, key: Path) -> None:
    try:
        check_pair(certificate, key)
    except UnusableCertificate as unusable:
        raise CommandError(str(unusable)) from None
