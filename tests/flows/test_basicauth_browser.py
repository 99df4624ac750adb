"""The seed's whole way in Chromium and curl: a token from the page, a credential registered with it, the pair used."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from typing import Any

from tests.flows.test_browser import browse, chromium, pytestmark, sign_in

__all__ = ["browse", "chromium", "pytestmark"]
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def shell(line: str) -> tuple[int, Any]:
    """Type the line into a shell, as it stands; the status of its one call, and the answer's body."""
    command = line.replace("curl ", "curl -s -w '\\n%{http_code}' ", 1)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def centers_by(live: str, option: str) -> str:
    """The line that a script sends afterwards; ``option`` proves it."""
    return f"curl {option} {shlex.quote(f'{live}/environment/v3/contact-centers')}"


def named(line: str, name: str) -> str:
    """The line with the writer's own user name in it."""
    return line.replace('"my_script"', json.dumps(name))


def pair_in(line: str) -> str:
    words = shlex.split(line)
    body = json.loads(words[words.index("-d") + 1])
    return f"{body['username']}:{body['password']}"


def test_from_the_page_to_a_call_with_the_pair_and_back(browse: Callable[..., Any], live: str) -> None:
    page = browse(java_script_enabled=True, permissions=CLIPBOARD)
    page.goto(f"{live}/configuration/token")
    assert page.title() == "Sign in · Deskgate"
    sign_in(page, "keeper")
    page.wait_for_url(f"{live}/configuration/token")
    page.get_by_role("button", name="Get a token").click()
    page.get_by_role("button", name="Copy the token").click()
    page.get_by_text("Token copied.").wait_for(state="attached")
    token = page.evaluate("navigator.clipboard.readText()")
    assert token == page.locator("#token").input_value()
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", token)
    page.get_by_role("button", name="Copy the line").click()
    page.get_by_text("Line copied.").wait_for(state="attached")
    line = page.evaluate("navigator.clipboard.readText()")
    assert token in line

    first = named(line, "from_the_page")
    status, made = shell(first)
    assert (status, made["username"], made["contextId"], made["userRole"]) == (
        201, "from_the_page", "100", "Administrator",
    )  # fmt: skip
    assert "password" not in made
    status, answer = shell(centers_by(live, f"-u {shlex.quote(pair_in(first))}"))
    assert status == 200
    assert [center["name"] for center in answer["data"]] == ["One"]
    assert shell(centers_by(live, f"-u {shlex.quote(pair_in(first) + '$')}"))[0] == 401

    page.get_by_role("button", name="Revoke").click()
    page.get_by_text("The token was revoked").wait_for()
    status, answer = shell(named(line, "too_late"))
    assert status == 401
    assert token not in json.dumps(answer)
    # What was registered before lives on.
    assert shell(centers_by(live, f"-u {shlex.quote(pair_in(first))}"))[0] == 200


def test_a_credential_is_registered_on_the_page_without_javascript(browse: Callable[..., Any], live: str) -> None:
    page = browse(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(f"{live}/configuration/token")
    sign_in(page, "keeper")
    page.get_by_text("Register a credential here").click()
    page.get_by_label("User name").fill("by:form")
    page.get_by_label("Role").select_option("Administrator")
    page.get_by_role("button", name="Register", exact=True).click()
    assert page.get_by_label("User name").get_attribute("aria-invalid") == "true"
    page.get_by_label("User name").fill("by_form")
    page.get_by_role("button", name="Register", exact=True).click()
    assert page.get_by_role("heading", name="by_form is registered").is_visible()
    assert page.get_by_role("button", name=re.compile("^Copy")).count() == 0
    header = page.get_by_label("Authorization header").input_value()
    assert shell(centers_by(live, f"-H {shlex.quote(header)}"))[0] == 200
    assert shell(page.get_by_label("A first call, from a shell").input_value())[0] == 200
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_an_agent_is_told_and_signs_in_as_somebody_else(browse: Callable[..., Any], live: str) -> None:
    page = browse()
    page.goto(f"{live}/configuration/token")
    sign_in(page, "bob")
    assert page.get_by_role("heading").inner_text() == "Not for this account"
    page.get_by_role("link", name="Sign in as somebody else").click()
    assert "You are signed in as t100\\bob." in page.get_by_text("You are signed in as").inner_text()
    sign_in(page, "root", tenant="")
    page.get_by_label("Contact center").select_option(label="200 · Two")
    page.get_by_role("button", name="Choose").click()
    page.get_by_role("button", name="Get a token").click()
    assert '"contextId": "200"' in page.get_by_label("Register a credential with it, from a shell").input_value()
