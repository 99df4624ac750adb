"""``manage.py serve``: one server per address, its jobs child, and the end of both."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from config.serving import lock, parent
from config.serving.jobs import JobsChild

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/livez", timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children(pid: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in done.stdout.split()]


def environment(var_dir: Path, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"VAR_DIR": str(var_dir), "PORT": str(port), "DESKGATE_MODE": "development"}


def test_the_lock_is_given_once_and_comes_back(tmp_path: Path) -> None:
    port = free_port()
    held = lock.take(tmp_path, "127.0.0.1", port)
    with pytest.raises(lock.AlreadyRuns, match=f"Deskgate already runs at http://127.0.0.1:{port}"):
        lock.take(tmp_path, "127.0.0.1", port)
    held.close()
    lock.take(tmp_path, "127.0.0.1", port).close()


def test_a_port_shared_with_so_reuseport_counts_as_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(lock.PortTaken, match="is taken by another program"):
            lock.take(tmp_path, "127.0.0.1", other.getsockname()[1])


def test_asked_from_make_it_answers_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    environ = {"VAR_DIR": str(tmp_path), "PORT": str(port)}
    assert lock.main(environ, BASE_DIR) == lock.FREE
    with lock.take(tmp_path, "127.0.0.1", port):
        assert lock.main(environ, BASE_DIR) == lock.RUNS
    assert capsys.readouterr().out == f"Deskgate already runs at http://127.0.0.1:{port}\n"


def test_sqlite_data_has_one_server_whatever_its_port(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = free_port(), free_port()
    asked = {"VAR_DIR": str(tmp_path), "HOST": "127.0.0.1", "PORT": str(second)}
    with lock.take_alone(tmp_path, lock.url_of("127.0.0.1", first)):
        assert lock.main(asked, tmp_path) == lock.RUNS
        assert capsys.readouterr().out == f"Deskgate already runs at http://127.0.0.1:{first} on the same data\n"
        assert lock.main(asked | {"DATABASE_URL": "postgres://postgres@127.0.0.1/x"}, tmp_path) == lock.FREE
    assert lock.main(asked, tmp_path) == lock.FREE


def test_only_children_of_serve_watch_their_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(parent.VARIABLE, raising=False)
    assert parent.end_with_parent() is None
    monkeypatch.setenv(parent.VARIABLE, str(os.getpid()))
    assert parent.end_with_parent() is None


def test_a_dead_jobs_child_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.serving.jobs.FIRST_PAUSE", 0.05)
    marks = tmp_path / "marks"
    code = f"import time; open({str(marks)!r}, 'a').write('x'); time.sleep(60)"
    keeper = JobsChild([sys.executable, "-c", code])
    keeper.start()
    wait_for(lambda: marks.exists() and marks.read_text() == "x")
    assert keeper.process is not None
    first = keeper.process.pid
    assert os.getpgid(first) == first
    keeper.process.kill()
    wait_for(lambda: marks.read_text() == "xx")
    keeper.stop()
    assert keeper.process.returncode == -signal.SIGTERM


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--no-jobs"],
        cwd=BASE_DIR,
        env=environment(tmp_path, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(lambda: process.poll() is not None or answers(port))
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        yield process, port
    finally:
        process.kill()
        process.communicate(timeout=30)


@pytest.mark.live
def test_a_second_server_says_one_line_and_ends_well(
    server: tuple["subprocess.Popen[str]", int], tmp_path: Path
) -> None:
    _, port = server
    second = subprocess.run(
        [sys.executable, "manage.py", "serve", "--no-jobs"],
        cwd=BASE_DIR, env=environment(tmp_path, port), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (second.returncode, second.stdout) == (0, f"Deskgate already runs at http://127.0.0.1:{port}\n")
    assert answers(port)


@pytest.mark.live
def test_sigterm_ends_parent_and_worker(server: tuple["subprocess.Popen[str]", int]) -> None:
    process, port = server
    workers = children(process.pid)
    assert workers
    process.terminate()
    assert process.wait(30) == 0
    wait_for(lambda: not any(alive(pid) for pid in workers))
    assert not answers(port)


@pytest.mark.live
def test_bodies_that_never_come_do_not_stop_the_server(server: tuple["subprocess.Popen[str]", int]) -> None:
    _, port = server
    head = b"POST /auth/v3/oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\na="
    silent = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(12)]
    try:
        for one in silent:
            one.sendall(head)
        time.sleep(0.2)  # all of them are being read, or in the queue
        begun = time.monotonic()
        with urlopen(f"http://127.0.0.1:{port}/livez", timeout=3) as response:
            assert response.status == 200
        assert time.monotonic() - begun < 3
        with socket.create_connection(("127.0.0.1", port), timeout=5) as one_more:
            one_more.sendall(head)
            assert one_more.recv(4096).startswith(b"HTTP/1.1 503 ")
    finally:
        for one in silent:
            one.close()
    assert answers(port)


@pytest.mark.live
def test_a_killed_worker_is_replaced(server: tuple["subprocess.Popen[str]", int]) -> None:
    process, port = server
    for pid in children(process.pid):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: answers(port))
    assert process.poll() is None


@pytest.mark.live
def test_children_end_after_kill_9_of_the_parent(server: tuple["subprocess.Popen[str]", int]) -> None:
    process, port = server
    workers = children(process.pid)
    process.kill()
    wait_for(lambda: not any(alive(pid) for pid in workers))
    assert not answers(port)


@pytest.mark.live
def test_a_taken_port_is_exit_code_1_and_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=BASE_DIR, env=environment(tmp_path, port), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.live
def test_two_workers_on_sqlite_are_refused_naming_the_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--workers", "2"],
        cwd=BASE_DIR, env=environment(tmp_path, free_port()), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "DATABASE_URL=" in done.stderr
    assert "CACHE_URL=" in done.stderr


def test_a_database_that_lacks_migrations_is_told_of(tmp_path):
    var_dir = tmp_path / "var"
    var_dir.mkdir(mode=0o700)
    environ = {"PATH": os.environ["PATH"], "VAR_DIR": str(var_dir), "PORT": str(free_port())}
    with subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--no-jobs"],
        cwd=BASE_DIR,
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        try:
            assert "run `manage.py migrate`; until then /readyz is 503" in server.stderr.readline()
        finally:
            server.terminate()
