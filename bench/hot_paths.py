"""CPU per request of the hot paths, in process: ``python -m bench.hot_paths [--requests 500]``.

Each request goes through the whole WSGI application (middleware, view, database), without a socket. The figure is CPU
time of this process, which compares on noisy machines where a wall time does not; a PostgreSQL server's own CPU is
not in it. Uses a throw-away database beside the one that DATABASE_URL names.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

Call = Callable[[], bytes]


def main() -> None:
    """Print a table: path, median and spread of CPU milliseconds per request over five rounds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=300, help="requests per round")
    count = options.parse_args().requests
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    with database():
        paths = _paths()
        print(f"{'path':<42} {'CPU ms':>8} {'min':>7} {'max':>7}   ({count} requests a round, 5 rounds)")
        for name, call in paths.items():
            call()
            rounds = [cpu_ms(call, count) for _ in range(5)]
            print(f"{name:<42} {statistics.median(rounds):8.3f} {min(rounds):7.3f} {max(rounds):7.3f}")


@contextmanager
def database() -> Iterator[None]:
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0, interactive=False)
    kept = runner.setup_databases()
    try:
        yield
    finally:
        runner.teardown_databases(kept)


def cpu_ms(call: Call, count: int) -> float:
    begun = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - begun) * 1000 / count


def _paths() -> dict[str, Call]:
    """The hot paths, each as a call that fails loudly when the answer is not what it should be."""
    _seed()
    return _of_oauth() | {
        "GET /environment/v3/contact-centers (credential)": _request(
            "GET", "/environment/v3/contact-centers", basic="script:quite-a-good-one"
        ),
        "GET /ping (recorder's cookie)": _request("GET", "/ping", headers=_recorder()),
    }


def _of_oauth() -> dict[str, Call]:
    tokens = json.loads(
        _request(
            "POST",
            "/auth/v3/oauth/token",
            basic="desk:chosen-secret",
            form="grant_type=password&username=bob&password=quite-a-good-one",
        )()
    )
    bearer = tokens["access_token"]
    refresh = f"grant_type=refresh_token&refresh_token={tokens['refresh_token']}"
    generated = _seed_generated()
    return {
        "GET /auth/v3/userinfo": _request("GET", "/auth/v3/userinfo", bearer=bearer),
        "GET /auth/v3/ping (bearer)": _request("GET", "/auth/v3/ping", bearer=bearer),
        "GET /auth/v3/jwt-userinfo": _request("GET", "/auth/v3/jwt-userinfo", bearer=bearer),
        "POST token client_credentials, generated": _request(
            "POST", "/auth/v3/oauth/token", basic=generated, form="grant_type=client_credentials"
        ),
        "POST token client_credentials, chosen": _request(
            "POST", "/auth/v3/oauth/token", basic="desk:chosen-secret", form="grant_type=client_credentials"
        ),
        "POST token refresh, not rotated": _request(
            "POST", "/auth/v3/oauth/token", basic="desk:chosen-secret", form=refresh
        ),
        "POST introspect": _request(
            "POST", "/auth/v3/oauth/introspect", basic="desk:chosen-secret", form=f"token={bearer}"
        ),
        "POST token password (Argon2id)": _request(
            "POST",
            "/auth/v3/oauth/token",
            basic="desk:chosen-secret",
            form="grant_type=password&username=bob&password=quite-a-good-one",
        ),
    }


def _seed() -> None:
    from accounts.models import BasicCredential, Role
    from accounts.services.credentials import credential_create
    from accounts.services.users import user_create
    from environment.services import contact_center_create
    from oauthapi.services.clients import client_create

    center = contact_center_create(number=1, name="Bench", domains=["bench"])
    role = Role.objects.create(name="ROLE_AGENT", contact_center=center, privileges=["users:read"])
    user_create(user_name="bob", contact_center=center, password="quite-a-good-one", roles=[role])
    reader = Role.objects.create(name="Reader", contact_center=center, privileges=["contact-centers:read"])
    credential_create(BasicCredential(name="script", contact_center=center, role=reader), password="quite-a-good-one")
    grants = ["password", "refresh_token", "client_credentials"]
    client_create(client_id="desk", name="Desk", secret="chosen-secret", grants=grants)


def _seed_generated() -> str:
    from oauthapi.services.clients import client_create

    _, secret = client_create(client_id="machine", name="Machine", grants=["client_credentials"])
    return f"machine:{secret}"


def _recorder() -> dict[str, str]:
    """The headers of a desktop that is logged in to the Screen Recording Service."""
    from django.conf import settings

    from screenrec.flows.callers import Caller
    from screenrec.flows.desk import log_in
    from screenrec.flows.proving import Pair
    from screenrec.records import LoginConfig

    origin = settings.DESKGATE_PUBLIC_URL
    caller = Caller(origin=origin, pair=Pair("bob", "quite-a-good-one"))
    key = log_in(caller, LoginConfig(), csrf=False, wanted=frozenset()).key
    return {"HTTP_ORIGIN": origin, "HTTP_COOKIE": f"deskgate_recorder={key}"}


def _request(
    method: str, path: str, *, bearer: str = "", basic: str = "", form: str = "", headers: dict[str, str] | None = None
) -> Call:
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    authorization = f"Bearer {bearer}" if bearer else f"Basic {base64.b64encode(basic.encode()).decode()}"
    sent = headers or {"HTTP_AUTHORIZATION": authorization}
    body = form.encode()

    def call() -> bytes:
        status: list[str] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), **sent,
            "CONTENT_LENGTH": str(len(body)), "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        if body:
            environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
        answer = application(environ, lambda line, _headers, _exc=None: status.append(line) or (lambda _data: None))
        content = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        if not status[0].startswith("200"):
            raise RuntimeError(f"{method} {path}: {status[0]} {content[:200]!r}")
        return content

    return call


if __name__ == "__main__":
    main()
