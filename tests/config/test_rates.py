"""config.rates: room in a bucket, over threads, windows and caches that are away."""

from __future__ import annotations

import importlib
import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from time import monotonic, sleep, time

import pytest
from django.core.cache import caches

from config import rates
from config.rates import rate_take
from config.stores import cache_from_url

LONG = 3600  # seconds: no window ends in the middle of a test but once an hour; see `mid_window`


def url_of_redis() -> str:
    return os.environ.get("CACHE_URL", "")


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_local", rates.LocalBuckets())
    monkeypatch.setattr(rates, "_health", rates.CacheHealth())


@pytest.fixture(autouse=True)
def mid_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "time", lambda: 1_000_000 * LONG + 600.9)


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest, settings) -> Iterator[None]:
    """Each test of a bucket runs in memory, and in Redis when this run has one."""
    url = url_of_redis() if request.param == "redis" else ""
    if request.param == "redis" and not url:
        pytest.skip("no CACHE_URL")
    settings.CACHES = {"default": cache_from_url(url)}
    yield
    assert not rates._health.is_resting(), "the cache failed"


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex}"


def dead_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


@pytest.mark.usefixtures("store")
def test_there_is_room_up_to_the_limit_and_then_the_seconds_to_wait(name: str) -> None:
    assert [rate_take(name, "bob", limit=3, seconds=LONG) for _ in range(3)] == [0, 0, 0]
    assert rate_take(name, "bob", limit=3, seconds=LONG) == LONG - 600


@pytest.mark.usefixtures("store")
def test_subjects_and_buckets_do_not_share_room(name: str) -> None:
    assert rate_take(name, "bob", limit=1, seconds=LONG) == 0
    assert rate_take(name, "eve", limit=1, seconds=LONG) == 0
    assert rate_take(f"{name}-other", "bob", limit=1, seconds=LONG) == 0
    assert rate_take(name, "bob", limit=1, seconds=LONG) > 0


@pytest.mark.usefixtures("store")
def test_the_windows_end_makes_room_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000 * LONG
    monkeypatch.setattr(rates, "time", lambda: now + 9.999)
    assert rate_take(name, "bob", limit=1, seconds=10) == 0
    assert rate_take(name, "bob", limit=1, seconds=10) == 1
    monkeypatch.setattr(rates, "time", lambda: now + 10.0)
    assert rate_take(name, "bob", limit=1, seconds=10) == 0
    assert rate_take(name, "bob", limit=1, seconds=10) == 10


@pytest.mark.usefixtures("store")
def test_threads_together_never_pass_the_limit(name: str) -> None:
    taken: list[int] = []
    begin = threading.Barrier(4)

    def take() -> None:
        begin.wait()
        taken.extend(rate_take(name, "bob", limit=100, seconds=LONG) for _ in range(50))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert taken.count(0) == 100


def test_buckets_end_by_themselves(name: str, settings) -> None:
    settings.CACHES = {"default": cache_from_url("") | {"LOCATION": name}}
    rate_take(name, "bob", limit=1, seconds=60)
    (ends,) = vars(caches["default"])["_expire_info"].values()
    assert 60 < ends - time() <= 60 + rates.SPARE


def test_no_key_holds_its_subject(name: str, settings) -> None:
    settings.CACHES = {"default": cache_from_url("") | {"LOCATION": name}}
    rate_take(name, "bob@one.example.com", limit=1, seconds=60)
    (key,) = vars(caches["default"])["_cache"]
    assert "bob" not in key
    assert name in key


def test_a_dead_redis_limits_each_process_and_answers_at_once(name: str, settings, caplog) -> None:
    settings.CACHES = {"default": cache_from_url(f"redis://:geheim@127.0.0.1:{dead_port()}/0")}
    importlib.import_module("redis")  # a process imports it once; that is not what is measured
    with caplog.at_level(logging.DEBUG):
        begun = monotonic()
        taken = [rate_take(name, "bob", limit=3, seconds=LONG) for _ in range(20)]
        assert monotonic() - begun < 0.15
    assert [each == 0 for each in taken] == [True] * 3 + [False] * 17
    assert len([each for each in caplog.records if each.name == "config.rates"]) == 1
    assert "geheim" not in caplog.text


def test_a_silent_redis_costs_its_timeout_once(name: str, settings) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)  # connects, and never answers
        settings.CACHES = {"default": cache_from_url(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")}
        begun = monotonic()
        taken = [rate_take(name, "bob", limit=3, seconds=LONG) for _ in range(20)]
        assert monotonic() - begun < 0.15
    assert taken.count(0) == 3


def test_a_warning_is_written_once_a_minute(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    now = 5000.0
    monkeypatch.setattr(rates, "monotonic", lambda: now)
    health = rates.CacheHealth()
    for now in (5000.0, 5030.0, 5059.0, 5061.0):  # noqa: B007 - the clock reads it
        health.failed(OSError())
    assert len(caplog.records) == 2


def test_a_cache_that_is_back_is_asked_again(name: str, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHES = {"default": cache_from_url(f"redis://127.0.0.1:{dead_port()}/0")}
    monkeypatch.setattr(rates, "PAUSE", 0.05)
    assert rate_take(name, "bob", limit=1, seconds=LONG) == 0
    assert rate_take(name, "bob", limit=1, seconds=LONG) > 0
    settings.CACHES = {"default": cache_from_url("") | {"LOCATION": name}}
    sleep(0.06)
    assert rate_take(name, "bob", limit=1, seconds=LONG) == 0


def test_a_process_remembers_a_bounded_number_of_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "LOCAL_BUCKETS", 3)
    local = rates.LocalBuckets()
    for key in ("bob", "eve", "bob", "alice", "root"):
        local.count(key)
    assert len(local._counts) == 3
    assert local.count("bob") == 3  # asked lately: kept
    assert local.count("eve") == 1


def test_memory_keeps_thousands_of_buckets_at_a_time(name: str, settings) -> None:
    settings.CACHES = {"default": cache_from_url("") | {"LOCATION": name}}
    assert rate_take(name, "bob", limit=1, seconds=LONG) == 0
    for number in range(2000):
        rate_take(name, str(number), limit=1, seconds=LONG)
    assert rate_take(name, "bob", limit=1, seconds=LONG) > 0
