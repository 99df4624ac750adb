"""Two hundred agents at once against two servers, one of two workers: each logs in at his device, pings and logs out.

A 503 with ``Retry-After`` is an answer that clients honour; anything else but 200 is a fault. Meanwhile somebody looks
into the database, again and again, for a device that two open sessions have.
"""

from __future__ import annotations

import base64
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.cast import PASSWORD
from tests.flows.server import Installation, own_database

pytestmark = [
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (os.environ.get("DATABASE_URL", "").startswith("postgres") and os.environ.get("CACHE_URL")),
        reason="several web processes need both by design: set DATABASE_URL to a PostgreSQL and CACHE_URL to a Redis",
    ),
]
AGENTS = 200
PINGS = 3
PATIENCE = 300
"""Seconds in which an agent must have had all his answers."""
ORIGIN = "https://desk.example.com"
LOGOUT = {"operationName": "EndContactCenterSession"}
SHARED = "7777"
"""A device that stands in nobody's room: some agents want it at once."""

CAST = """
installation:
  options:
    crossOriginSettings/allowedOrigins: https://desk.example.com
    # A machine that runs other tests beside may let a desktop wait for longer than a minute between two pings.
    screenrec/ping-timeout: 3600
contact-centers:
  - {number: 100, name: One, domains: [t100]}
"""
DEVICE = "  - {{contact-center: t100, switch: SIP_Switch, dn: {dn}}}\n"
BULK = """
from django.contrib.auth.hashers import make_password
from accounts.models import User
from accounts.services.users import user_create
from environment.models import ContactCenter
home, encoded = ContactCenter.objects.get(), make_password({password!r})
for number in range({agents}):
    user_create(user_name=f"agent{{number}}", contact_center=home, encoded_password=encoded, is_agent=True)
"""


@dataclass
class Agent:
    """One desktop at one server; it keeps what it was answered."""

    number: int
    url: str
    dn: str = ""
    cookie: str = ""
    answers: list[int] = field(default_factory=list)
    fault: str = ""

    def __post_init__(self) -> None:
        self.dn = self.dn or str(10_000 + self.number)
        pair = f"t100\\agent{self.number}:{PASSWORD}".encode()
        self.pair = "Basic " + base64.b64encode(pair).decode()

    def works(self) -> None:
        """A day of his, in seconds; a fault is kept, not raised, for this is a thread."""
        seat = [{"name": "devices", "value": [{"dn": self.dn, "switch": "SIP_Switch"}]}]
        try:
            self.ask("POST", "/api/v2/me", seat, Authorization=self.pair)
            for _ in range(PINGS):
                self.ask("GET", "/ping")
            self.ask("POST", "/api/v2/me", LOGOUT)
        except (AssertionError, OSError) as fault:
            self.fault = f"agent {self.number}: {fault!r}"

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> None:
        """Until it is answered 200."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, wait = self.once(method, path, body, headers)
            if status != 503:
                assert status == 200, (method, path, status)
                self.answers.append(status)
                return
            time.sleep(wait * random.uniform(1, 1.5))
        raise AssertionError(f"{method} {path} was answered 503 for {PATIENCE} s")

    def once(self, method: str, path: str, body: object, headers: dict[str, str]) -> tuple[int, float]:
        """One request; its status and how long to wait when it was 503."""
        sent = {"Origin": ORIGIN} | headers | ({"Cookie": self.cookie} if self.cookie else {})
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        try:
            connection.request(method, path, json.dumps(body).encode() if body else None, sent)
            answer = connection.getresponse()
            told = json.loads(answer.read())
        finally:
            connection.close()
        assert (told["statusCode"] == 0) is (answer.status == 200), told
        set_cookie = answer.getheader("Set-Cookie", "")
        if answer.status == 200 and set_cookie:
            self.cookie = set_cookie.partition(";")[0]
        return answer.status, float(answer.getheader("Retry-After", "1"))


class Witness:
    """Looks into the database while they work."""

    HELD_TWICE = """
        SELECT seat ->> 'dn', count(*) FROM screenrec_recordersession s, jsonb_array_elements(s.devices) seat
        WHERE s.ended_at IS NULL GROUP BY 1 HAVING count(*) > 1
    """
    HELD_BY_THE_DEAD = """
        SELECT s.user_name FROM screenrec_helddevice h JOIN screenrec_recordersession s ON s.id = h.session_id
        WHERE s.ended_at IS NOT NULL
    """
    OPEN_TWICE = """
        SELECT agent_key FROM screenrec_recordersession WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1
    """

    def __init__(self, database_url: str) -> None:
        self.database = psycopg.connect(database_url, autocommit=True)
        self.faults: list[object] = []
        self.looks = 0
        self.most_open = 0
        self.done = threading.Event()

    def watch(self) -> None:
        """Until ``done``."""
        while not self.done.wait(0.05):
            for question in (self.HELD_TWICE, self.HELD_BY_THE_DEAD, self.OPEN_TWICE):
                self.faults += self.database.execute(question).fetchall()
            self.most_open = max(self.most_open, self.count("screenrec_recordersession WHERE ended_at IS NULL"))
            self.looks += 1

    def count(self, what: str) -> int:
        row = self.database.execute(f"SELECT count(*) FROM {what}").fetchone()
        assert row
        return int(row[0])


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """An installation with all these agents, and its database's address."""
    var_dir: Path = tmp_path_factory.mktemp("recorders")
    file = var_dir / "agents.yaml"
    devices = [*range(10_000, 10_000 + AGENTS), int(SHARED)]
    file.write_text(CAST + "devices:\n" + "".join(DEVICE.format(dn=dn) for dn in devices))
    with own_database(os.environ["DATABASE_URL"], f"recorders_{os.getpid()}") as own:
        made = Installation(var_dir, own, os.environ["CACHE_URL"], files=str(file))
        made.manage("shell", "-c", BULK.format(password=PASSWORD, agents=AGENTS))
        yield made, own


@pytest.fixture(scope="module")
def pair(room: tuple[Installation, str]) -> Iterator[tuple[str, str]]:
    """Two servers on it, as on two machines; the first has two workers."""
    with room[0].serve(workers=2) as one, room[0].serve(public_url=one) as other:
        yield one, other


@contextmanager
def witnessed(database_url: str) -> Iterator[Witness]:
    witness = Witness(database_url)
    watching = threading.Thread(target=witness.watch)
    watching.start()
    try:
        yield witness
    finally:
        witness.done.set()
        watching.join()


def all_at_once(agents: list[Agent]) -> None:
    threads = [threading.Thread(target=agent.works) for agent in agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=6 * PATIENCE)
    assert not any(thread.is_alive() for thread in threads)


def test_none_of_two_hundred_is_lost_and_no_device_is_held_twice(
    room: tuple[Installation, str], pair: tuple[str, str]
) -> None:
    agents = [Agent(number, pair[number % 2]) for number in range(AGENTS)]
    with witnessed(room[1]) as witness:
        all_at_once(agents)
    assert not [agent.fault for agent in agents if agent.fault]
    assert {tuple(agent.answers) for agent in agents} == {(200,) * (PINGS + 2)}
    assert not witness.faults
    assert witness.looks > 10
    assert witness.most_open > 1
    assert witness.count("screenrec_helddevice") == 0
    assert witness.count("screenrec_recordersession WHERE ended_at IS NULL") == 0
    ends = witness.database.execute("SELECT ended_because FROM screenrec_recordersession").fetchall()
    assert Counter(each[0] for each in ends) == {"logout": AGENTS}


def test_a_device_that_many_want_goes_to_one_at_a_time(room: tuple[Installation, str], pair: tuple[str, str]) -> None:
    agents = [Agent(number, pair[number % 2], dn=SHARED) for number in range(20)]
    with witnessed(room[1]) as witness:
        all_at_once(agents)
    served = [agent for agent in agents if not agent.fault]
    assert served
    assert all(agent.answers == [200] * (PINGS + 2) for agent in served)
    assert all("409" in agent.fault and not agent.answers for agent in agents if agent.fault)
    assert not witness.faults
    assert witness.count("screenrec_helddevice") == 0
    assert witness.count("screenrec_recordersession WHERE ended_at IS NULL") == 0


def test_a_session_survives_a_restart_and_counts_at_the_other_server(
    room: tuple[Installation, str], pair: tuple[str, str]
) -> None:
    agent = Agent(0, "")
    with room[0].serve(public_url=pair[0]) as agent.url:
        agent.ask("POST", "/api/v2/me", [], Authorization=agent.pair)
    with room[0].serve(public_url=pair[0]) as agent.url:
        agent.ask("GET", "/ping")
    agent.url = pair[1]
    agent.ask("GET", "/ping")
    agent.ask("POST", "/api/v2/me", LOGOUT)
    agent.url = pair[0]
    assert agent.once("GET", "/ping", None, {})[0] == 401
