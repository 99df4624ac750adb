"""The sign-in pages in Chromium: as people meet them, under the content security policy that they are served with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cast import CHALLENGE, PASSWORD
from tests.tools import missing, needs, program

pytestmark = [pytest.mark.live, pytest.mark.browser, needs("chromium")]
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WRONG = "The user name or password is wrong, or the account cannot be used now."


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Ends with this module: while Playwright runs, Django takes its thread for an asynchronous one."""
    try:
        from playwright import sync_api as playwright
    except ImportError:
        missing("requirements-dev.txt is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open fresh browsers; afterwards no page may have said anything but that a form was refused."""
    said: list[str] = []
    contexts: list[Any] = []

    def browse(**words: Any) -> Any:
        context = chromium.new_context(**{"java_script_enabled": False} | words)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    browse.said = said  # type: ignore[attr-defined]
    yield browse
    for context in contexts:
        context.close()
    # Chromium's word on a robot that types before the page was shown is no fault of the page's.
    assert [words for words in said if not re.search(r"status of 4\d\d|^Autofocus processing was blocked", words)] == []


@pytest.fixture
def page(browse: Callable[..., Any]) -> Any:
    """A browser without JavaScript."""
    return browse()


def authorize(live: str, listener: Any, client: str = "desk", **words: str) -> str:
    asked = {
        "client_id": client,
        "redirect_uri": listener.url,
        "response_type": "code",
        "scope": "openid",
        "state": "st",
    }
    if client == "spa":
        asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    return f"{live}/auth/v3/oauth/authorize?" + urlencode(asked | words)


def sign_in(page: Any, user: str, password: str = PASSWORD, tenant: str = "t100") -> None:
    page.get_by_label("Tenant").fill(tenant)
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_ends_in_the_application_on_a_loopback_port(page, live, listener):
    """Chromium applies ``form-action`` to every hop after the POST: it would block this with 'self' alone."""
    page.goto(authorize(live, listener, "spa"))
    assert page.title() == "Sign in · Deskgate"
    sign_in(page, "agent")
    assert page.get_by_role("heading").inner_text() == "Back in the application"
    assert set(listener.answer) == {"code", "state", "iss"}
    assert listener.answer["state"] == "st"


def test_the_application_learns_nothing_from_the_referer(page, live, listener):
    page.goto(authorize(live, listener))
    sign_in(page, "agent")
    path, headers = listener.requests[0]
    assert path.startswith("/initialize?")
    assert "referer" not in headers


def test_the_keyboard_alone_is_enough(page, live, listener):
    page.goto(authorize(live, listener))
    for typed in ("t100", "agent", PASSWORD):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/initialize?**")
    assert listener.answer["code"]


def test_a_second_application_needs_no_second_sign_in(page, live, listener):
    page.goto(authorize(live, listener))
    sign_in(page, "agent")
    page.goto(authorize(live, listener, "spa", state="second"))
    assert listener.answer["state"] == "second"


def test_a_wrong_password_is_told_to_everybody_and_the_typed_names_stay(page, live, listener):
    page.goto(authorize(live, listener))
    sign_in(page, "agent", "wrong")
    assert page.get_by_role("alert").inner_text().split("\n")[-1] == WRONG
    assert page.title() == "Sign-in failed · Deskgate"
    assert (page.get_by_label("Tenant").input_value(), page.get_by_label("User name").input_value()) == (
        "t100",
        "agent",
    )
    password = page.get_by_label("Password", exact=True)
    assert password.input_value() == ""
    assert password.get_attribute("aria-describedby") == "failed"
    assert password.get_attribute("aria-invalid") == "true"
    assert page.locator("#password:focus").count() == 1
    password.fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/initialize?**")


def test_a_locked_account_hears_the_same_words_with_the_right_password(page, live, listener):
    page.goto(authorize(live, listener))
    for _ in range(4):
        sign_in(page, "locked", "wrong")
    sign_in(page, "locked")
    assert page.get_by_role("alert").inner_text().split("\n")[-1] == WRONG
    assert not listener.requests


def test_a_password_that_must_be_changed_is_changed_on_the_way(page, live, listener):
    page.goto(authorize(live, listener))
    sign_in(page, "newcomer")
    assert page.get_by_role("heading").inner_text() == "Choose a new password"

    def change(new: str, again: str) -> None:
        page.get_by_label("Current password").fill(PASSWORD)
        page.get_by_label("New password", exact=True).fill(new)
        page.get_by_label("New password again").fill(again)
        page.get_by_role("button", name="Change password").click()

    change("brand-new-words-7", "brand-new-words-8")
    assert "differ" in page.get_by_role("alert").inner_text()
    change("password", "password")
    assert "common" in page.get_by_role("alert").inner_text()
    change("brand-new-words-7", "brand-new-words-7")
    page.wait_for_url("**/initialize?**")
    assert listener.answer["code"]


def test_consent_is_asked_once_and_allowing_goes_on(page, live, listener):
    page.goto(authorize(live, listener, "partner"))
    sign_in(page, "consenting")
    assert page.get_by_role("heading").inner_text() == "Allow Partner web site?"
    assert page.get_by_role("list").inner_text() == "Sign you in"
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url("**/initialize?**")
    page.goto(authorize(live, listener, "partner", state="again"))
    assert listener.answer["state"] == "again"


def test_denying_tells_the_application(page, live, listener):
    page.goto(authorize(live, listener, "partner"))
    sign_in(page, "denying")
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url("**/initialize?**")
    assert (listener.answer["error"], listener.answer["state"]) == ("access_denied", "st")


def test_signing_out_is_asked_first_and_goes_to_the_registered_page(page, live, listener):
    page.goto(f"{live}/auth/v3/sign-in")
    sign_in(page, "agent")
    assert page.get_by_role("heading").inner_text() == "You are signed in"
    page.goto(f"{live}/auth/v3/sign-out?" + urlencode({"redirectUri": listener.url}))
    assert page.get_by_role("heading").inner_text() == "Sign out?"
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/initialize")
    page.goto(authorize(live, listener))
    assert page.get_by_role("heading").inner_text() == "Sign in"


def test_signing_out_without_a_destination_ends_on_our_own_page(page, live):
    page.goto(f"{live}/auth/v3/sign-in")
    sign_in(page, "agent")
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading").inner_text() == "You are signed out"


def test_two_tabs_do_not_mix(browse, live, listener):
    """One signs in while the other's form is open: the other is shown anew and ends where it began."""
    one = browse()
    two = one.context.new_page()
    one.goto(authorize(live, listener, state="one"))
    two.goto(authorize(live, listener, "spa", state="two"))
    sign_in(one, "agent")
    assert listener.answer["state"] == "one"
    sign_in(two, "bob")
    assert "out of date" in two.get_by_role("alert").inner_text()
    assert two.get_by_label("User name").input_value() == "bob"
    two.get_by_label("Password", exact=True).fill(PASSWORD)
    two.get_by_role("button", name="Sign in").click()
    two.wait_for_url("**/initialize?**")
    assert listener.answer["state"] == "two"


def test_a_page_of_another_site_may_post_to_authorize_and_the_session_still_counts(browse, live, listener):
    """A browser keeps Lax cookies away from the POST; the redirect by GET brings them back."""
    page = browse(java_script_enabled=True)
    page.goto(authorize(live, listener))
    sign_in(page, "agent")
    page.wait_for_url("**/initialize?**")
    page.goto(f"http://localhost:{listener.port}/elsewhere")
    page.evaluate(
        """([action, redirect]) => {
            const form = document.createElement("form");
            form.method = "post"; form.action = action;
            for (const [name, value] of Object.entries({client_id: "desk", redirect_uri: redirect,
                                                        response_type: "code", state: "posted", prompt: "none"})) {
                const input = document.createElement("input");
                input.name = name; input.value = value; form.append(input);
            }
            document.body.append(form); form.submit();
        }""",
        [f"{live}/auth/v3/oauth/authorize", listener.url],
    )
    page.wait_for_url("**/initialize?**")
    assert listener.answer["state"] == "posted"
    assert "code" in listener.answer


def test_the_sign_in_page_cannot_be_framed(browse, live, listener):
    page = browse(java_script_enabled=True)
    page.goto(f"http://localhost:{listener.port}/elsewhere")
    page.evaluate(
        "url => { const f = document.createElement('iframe'); f.src = url; document.body.append(f); }",
        authorize(live, listener),
    )
    page.wait_for_timeout(1_000)
    assert page.frames[-1].locator("#password").count() == 0
    assert any("frame-ancestors 'none'" in words for words in browse.said)
    browse.said.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_their_window_and_can_be_read(browse, live, listener, width, scheme):
    page = browse(viewport={"width": width, "height": 640}, color_scheme=scheme, java_script_enabled=True)
    addresses = [authorize(live, listener), authorize(live, listener, "nobody"), f"{live}/auth/v3/signed-out"]
    for address in addresses:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert _contrast(page, ".card", "h1") >= 7
        assert _contrast(page, "body", ".foot") >= 4.5
    page.goto(addresses[0])
    assert _contrast(page, ".button", ".button") >= 4.5
    assert _contrast(page, ".card", ".hint") >= 4.5
    assert page.evaluate("getComputedStyle(document.querySelector('#tenant')).outlineWidth") == "3px"
    assert page.evaluate("document.querySelector('#tenant').getBoundingClientRect().height") >= 44


def test_every_field_has_a_label_and_tells_password_managers_what_it_is(page, live, listener):
    page.goto(authorize(live, listener))
    fields = {"Tenant": "organization", "User name": "username", "Password": "current-password"}
    for label, meaning in fields.items():
        assert page.get_by_label(label, exact=True).get_attribute("autocomplete") == meaning
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("main").count() == 1


def _contrast(page: Any, ground: str, text: str) -> float:
    """WCAG's contrast of a text's colour on the background of another element."""

    def luminance(colour: str) -> float:
        channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    colour = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"
    dark, light = sorted(
        [
            luminance(page.evaluate(colour, [ground, "backgroundColor"])),
            luminance(page.evaluate(colour, [text, "color"])),
        ]
    )
    return (light + 0.05) / (dark + 0.05)
