"""CPU per request of the two-factor flow, in process: ``python -m bench.two_factor [--requests 100] [--profile NAME]``.

As ``bench.hot_paths`` measures: the whole WSGI application without a socket, CPU time of this process; what makes each
request ready (a session that waits for its code, a code of an authenticator) is not measured. The last column is how
many such requests one core answers in a second. ``--profile`` prints where the time of one path goes instead.
"""

from __future__ import annotations

import argparse
import base64
import cProfile
import io
import json
import os
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import django

from bench.hot_paths import database

PAIR = "ivr:quite-a-good-one"
SEED = b"12345678901234567890"
CUSTOMERS = 2_000
"""With an address. Of those with an authenticator each is asked once: a code of its is good once."""
WIDE = (
    *("address-sends-hour", "address-checks-hour", "credential-sends-hour", "credential-checks-hour"),
    *("application-sends-hour", "application-sends-day", "account-sends-hour", "account-sends-day"),
    *("pair-sends-hour", "number-sends-hour", "number-checks-hour", "failures-before-wait"),
    *("destination-sends-10-minutes", "destination-sends-hour", "destination-sends-day"),
)
"""Limits that a run would reach. They stay counted."""
Request = Callable[[], bytes]
Ready = Callable[[], Request]
_mail_numbers, _totp_numbers, _calls = count(), count(), count()


def main() -> None:
    """Print a table: path, median and spread of CPU milliseconds per request over five rounds, requests per second."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=100, help="requests per round")
    options.add_argument("--profile", default="", help="the beginning of a path's name")
    asked = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ["DESKGATE_MODE"] = "demo"
    django.setup()
    with database():
        _seed(2 * (5 * asked.requests + 1))
        paths = _paths()
        if asked.profile:
            _profile(next(ready for name, ready in paths.items() if name.startswith(asked.profile)), asked.requests)
            return
        print(f"{'path':<44} {'CPU ms':>8} {'min':>7} {'max':>7} {'per CPU-second':>15}")
        for name, ready in paths.items():
            ready()()
            rounds = [_cpu_ms(ready, asked.requests) for _ in range(5)]
            middle = statistics.median(rounds)
            print(f"{name:<44} {middle:8.3f} {min(rounds):7.3f} {max(rounds):7.3f} {1000 / middle:15.0f}")


def _cpu_ms(ready: Ready, requests: int) -> float:
    spent = 0.0
    for _ in range(requests):
        request = ready()
        begun = time.process_time()
        request()
        spent += time.process_time() - begun
    return spent * 1000 / requests


def _profile(ready: Ready, requests: int) -> None:
    ready()()
    profile = cProfile.Profile()
    for _ in range(requests):
        request = ready()
        profile.enable()
        request()
        profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(60).sort_stats("tottime").print_stats(30)


def _paths() -> dict[str, Ready]:
    """Each path as what makes it ready; the request that it gives fails loudly."""

    def entering(code: Callable[[], str], account: Callable[[], str], end: str) -> Ready:
        def ready() -> Request:
            session = json.loads(_start(account())())
            return _request(f"/{session['id']}/code", {"code": code()}, end)

        return ready

    return {
        "start: customer found, code sent (outbox)": lambda: _start(_mail_account()),
        "code, right": entering(_last_code, _mail_account, "success"),
        "code, wrong": entering(_wrong_code, _mail_account, "enter"),
        "code of an authenticator (TOTP), right": entering(_totp, _totp_account, "success"),
        "code of an authenticator (TOTP), wrong": entering(lambda: "000000", _totp_account, "enter"),
        "code, of no form": entering(lambda: "1", _mail_account, "enter"),
    }


def _mail_account() -> str:
    return f"mail-{next(_mail_numbers) % CUSTOMERS}"


def _totp_account() -> str:
    return f"totp-{next(_totp_numbers)}"


def _totp() -> str:
    from django_otp.oath import totp

    return f"{totp(SEED):06d}"


def _last_code() -> str:
    from twofactor.models import OutboxMessage
    from twofactor.selectors.outbox import outbox_content

    return str(outbox_content(OutboxMessage.objects.latest("at"))["code"])


def _wrong_code() -> str:
    code = _last_code()
    return f"{(int(code) + 1) % 10**6:06d}"


def _seed(authenticators: int) -> None:
    """One application whose codes go into the outbox, and customers: some by mail, some with an authenticator."""
    from accounts.models import BasicCredential, Role
    from accounts.services.credentials import credential_create
    from environment.models import Application
    from environment.services import application_create, contact_center_create, options_set_many
    from twofactor.models import Caller, Customer
    from twofactor.services.authenticators import authenticator_set

    center = contact_center_create(number=1, name="Bench", domains=["bench"])
    application = application_create(name="Bank", contact_center=center, type=Application.Type.TWO_FACTOR)
    name, password = PAIR.split(":")
    role = Role.objects.create(name="ROLE_IVR", contact_center=center)
    credential = credential_create(BasicCredential(name=name, contact_center=center, role=role), password=password)
    Caller.objects.create(application=application, credential=credential)
    limits = dict.fromkeys(WIDE, "1000000")
    values = {("two-factor-limits", name): text for name, text in limits.items()}
    values |= {("server-settings", "Email.Gateways"): "outbox", ("two-factor", "email-from"): "codes@bank.example"}
    options_set_many(holder=application, values=values)
    mail = [
        Customer(contact_center=center, account=f"mail-{number}", email=f"c{number}@customer.example")
        for number in range(CUSTOMERS)
    ]
    Customer.objects.bulk_create(mail)
    for number in range(authenticators):
        authenticator_set(Customer.objects.create(contact_center=center, account=f"totp-{number}"), SEED)


def _start(account: str) -> Request:
    # A call of its own each: whoever passed in a call is not asked again.
    body = {"application": "Bank", "account": account, "callId": f"c-{next(_calls)}", "cli": "+14155550199"}
    return _request("", body, "enter", status="201")


def _request(path: str, body: dict[str, str], wanted: str, *, status: str = "200") -> Request:
    """A POST that must end in the state or the path ``wanted``."""
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    content = json.dumps(body).encode()

    def call() -> bytes:
        seen: list[str] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST", "PATH_INFO": f"/twofactor/v1/sessions{path}", "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8000", "HTTP_AUTHORIZATION": f"Basic {base64.b64encode(PAIR.encode()).decode()}",
            "CONTENT_LENGTH": str(len(content)), "CONTENT_TYPE": "application/json", "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(content), "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        answer = application(environ, lambda line, _headers, _exc=None: seen.append(line) or (lambda _data: None))
        told = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        if not seen[0].startswith(status) or wanted not in (json.loads(told)["state"], json.loads(told)["path"]):
            raise RuntimeError(f"{path}: {seen[0]} {told[:200]!r}")
        return told

    return call


if __name__ == "__main__":
    main()
