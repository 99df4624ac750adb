"""A Screen Recording Service and two Recording Web Services, all real processes; one goes away and comes back."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cast import PASSWORD
from tests.config.test_serve import children
from tests.flows.recorders import SEATS, Recorder, counted, provision, recording, written
from tests.flows.server import Installation, Listener, free_port, own_database

pytestmark = [pytest.mark.live, pytest.mark.slow]
ORIGIN = "https://desk.example.com"
ME = "/api/v2/me"
LOGOUT = {"operationName": "EndContactCenterSession"}
SERVICE = """
installation:
  options:
    screenrec/role: srs
    screenrec/allowed-servers: {allowed}
    screenrec/allow-http-servers: true
    screenrec/rws-timeout: 10
    crossOriginSettings/allowedOrigins: {origin}
"""
ONE_DATABASE, OWN_DATABASES = "one database", "a database each"


@dataclass
class Central:
    """One of the Recording Web Services, at one port through all its restarts."""

    installation: Installation
    port: int = field(default_factory=free_port)
    running: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.running.enter_context(self.installation.serve(port=self.port))

    def stop(self) -> None:
        self.running.close()

    def kill(self) -> None:
        """kill -9, the process and its workers: requests in flight are lost, and no connection is closed in peace."""
        process = self.installation.processes[self.port]
        for pid in (process.pid, *children(process.pid)):
            os.kill(pid, signal.SIGKILL)
        process.wait(30)
        self.running.close()

    def open_sessions(self, **where: Any) -> int:
        return counted(self.installation, ended_at=None, **where)


@dataclass
class House:
    """Everything that runs."""

    first: Central
    peer: Central
    recorder: Recorder
    shared: bool

    def served_by(self, central: Central) -> bool:
        """Whether the agent's machine has his session at this one."""
        return counted(self.recorder.installation, ended_at=None, server=central.url) == 1


@pytest.fixture(
    scope="module",
    params=[
        OWN_DATABASES,
        pytest.param(
            ONE_DATABASE,
            marks=pytest.mark.skipif(
                not os.environ.get("DATABASE_URL", "").startswith("postgres"),
                reason="two servers on one SQLite are refused by design: set DATABASE_URL to a PostgreSQL",
            ),
        ),
    ],
)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The cast at two servers: on SQLite with a database each, on PostgreSQL with the same one."""
    shared = request.param == ONE_DATABASE
    directory = tmp_path_factory.mktemp("centers")
    with ExitStack() as stack:
        database = (
            stack.enter_context(own_database(os.environ["DATABASE_URL"], f"centers_{os.getpid()}")) if shared else ""
        )
        (directory / "first").mkdir()
        installation = Installation(directory / "first", database)
        provision(installation, SEATS.format(origins=ORIGIN))
        first, peer = Central(installation), Central(installation if shared else _copy_of(installation))
        for central in (first, peer):
            central.start()
            stack.callback(central.stop)
        recorder = stack.enter_context(recording(_service(directory, [first.url, peer.url])))
        yield House(first, peer, recorder, shared)


def _copy_of(installation: Installation) -> Installation:
    """The same agents, keys and places in a second database."""
    var_dir = installation.var_dir.with_name("peer")
    shutil.copytree(installation.var_dir, var_dir)
    return Installation(var_dir)


def _service(directory: Path, servers: list[str]) -> Installation:
    """An agent's machine: a database of its own without any agent."""
    (directory / "service").mkdir()
    file = directory / "service.yaml"
    allowed = ",".join(url.removeprefix("http://") for url in servers)
    file.write_text(SERVICE.format(allowed=allowed, origin=ORIGIN), encoding="utf-8")
    return Installation(directory / "service", files=str(file))


@dataclass
class Desktop:
    """An agent's page: one cookie jar."""

    house: House
    user: str = "agent"
    http: httpx.Client = field(default_factory=lambda: httpx.Client(headers={"Origin": ORIGIN}, timeout=60))

    def log_in(self, *more: dict[str, Any], **servers: str) -> httpx.Response:
        named = {"server": self.house.first.url, "peer_server": self.house.peer.url} | servers
        body = [{"name": name, "value": value} for name, value in named.items()] + list(more)
        pair = (f"t100\\{self.user}", PASSWORD)
        return self.http.post(f"{self.house.recorder.url}{ME}", json=body, auth=pair)

    def ping(self) -> int:
        return self.http.get(f"{self.house.recorder.url}/ping").status_code

    def log_out(self) -> httpx.Response:
        return self.http.post(f"{self.house.recorder.url}{ME}", json=LOGOUT)


def place(name: str) -> dict[str, str]:
    return {"name": "place", "value": name}


def devices(*dns: str) -> dict[str, Any]:
    return {"name": "devices", "value": [{"dn": dn, "switch": "SIP_Switch"} for dn in dns]}


def test_the_first_goes_the_peer_serves_and_the_first_serves_again(house: House) -> None:
    desktop = Desktop(house)
    answer = desktop.log_in(place("Place_1"), devices("7001", "7002"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["userName"] == "t100\\agent"
    assert house.first.open_sessions(place_name="Place_1", held__device__dn="7002") == 1
    assert house.served_by(house.first)
    assert desktop.ping() == 200

    house.first.kill()
    assert desktop.ping() == 200
    # A peer with a database of its own does not know the session; it stays here until the next login.
    assert house.served_by(house.peer) == house.shared
    assert desktop.log_in(place("Place_2")).status_code == 200
    assert house.served_by(house.peer)
    assert house.peer.open_sessions(place_name="Place_2") == 1
    assert desktop.ping() == 200

    house.first.start()
    assert desktop.log_in(place("Place_1")).status_code == 200
    assert house.served_by(house.first)
    assert house.first.open_sessions(place_name="Place_1") == 1
    assert house.peer.open_sessions() == (1 if house.shared else 0)

    house.recorder.kill()
    house.recorder.start()
    assert desktop.ping() == 200
    assert desktop.log_out().json() == {"statusCode": 0}
    assert house.first.open_sessions() == 0
    assert desktop.ping() == 401


def test_a_pair_alone_works_after_a_restart(house: House) -> None:
    assert Desktop(house).log_in().status_code == 200
    house.recorder.kill()
    house.recorder.start()
    fresh, pair = httpx.Client(headers={"Origin": ORIGIN}, timeout=60), ("t100\\agent", PASSWORD)
    assert fresh.get(f"{house.recorder.url}/ping", auth=pair).status_code == 200
    assert fresh.get(f"{house.recorder.url}/ping", auth=("t100\\agent", "wrong")).status_code == 401
    assert fresh.post(f"{house.recorder.url}{ME}", json=LOGOUT, auth=pair).status_code == 200
    assert house.first.open_sessions() == 0


def test_refusals_of_the_central_server_come_through(house: House) -> None:
    desktop, other = Desktop(house), Desktop(house, "bob")
    unknown = desktop.log_in(place("Place_9"))
    assert (unknown.status_code, unknown.json()["statusCode"]) == (404, 6)
    assert "Place_9" in unknown.json()["statusMessage"]
    assert desktop.log_in(devices("7003")).status_code == 200
    taken = other.log_in(devices("7003"))
    assert (taken.status_code, taken.json()["statusCode"]) == (409, 19)
    assert "7003@SIP_Switch" in taken.json()["statusMessage"]
    assert counted(house.recorder.installation, ended_at=None, user_name="t100\\bob") == 0
    assert desktop.log_out().status_code == 200
    assert other.log_in(devices("7003")).status_code == 200
    assert other.log_out().status_code == 200


def test_an_unlisted_host_never_hears_of_the_credentials(house: House, listener: Listener) -> None:
    unlisted = f"http://127.0.0.1:{listener.port}"
    for servers in ({"server": unlisted}, {"peer_server": unlisted}):
        answer = Desktop(house).log_in(**servers)
        assert (answer.status_code, answer.json()["statusCode"]) == (400, 2)
        assert f"'{next(iter(servers))}'" in answer.json()["statusMessage"]
    assert listener.connections == 0
    assert house.first.open_sessions() == 0


def test_the_password_is_nowhere_on_the_agents_machine(house: House) -> None:
    desktop = Desktop(house)
    assert desktop.log_in(place("Place_1")).status_code == 200
    kept = written(house.recorder.installation) + house.recorder.log.read_bytes()
    assert b"Place_1" in kept
    assert PASSWORD.encode() not in kept
    assert desktop.log_out().status_code == 200
