"""Apache with mod_auth_openidc, by the sample docs/apache/openidc.conf: signs a browser in, keeps it, signs it out.

Deskgate stands behind nginx with its own sample, since the module wants TLS."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.cast import PASSWORD
from tests.flows.people import Person, form_of
from tests.flows.proxies import Application, apache, front_of, ground, nginx, sample
from tests.flows.server import Installation, free_port
from tests.flows.test_browser import browse, chromium, sign_in  # noqa: F401 - fixtures
from tests.tools import needs

pytestmark = [pytest.mark.live, pytest.mark.slow, needs("nginx", "apache", "mod_auth_openidc")]
SECRET = "a secret = with & signs"
CLIENTS = """
users:
  - {{contact-center: t100, user-name: shown-out, password: violet-anchor-42}}
api-clients:
  - client-id: app_client
    secret: "{secret}"
    name: The application
    trusted: true
    redirect-uris: ["{app}/oidc/callback"]
    post-logout-redirect-uris: ["{app}/signed-out"]
"""


@dataclass(frozen=True)
class Site:
    """The application as its people see it, and what stands behind."""

    app: str
    deskgate: str
    certificate: str
    application: Application
    installation: Installation

    def person(self) -> Person:
        """A browser: follows redirects to the application and to Deskgate alike."""
        person = Person("https://127.0.0.1:")
        person.http.verify, person.http.trust_env = self.certificate, False
        return person

    def client(self, **words: Any) -> None:
        """Change the application's client at Deskgate."""
        lines = "".join(f"    {name.replace('_', '-')}: {value}\n" for name, value in words.items())
        file = self.installation.var_dir / "change.yaml"
        file.write_text(f"api-clients:\n  - client-id: app_client\n{lines}", encoding="utf-8")
        self.installation.manage("provision", "--yes", str(file))


@pytest.fixture(scope="module")
def site(another: Installation) -> Iterator[Site]:
    front, clear, app, deskgate = free_port(), free_port(), free_port(), free_port()
    application = Application()
    url = f"https://127.0.0.1:{app}"
    file = another.var_dir / "clients.yaml"
    file.write_text(CLIENTS.format(app=url, secret=SECRET), encoding="utf-8")
    another.manage("provision", "--yes", str(file))
    with (
        ground() as on,
        ground() as ours,
        another.serve(f"https://127.0.0.1:{front}", "127.0.0.1/32", deskgate),
        nginx(on, (front, clear), deskgate=front_of(on, deskgate, front, clear)),
    ):
        (ours.place / "vouching.pem").write_bytes(on.certificate.read_bytes())
        values = {
            "app.example.com": f"127.0.0.1:{app}",
            "auth.example.com": f"127.0.0.1:{front}",
            "*:443": f"127.0.0.1:{app}",
            "http://127.0.0.1:8080/": f"http://127.0.0.1:{application.port}/",
            "RefreshInterval 60": "RefreshInterval 1",
            "app_client": "app_client",
            "app-client-secret": f'"{SECRET}"',
            "a-long-random-passphrase": "of-this-test-alone",
            "/etc/ssl/app.example.com/fullchain.pem": str(ours.certificate),
            "/etc/ssl/app.example.com/key.pem": str(ours.key),
            "/etc/ssl/certs/ca-certificates.crt": str(ours.place / "vouching.pem"),
        }
        both = ours.place / "both.pem"
        both.write_bytes(on.certificate.read_bytes() + ours.certificate.read_bytes())
        with apache(ours, (app,), ports=f"Listen 127.0.0.1:{app}", site=sample("apache/openidc.conf", values)):
            yield Site(url, f"https://127.0.0.1:{front}", str(both), application, another)
    application.close()


def signed_in(site: Site, user: str = "agent", path: str = "/page?x=1") -> tuple[Person, requests.Response]:
    """Somebody who asked for a page and gave his password on the way."""
    person = site.person()
    page = person.opens(f"{site.app}{path}")
    assert page.url.startswith(site.deskgate), page.text[:300]
    return person, person.sends(page, tenant="t100", username=user, password=PASSWORD)


def test_a_person_is_signed_in_and_the_application_learns_who_it_is(site):
    before = len(site.application.requests)
    person = site.person()
    page = person.opens(f"{site.app}/page?x=1")
    asked = page.history[0].url if page.history else page.url
    assert asked.startswith(site.deskgate)
    assert len(site.application.requests) == before
    back = person.sends(page, tenant="t100", username="agent", password=PASSWORD)
    assert (back.status_code, back.url, "Behind the proxy" in back.text) == (200, f"{site.app}/page?x=1", True)
    came = site.application.last()
    token = {"Authorization": f"Bearer {came['oidc_access_token'][0]}"}
    who = person.http.get(f"{site.deskgate}/auth/v3/openid/userinfo", headers=token).json()
    assert came["oidc_claim_sub"] == [who["sub"]]
    assert came["oidc_claim_iss"] == [f"{site.deskgate}/auth/v3"]
    assert came["oidc_claim_aud"] == ["app_client"]
    assert came["oidc_claim_email"] == ["anna@one.example.com"]
    assert (came["oidc_claim_given_name"], came["oidc_claim_family_name"]) == (["Anna"], ["Ames"])
    assert came["oidc_claim_user_name"] == [who["user_name"]]
    assert json.loads(came["oidc_userinfo_json"][0])["authorities"] == [{"name": "ROLE_AGENT", "privileges": []}]
    assert not [each for each in came.get("cookie", []) if "mod_auth_openidc_session" in each]


def test_the_authorization_request_has_pkce_nonce_and_state(site):
    person = site.person()
    asked = person.http.get(f"{site.app}/page", allow_redirects=False).headers["Location"]
    assert asked.startswith(f"{site.deskgate}/auth/v3/oauth/authorize?")
    for member in ("code_challenge_method=S256", "code_challenge=", "nonce=", "state=", "scope=openid"):
        assert member in asked
    assert "redirect_uri=" + quote(f"{site.app}/oidc/callback", safe="") in asked


def test_claims_that_a_browser_sends_never_arrive(site):
    person, _ = signed_in(site)
    forged = {
        "OIDC_CLAIM_sub": "forged",
        "OIDC-CLAIM-sub": "forged",
        "X-GWS-User": "forged",
        "X-Real-IP": "203.0.113.7",
    }
    person.http.headers.update(forged | {"X-Forwarded-For": "203.0.113.7", "OIDC_userinfo_json": "forged"})
    assert person.opens(f"{site.app}/page").status_code == 200
    came = site.application.last()
    flat = [value for values in came.values() for value in values]
    assert "forged" not in flat
    assert not [value for value in flat if "203.0.113.7" in value]
    assert "x-gws-user" not in came


def test_a_wrong_password_lets_nobody_in(site):
    before = len(site.application.requests)
    person = site.person()
    page = person.sends(person.opens(f"{site.app}/page"), tenant="t100", username="bob", password="wrong")
    assert form_of(page.text)
    assert len(site.application.requests) == before


def test_a_script_without_a_session_gets_401_instead_of_a_redirect(site):
    asked = {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}
    assert site.person().http.get(f"{site.app}/page", headers=asked).status_code == 401


def test_a_token_is_refreshed_on_request(site):
    person, _ = signed_in(site)
    first = site.application.last()["oidc_access_token"][0]
    back = quote(f"{site.app}/page", safe="")
    answer = person.opens(f"{site.app}/oidc/callback?refresh={back}&access_token={first}")
    assert (answer.status_code, answer.url) == (200, f"{site.app}/page")
    second = site.application.last()["oidc_access_token"][0]
    assert second != first
    told = person.http.get(f"{site.deskgate}/auth/v3/userinfo", headers={"Authorization": f"Bearer {second}"})
    assert told.json()["loginName"] == "agent"


@pytest.mark.parametrize("rotates", ["false", "true"])
def test_a_token_about_to_end_is_refreshed_and_a_revoked_one_ends_the_session(site, rotates):
    site.client(access_token_lifetime=50, rotate_refresh_tokens=rotates)
    try:
        person, _ = signed_in(site, "bob")
        seen = set()
        for _ in range(3):
            assert person.opens(f"{site.app}/page").url == f"{site.app}/page"
            seen.add(site.application.last()["oidc_access_token"][0])
        assert len(seen) == 3
        site.installation.manage("revoke", "--user", "t100\\bob")
        # What is refused ends the module's session; only then is a sign-in asked for.
        assert person.opens(f"{site.app}/page").url == f"{site.app}/signed-out"
        assert "oidc_claim_sub" not in site.application.last()
        page = person.opens(f"{site.app}/page")
        assert page.url.startswith(site.deskgate)
        assert form_of(page.text)
    finally:
        site.client(access_token_lifetime=43200, rotate_refresh_tokens="false")


def test_whoever_was_switched_off_is_out_when_user_info_is_asked_again(site):
    person, _ = signed_in(site, "leaving")
    time.sleep(1.5)
    assert person.opens(f"{site.app}/page").url == f"{site.app}/page"
    assert site.application.last()["oidc_claim_user_name"][0].startswith("leaving:")
    site.installation.manage("revoke", "--user", "t100\\leaving")
    time.sleep(1.5)
    before = len(site.application.requests)
    script = {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}
    assert person.http.get(f"{site.app}/page", headers=script, allow_redirects=False).status_code == 401
    # At this stage of a request Apache cannot redirect: the module answers a page that does.
    refresh = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', person.opens(f"{site.app}/page").text)
    assert refresh
    page = person.opens(html.unescape(refresh[1]))
    assert page.url.startswith(site.deskgate)
    assert form_of(page.text)
    assert len(site.application.requests) == before


def test_signing_out_ends_both_sessions_and_the_token(site):
    person, _ = signed_in(site, "shown-out")
    token = {"Authorization": f"Bearer {site.application.last()['oidc_access_token'][0]}"}
    assert person.http.get(f"{site.deskgate}/auth/v3/userinfo", headers=token).status_code == 200
    after = quote(f"{site.app}/signed-out", safe="")
    answer = person.opens(f"{site.app}/oidc/callback?logout={after}")
    assert answer.url.split("?")[0] == f"{site.app}/signed-out", answer.text[:2000]
    assert person.http.get(f"{site.deskgate}/auth/v3/userinfo", headers=token).status_code == 401
    page = person.opens(f"{site.app}/page")
    assert page.url.startswith(site.deskgate)
    assert form_of(page.text)


@needs("chromium")
def test_the_same_in_a_real_browser(site, browse: Callable[..., Any]):  # noqa: F811
    page = browse(ignore_https_errors=True)
    page.goto(f"{site.app}/page?x=1")
    assert page.title() == "Sign in · Deskgate"
    sign_in(page, "agent")
    page.wait_for_url(f"{site.app}/page?x=1")
    assert page.get_by_role("heading").inner_text() == "Behind the proxy"
    assert site.application.last()["oidc_claim_email"] == ["anna@one.example.com"]
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert all(cookie["secure"] for cookie in cookies.values())
    assert cookies["mod_auth_openidc_session"]["httpOnly"]
    page.goto(f"{site.app}/oidc/callback?logout=" + quote(f"{site.app}/signed-out", safe=""))
    page.wait_for_url(f"{site.app}/signed-out**")
    page.goto(f"{site.app}/page")
    assert page.title() == "Sign in · Deskgate"
