"""``manage.py history_probe``: what each answer, and each silence, is told as."""

from __future__ import annotations

import base64
from io import StringIO
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from environment.models import Application, ContactCenter
from environment.services import application_update, option_delete
from tests.config.listening import certificate, listening
from tests.history.asking import PAIR, USER, WORD, put, server, workspace

pytestmark = pytest.mark.django_db


def probed(url: str = "", **words: Any) -> tuple[int, str]:
    """(exit status, the line)."""
    out = StringIO()
    given = {"kind": "workspace", **({"url": url} if url else {}), **words}
    try:
        call_command("history_probe", stdout=out, **given)
        status = 0
    except SystemExit as ended:
        status = int(ended.code or 0)
    line = out.getvalue()
    assert line.count("\n") == 1
    assert WORD not in line
    return status, line.strip()


def answer(status: str, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n".encode()


@pytest.fixture
def gwe(t100: ContactCenter) -> Application:
    return server("GWE", t100, PAIR)


@pytest.fixture
def desk_app(t100: ContactCenter) -> Application:
    return workspace("Desk", t100, PAIR)


def test_it_sends_the_clients_own_credentials(gwe: Application, desk_app: Application) -> None:
    put(desk_app, "password", "client-word-5", section="gwe:security")
    with listening(answer("204 No Content")) as there:
        base = f"http://127.0.0.1:{there.port}/history/GWE/server/data"
        assert probed(base) == (0, f"{base}: Desk was answered with its credentials (204).")
    assert there.request.startswith("GET /history/GWE/server/data/identities?page_size=1 HTTP/1.1\r\n")
    typed = base64.b64encode(f"{USER}:client-word-5".encode()).decode()
    assert f"authorization: Basic {typed}\r\n" in there.request


def test_the_url_is_that_of_the_door_here(gwe: Application, desk_app: Application, settings: Any) -> None:
    application_update(gwe, name="Web Engagement ü")
    with listening(answer("200 OK")) as there:
        settings.DESKGATE_PUBLIC_URL = f"http://localhost:{there.port}"
        assert probed()[0] == 0
    assert "GET /history/Web%20Engagement%20%C3%BC/server/data/identities?page_size=1 " in there.request


def test_without_credentials_it_sends_none(gwe: Application, t100: ContactCenter) -> None:
    workspace("Desk", t100)
    with listening(answer("200 OK")) as there:
        status, line = probed(f"http://127.0.0.1:{there.port}")
    assert (status, "answered without credentials" in line) == (0, True)
    assert "authorization" not in there.request.lower()
    with listening(answer("401 Unauthorized")) as there:
        status, line = probed(f"http://127.0.0.1:{there.port}")
    assert status == 1
    assert line.endswith(
        "401, credentials are demanded, and none are configured: look at section gwe:security of Desk."
    )


def test_a_partial_set_is_not_even_tried(gwe: Application, desk_app: Application) -> None:
    option_delete(holder=desk_app, section="gwe:security", name="user-id")
    told = "No credentials configured: section gwe:security of Desk: missing: gwe:security/user-id."
    assert probed("http://127.0.0.1:9") == (1, told)


def test_a_401_says_which_side_to_look_at(gwe: Application, desk_app: Application) -> None:
    with listening(answer("401 Unauthorized")) as there:
        base = f"http://127.0.0.1:{there.port}"
        assert "both sides agree here" in probed(base)[1]
        put(desk_app, "password", "client-word-5", section="gwe:security")
        told = "the two sides disagree (not the same: password): look at section gwe:security of Desk, and at section"
        assert f"{told} security of GWE." in probed(base)[1]
        option_delete(holder=gwe, section="security", name="password")
        assert "nobody is let in (missing: security/password): look at section security of GWE." in probed(base)[1]


ANSWERS = [
    ("403 Forbidden", "403, no credentials are demanded, but this address is not in security/history-open-networks."),
    ("404 Not Found", "404, no such door"),
    ("503 Service Unavailable", "503, the server is busy, or no application"),
    ("500 Internal Server Error", "500, this is not what the History API answers"),
]


@pytest.mark.parametrize(("status", "words"), ANSWERS)
def test_other_answers(gwe: Application, desk_app: Application, status: str, words: str) -> None:
    with listening(answer(status)) as there:
        failed, line = probed(f"http://127.0.0.1:{there.port}")
    assert (failed, words in line) == (1, True)


def test_who_does_not_answer(
    gwe: Application, desk_app: Application, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with listening() as gone:
        port = gone.port
    assert "connection refused or lost" in probed(f"http://127.0.0.1:{port}")[1]
    with listening(answer("200 OK"), tls=certificate(tmp_path, "127.0.0.1")[1]) as untrusted:
        assert "TLS failed" in probed(f"https://127.0.0.1:{untrusted.port}")[1]
    with listening(b"what?\r\n\r\n") as other:
        assert "speaks no HTTP" in probed(f"http://127.0.0.1:{other.port}")[1]
    with listening(answer("302 Found", "Location: /\r\n")) as moved:
        assert "it redirects" in probed(f"http://127.0.0.1:{moved.port}")[1]
    monkeypatch.setattr("history.flows.probing.SECONDS", 0.3)
    with listening(lambda stream: sleep(1)) as slow:
        assert "no answer within" in probed(f"http://127.0.0.1:{slow.port}")[1]


def test_a_private_address_is_allowed_by_name_only(gwe: Application, desk_app: Application) -> None:
    with listening(answer("200 OK")) as there:
        base = f"http://localhost:{there.port}"
        assert "allow it with --allow ADDRESS" in probed(base)[1]
        assert there.connections == 0
        assert probed(base, allow=["127.0.0.1", "::1"])[0] == 0
    for url in ("ftp://127.0.0.1", "nonsense", "http://user:word@127.0.0.1/"):
        assert "no http or https URL" in probed(url)[1]


def test_of_several_workspaces_the_only_one_with_credentials_is_meant(
    gwe: Application, desk_app: Application, t100: ContactCenter
) -> None:
    workspace("Bare", t100)
    with listening(answer("200 OK")) as there:
        assert "Desk was answered" in probed(f"http://127.0.0.1:{there.port}")[1]
    for name in ("auth-scheme", "user-id", "password"):
        option_delete(holder=desk_app, section="gwe:security", name=name)
    with pytest.raises(CommandError, match=r"^Name the client with --client: Bare, Desk\.\Z"):
        call_command("history_probe", kind="workspace")
    Application.objects.filter(pk__in=[desk_app.pk]).update(enabled=False)
    Application.objects.filter(name="Bare").update(enabled=False)
    with pytest.raises(CommandError, match="There is no enabled Interaction Workspace application"):
        call_command("history_probe", kind="workspace")


def test_who_is_meant_must_be_clear(gwe: Application, desk_app: Application, t100: ContactCenter) -> None:
    def refused(**words: Any) -> str:
        with pytest.raises(CommandError) as error:
            call_command("history_probe", kind="workspace", **words)
        return str(error.value)

    assert refused(client="GWE") == "“GWE” is no Interaction Workspace application."
    assert "“Desk” is no enabled Web Engagement Server application" in refused(application="Desk")
    server("Second", t100, PAIR)
    assert refused() == "Desk belongs to several doors, or to none: name one with --application."
    workspace("Other", t100, PAIR)
    assert refused(application="GWE") == "Name the client with --client: Desk, Other."
    with listening(answer("200 OK")) as there:
        base = f"http://127.0.0.1:{there.port}"
        assert "Other was answered" in probed(base, client="Other", application="GWE")[1]
    assert refused(client="Desk", application="GWE", allow=["0.0.0.0/0"]).startswith("--allow: ")
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("history_probe", "--as", "nobody")
