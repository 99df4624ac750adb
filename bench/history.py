"""CPU per request of the History API, in process: ``python -m bench.history [--requests 100] [--profile NAME]``.

As ``bench.hot_paths`` measures: the whole WSGI application without a socket, CPU time of this process. Batches show
events per second of one core too. ``--profile`` prints where the time of one path goes instead.
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
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import django

from bench.hot_paths import Call, cpu_ms, database

PAIR = "apiuserid:quite-a-good-one"
VISIT = str(UUID(int=1))
ADA = "ada@example.com"
_numbers = count(10**6)


def main() -> None:
    """Print a table: path, median and spread of CPU milliseconds per request over five rounds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=100, help="requests per round")
    options.add_argument("--profile", default="", help="the beginning of a path's name")
    asked = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    with database():
        paths = _paths()
        if asked.profile:
            _profile(
                next(call for name, (call, _size) in paths.items() if name.startswith(asked.profile)), asked.requests
            )
            return
        print(f"{'path':<46} {'CPU ms':>8} {'min':>7} {'max':>7} {'events/s':>9}")
        for name, (call, size) in paths.items():
            call()
            requests = max(3, asked.requests // max(1, size // 10))
            rounds = [cpu_ms(call, requests) for _ in range(5)]
            rate = f"{size * 1000 / statistics.median(rounds):9.0f}" if size else ""
            print(f"{name:<46} {statistics.median(rounds):8.3f} {min(rounds):7.3f} {max(rounds):7.3f} {rate}")


def _profile(call: Call, requests: int) -> None:
    call()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(requests):
        call()
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45).sort_stats("tottime").print_stats(25)


def _paths() -> dict[str, tuple[Call, int]]:
    """Each path as a call that fails loudly, and how many events it sends."""
    _seed()
    _request("POST", f"/visits/{VISIT}/events", lambda: [_signed_in(), *_looks(VISIT, 200)])()
    lists = urlencode({f"include_{name}{rest}": "true" for name in ("events", "pages") for rest in ("", "_detail")})
    fresh = (str(UUID(int=10**9 + number)) for number in count())
    return {
        "GET 100 events of an identity": (_request("GET", f"/identities/{ADA}/events", query="page_size=100"), 0),
        "GET one event": (_request("GET", f"/events/{UUID(int=99)}"), 0),
        "GET one visit": (_request("GET", f"/visits/{VISIT}"), 0),
        "GET one visit, 201 events and a page in full": (_request("GET", f"/visits/{VISIT}", query=lists), 0),
        "POST one event": (_posting(fresh, 1, 200), 1),
        "POST a batch of 100": (_posting(fresh, 100, 5), 100),
        "POST a batch of 1,000": (_posting(fresh, 1_000, 5), 1_000),
    }


def _posting(fresh: Iterator[str], size: int, times: int) -> Call:
    """Posts to one visit, and to another after so many times: a visit has but so many events."""
    calls = count()
    visit = ""

    def call() -> bytes:
        nonlocal visit
        if next(calls) % times == 0:
            visit = next(fresh)
        looks = _looks(visit, size)
        return _request("POST", f"/visits/{visit}/events", lambda: looks if size > 1 else looks[0])()

    return call


def _looks(visit: str, size: int) -> list[dict[str, Any]]:
    return [
        {
            "eventID": str(UUID(int=next(_numbers))),
            "eventName": "AddToCart",
            "category": "shoes",
            "timestamp": 1_700_000_000_000 + number,
            "pageID": visit,
            "url": "https://shop.example.com/shoes/red",
            "data": {"price": 99.5, "sku": "A-17", "name": "Red shoes", "quantity": 1},
        }
        for number in range(size)
    ]


def _signed_in() -> dict[str, Any]:
    data = {"userID": ADA, "name": "Ada"}
    return {"eventID": str(UUID(int=99)), "eventName": "SignIn", "timestamp": 1_600_000_000_000, "data": data}


def _seed() -> None:
    from environment.services import application_create, contact_center_create, options_set_many
    from history import options

    center = contact_center_create(number=1, name="Bench", domains=["bench"])
    application = application_create(name="GWE", contact_center=center, type=options.SERVER)
    user_id, password = PAIR.split(":")
    values = {"auth-scheme": "Basic", "user-id": user_id, "password": password}
    options_set_many(holder=application, values={("security", name): value for name, value in values.items()})


@cache
def _application() -> Any:
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def _request(method: str, path: str, body: Callable[[], Any] | None = None, *, query: str = "") -> Call:
    application = _application()

    def call() -> bytes:
        status: list[str] = []
        content = json.dumps(body()).encode() if body else b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "PATH_INFO": f"/server/data{path}", "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8000", "HTTP_AUTHORIZATION": f"Basic {base64.b64encode(PAIR.encode()).decode()}",
            "CONTENT_LENGTH": str(len(content)), "CONTENT_TYPE": "application/json", "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(content), "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        answer = application(environ, lambda line, _headers, _exc=None: status.append(line) or (lambda _data: None))
        told = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        if not status[0].startswith(("200", "201")):
            raise RuntimeError(f"{method} {path}: {status[0]} {told[:200]!r}")
        return told

    return call


if __name__ == "__main__":
    main()
