"""“Try this application…” in Chromium: the demo's four customers, each by every method that it has."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.flows.server import Installation, free_port
from tests.flows.test_browser import browse, chromium
from tests.tools import needs, program

__all__ = ["browse", "chromium"]
pytestmark = [pytest.mark.live, pytest.mark.browser, needs("chromium", "oathtool")]
SEED = "JBSWY3DPEHPK3PXP"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo of its own."""
    port = free_port()
    environ = {"DESKGATE_MODE": "demo", "PORT": str(port)}
    with Installation(tmp_path_factory.mktemp("demo"), environ=environ, files="demo/").serve(port=port) as url:
        yield url


@pytest.fixture
def admin(browse: Callable[..., Any], demo: str) -> Any:
    """The page of the demo's application, as its contact center's administrator sees it."""
    page = browse()
    page.goto(f"{demo}/admin/environment/application/?q=Self_Service")
    page.locator("#id_username").fill("t100\\manager")
    page.locator("#id_password").fill("demo-manager-1!")
    page.keyboard.press("Enter")
    page.locator("#result_list tbody th a").first.click()
    return page


def call(page: Any, account: str, cli: str = "+14155550123") -> None:
    """From the application's page to the first prompt."""
    page.get_by_role("link", name="Try this application…").click()
    page.get_by_label("Account:").fill(account)
    page.get_by_label("Calling number:").fill(cli)
    page.get_by_role("button", name="Call", exact=True).click()


def prompt(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def code_of_message(page: Any) -> str:
    """From what the page shows of the demo's outbox."""
    (code,) = re.findall(r"\b\d{6}\b", page.locator(".dg-outbox pre").inner_text())
    return str(code)


def code_of_app() -> str:
    tool = program("oathtool")
    assert tool
    told = subprocess.run([tool, "--totp", "-b", "-"], input=SEED, capture_output=True, text=True, check=True)
    return told.stdout.strip()


def enter(page: Any, code: str) -> None:
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Enter").click()


@pytest.mark.parametrize(
    ("key", "told"), [("1", "by e-mail to c…@e….com"), ("2", "by text message to …42"), ("3", "authenticator app")]
)
def test_a_customer_with_three_methods_passes_by_each(admin: Any, key: str, told: str) -> None:
    call(admin, "1000")
    assert [line[0] for line in admin.locator("button[name=choice]").all_inner_texts()] == ["1", "2", "3", "P"]
    admin.get_by_role("button", name=f"{key} ·").click()
    assert told in prompt(admin)
    enter(admin, "000000")
    assert "That is not right." in prompt(admin)
    enter(admin, code_of_app() if key == "3" else code_of_message(admin))
    assert prompt(admin) == "The call ended with the path success."
    assert "+14155550142" not in admin.content()


def test_a_customer_with_an_authenticator_alone_is_asked_for_its_code_at_once(admin: Any) -> None:
    call(admin, "1001")
    assert "Please enter the code that your authenticator app shows." in prompt(admin)
    enter(admin, code_of_app())
    assert prompt(admin) == "The call ended with the path success."


def test_a_customer_with_one_address_has_a_code_on_its_way_at_once(admin: Any) -> None:
    call(admin, "1002")
    assert prompt(admin) == "Please enter the 6 digits of the code."
    first = code_of_message(admin)
    admin.get_by_role("button", name="Another code").click()
    assert "code 2" in prompt(admin)
    second = code_of_message(admin)
    if first != second:
        enter(admin, first)
        assert "That is not right." in prompt(admin), "a code that was replaced"
    enter(admin, second)
    assert prompt(admin) == "The call ended with the path success."
    admin.get_by_role("link", name="own page").click()
    assert admin.locator(".dg-timeline", has_text="verify.ok").count() == 1


def test_a_customer_without_a_method_leaves_by_the_path_for_that(admin: Any) -> None:
    call(admin, "1003")
    assert prompt(admin) == "The call ended with the path error."
