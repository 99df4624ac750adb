"""Each row under "When it fails" in docs/clients/ is provoked: the page has the exact words, and every row is tried."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.cast import CHALLENGE
from tests.docs.pages import CLIENTS, Page
from tests.flows.people import Person

pytestmark = pytest.mark.live

Told = tuple[str, str]
AGENT = (r"t100\agent", "demo-agent-1!")
DEMO = ("external_api_client", "demo-external-secret")
PKCE: dict[str, Any] = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
OTHERS = """
api-clients:
  - {client-id: of_t200, client-type: PUBLIC, trusted: true, basic-on-authorize: true, contact-centers: [t200],
     redirect-uris: ["http://127.0.0.1/cb"]}
  - {client-id: asks_first, secret: a-secret-of-asks-first, basic-on-authorize: true, redirect-uris: ["http://127.0.0.1/cb"]}
"""


def told(answer: requests.Response) -> Told:
    """Error and words of a JSON body or of a redirect."""
    if answer.is_redirect:
        parts = urlsplit(answer.headers["Location"])
        members = dict(parse_qsl(parts.query) + parse_qsl(parts.fragment))
    else:
        members = answer.json()
    return members["error"], members.get("error_description", "(no words)")


def authorize(page: Page, client: str, user: tuple[str, str] | None = None, **words: str) -> Told:
    asked = {"response_type": "code", "client_id": client, "redirect_uri": f"{page.home}/cb", **words}
    return told(requests.get(f"{page.api}/oauth/authorize", params=asked, auth=user, allow_redirects=False, timeout=30))


def post(page: Page, path: str, client: tuple[str, str] | None = None, **form: str) -> Told:
    return told(requests.post(f"{page.api}/oauth/{path}", data=form, auth=client, timeout=30))


def get(page: Page, path: str, token: str = "") -> Told:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return told(requests.get(f"{page.api}/{path}", headers=headers, timeout=30))


def bad_code(page: Page, client: str, secret: str = "") -> Told:
    form = {
        "grant_type": "authorization_code",
        "code": "x",
        "redirect_uri": f"{page.home}/cb",
        "code_verifier": "v" * 43,
    }
    return (
        post(page, "token", (client, secret), **form) if secret else post(page, "token", None, client_id=client, **form)
    )


def by_password(page: Page, client: tuple[str, str], user: tuple[str, str]) -> Told:
    return post(page, "token", client, grant_type="password", username=user[0], password=user[1])


def tokens(page: Page) -> dict[str, str]:
    form = {"grant_type": "password", "username": AGENT[0], "password": AGENT[1], "scope": "openid"}
    answer: dict[str, str] = requests.post(f"{page.api}/oauth/token", data=form, auth=DEMO, timeout=30).json()
    return answer


def refused_consent(page: Page) -> Told:
    person = Person(page.api)
    asked = f"response_type=code&client_id=asks_first&redirect_uri={page.home}/cb"
    question = person.signs_in(f"{page.api}/oauth/authorize?{asked}", "agent", AGENT[1])
    return told(person.sends(question, decision="deny"))


def by_session(page: Page, **words: str) -> Told:
    """What a browser hears in which agent is signed in."""
    person = Person(page.api)
    asked = f"{page.api}/oauth/authorize?response_type=code&redirect_uri={page.home}/cb&"
    person.signs_in(f"{asked}client_id=external_api_client", "agent", AGENT[1])
    return told(person.opens(asked + "&".join(f"{name}={value}" for name, value in words.items())))


def other_clients_id_token(page: Page) -> Told:
    asked = {"id_token_hint": tokens(page)["id_token"], "client_id": "my_web"}
    return told(requests.get(f"{page.api}/oauth/end-session", params=asked, timeout=30))


def ops(page: Page, user: tuple[str, str], one: str = "", **data: object) -> Told:
    """A call of the client registry: a GET, or with data a POST."""
    url = f"{page.api}/ops/clients" + (f"/{one}" if one else "")
    body = {"data": data} if data else None
    return told(requests.request("POST" if data else "GET", url, json=body, auth=user, timeout=30))


def ended_token(page: Page) -> Told:
    return get(page, "userinfo", "ended")


WEB, SCRIPT, OLD = (
    ("my_web", "a-secret-of-my-web"),
    ("my_script", "a-secret-of-my-script"),
    ("my_old_desktop", "a-secret-of-my-old-desktop"),
)
OPS = ("my_deployment", "a-password-of-my-deployment-1")
WRONG = (AGENT[0], "wrong")
ELSEWHERE = "http://127.0.0.1:1/elsewhere"

PROVOKED: dict[str, list[Callable[[Page], Told]]] = {
    "browser-page.md": [
        lambda page: authorize(page, "nobody"),
        lambda page: authorize(page, "my_page", redirect_uri=f"{page.home}/cb/"),
        lambda page: authorize(page, "my_page"),
        lambda page: authorize(page, "my_page", **PKCE | {"code_challenge_method": "plain"}),
        lambda page: authorize(page, "my_page", **PKCE, scope="configuration"),
        lambda page: authorize(page, "my_page", response_type="token"),
        lambda page: authorize(page, "my_page", **PKCE, prompt="none"),
        lambda page: by_session(page, client_id="asks_first", prompt="none"),
        lambda page: by_session(page, client_id="of_t200", **PKCE),
        lambda page: bad_code(page, "my_page"),
        lambda page: post(page, "token", client_id="my_page", grant_type="refresh_token", refresh_token="x"),
        ended_token,
    ],
    "server.md": [
        lambda page: post(page, "token", ("my_web", "wrong"), grant_type="refresh_token", refresh_token="x"),
        lambda page: post(page, "introspect", client_id="my_web", token="x"),
        lambda page: post(page, "token", WEB, client_secret=WEB[1], grant_type="refresh_token", refresh_token="x"),
        lambda page: told(requests.post(f"{page.api}/oauth/token", json={}, auth=WEB, timeout=30)),
        lambda page: authorize(page, "my_web", redirect_uri=ELSEWHERE),
        lambda page: authorize(page, "my_web"),
        lambda page: bad_code(page, *WEB),
        refused_consent,
        lambda page: by_session(page, client_id="of_t200", **PKCE),
        lambda page: post(page, "revoke", WEB, token=tokens(page)["access_token"]),
        other_clients_id_token,
        ended_token,
    ],
    "desktop.md": [
        lambda page: authorize(page, "my_desktop", **PKCE, redirect_uri="http://localhost:1/cb"),
        lambda page: authorize(page, "my_desktop"),
        lambda page: bad_code(page, "my_desktop"),
        lambda page: authorize(page, "my_old_desktop", WRONG, redirect_uri=f"{page.home}/initialize"),
        lambda page: by_password(page, OLD, WRONG),
        lambda page: by_password(page, OLD, (r"t100\newcomer", "demo-newcomer-1!")),
        lambda page: by_password(page, ("asks_first", "a-secret-of-asks-first"), AGENT),
        lambda page: authorize(page, "asks_first", AGENT),
        lambda page: get(page, "ping"),
        ended_token,
    ],
    "script.md": [
        lambda page: post(page, "token", (SCRIPT[0], "wrong"), grant_type="client_credentials"),
        lambda page: post(page, "token", client_id="desktop_spa", grant_type="client_credentials"),
        lambda page: post(page, "token", ("asks_first", "a-secret-of-asks-first"), grant_type="client_credentials"),
        lambda page: post(page, "token", SCRIPT, grant_type="client_credentials", scope="configuration"),
        ended_token,
        lambda page: ops(page, (OPS[0], "wrong")),
        lambda page: ops(page, SCRIPT),
        lambda page: get(page, "ops/clients", tokens(page)["access_token"]),
        lambda page: ops(page, ("customer_manager", "customer_manager@123"), client_id="x", name="x"),
        lambda page: ops(page, OPS, "nobody"),
        lambda page: ops(page, OPS, client_id="my_script", authorizedGrantTypes=[]),
        lambda page: ops(page, OPS, client_id="incomplete"),
    ],
}  # fmt: skip


def test_every_page_is_tried() -> None:
    assert {path.name for path in CLIENTS.glob("*.md") if "## When it fails" in path.read_text("utf-8")} == set(
        PROVOKED
    )


@pytest.mark.parametrize("name", sorted(PROVOKED))
def test_the_page_has_the_words_of_the_server(name: str, page_of: Callable[[str], Page], tmp_path: Path) -> None:
    page = page_of(name)
    page.provision(OTHERS, tmp_path / "others.yaml")
    assert {provoke(page) for provoke in PROVOKED[name]} == page.failures()
