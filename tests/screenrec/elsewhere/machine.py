"""A desktop whose agent another server proves, and what it is told."""

from __future__ import annotations

from typing import Any

from accounts.services import verified
from tests.config.listening import Listening
from tests.screenrec.central import Central
from tests.screenrec.desktop import Desktop

BOB = "t100\\bob"
END = {"operationName": "EndContactCenterSession"}
LOGIN, PING, LOGOUT = "GET /api/v2/me", "GET /ping", "POST /api/v2/me"


def config(server: str | Central = "", peer_server: str | Central = "", *more: Any) -> list[Any]:
    """The array of a login with configuration."""
    named = {"server": server, "peer_server": peer_server}
    urls = {name: each.url if isinstance(each, Central) else each for name, each in named.items()}
    return [{"name": name, "value": url} for name, url in urls.items() if url] + list(more)


def logged_in(*where: Any) -> Desktop:
    desktop = Desktop(BOB)
    answer = desktop.log_in(config(*where))
    assert answer.status_code == 200, answer.content
    return desktop


def told(answer: Any) -> tuple[int, int]:
    """Status and ``statusCode``; nothing but the two members is in a refusal."""
    body = answer.json()
    assert answer.status_code == 200 or set(body) == {"statusCode", "statusMessage"}
    return answer.status_code, body["statusCode"]


def forgotten() -> None:
    """The minute is over, or the process was started anew."""
    verified._known.clear()


def address_of(listener: Listening, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{listener.port}"
