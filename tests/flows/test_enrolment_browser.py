"""A customer enrols in Chromium: the link from a script, the code scanned from the screen, an app that is oathtool."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.flows.server import Installation
from tests.flows.test_browser import browse, chromium
from tests.tools import missing, needs, program

__all__ = ["browse", "chromium"]
pytestmark = [pytest.mark.live, pytest.mark.browser, needs("chromium", "oathtool")]
PAIR = ("enroller", "open-sesame-42")
FILE = f"""
basic-credentials:
  - {{name: {PAIR[0]}, password: {PAIR[1]}, contact-center: t100, role: Administrator}}
two-factor-customers:
  - {{contact-center: t100, account: "77 001", email: jane@dental.example.com}}
"""
CUSTOMER = "/twofactor/v1/customers/77%20001"


@pytest.fixture
def link(installation: Installation, live: str, tmp_path: Path) -> str:
    """A link to enrol by, as a script gets it."""
    file = tmp_path / "customers.yaml"
    file.write_text(FILE)
    installation.manage("provision", "--yes", str(file))
    answer = httpx.post(f"{live}{CUSTOMER}/authenticator", auth=PAIR)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def scanned(page: Any) -> str:
    """What a camera reads from the screen."""
    try:
        import zxingcpp
        from PIL import Image
    except ImportError:
        missing("requirements-dev.txt is not installed")
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot(full_page=True))))
    assert len(codes) == 1, codes
    return str(codes[0].text)


def shown_by(seed: str) -> str:
    tool = program("oathtool")
    assert tool
    return subprocess.run(
        [tool, "--totp", "-b", "-"], input=seed, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_the_link_to_the_recovery_codes(
    browse: Callable[..., Any], live: str, link: str, scheme: str, tmp_path: Path
) -> None:
    page = browse(color_scheme=scheme, viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page.goto(link)
    assert page.title() == "Set up your authenticator · Deskgate"
    uri = urlsplit(scanned(page))
    query = parse_qs(uri.query)
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/One:77%20001")
    assert query["issuer"] == ["One"]
    assert page.locator("code.key").inner_text().replace(" ", "") == query["secret"][0]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path=tmp_path / "form.png", full_page=True)

    page.get_by_label("Code that the app shows now").fill("12345")
    page.get_by_role("button", name="Confirm").click()
    assert "This is not the code" in page.get_by_role("alert").inner_text()
    page.screenshot(path=tmp_path / "wrong.png", full_page=True)
    # Under no-referrer the browser sends "Origin: null" along.
    page.get_by_label("Code that the app shows now").fill(shown_by(query["secret"][0]))
    page.get_by_role("button", name="Confirm").click()
    assert page.get_by_role("heading").inner_text() == "Your authenticator is set up"
    codes = page.get_by_role("listitem").all_inner_texts()
    assert len(codes) == 10
    assert all(re.fullmatch(r"\d{5} \d{5}", code) for code in codes)
    page.screenshot(path=tmp_path / "codes.png", full_page=True)

    assert httpx.get(f"{live}{CUSTOMER}", auth=PAIR).json()["authenticator"] is True
    page.goto(link)
    assert page.get_by_role("heading").inner_text() == "This link does not work"
    page.screenshot(path=tmp_path / "over.png", full_page=True)
