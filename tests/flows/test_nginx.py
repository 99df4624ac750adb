"""The nginx samples of docs/nginx, run by nginx: TLS in front of Deskgate, and an application behind auth_request."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.cast import CHALLENGE, PASSWORD, SECRET, VERIFIER
from tests.flows.people import Person, form_of, members_of
from tests.flows.proxies import Application, Ground, front_of, ground, nginx, sample
from tests.flows.server import Installation, Listener, free_port
from tests.tools import needs

pytestmark = [pytest.mark.live, pytest.mark.slow, needs("nginx")]
API = "/auth/v3"
CALLER = "127.0.0.2"
FORGED = {
    "X-Forwarded-For": "203.0.113.7",
    "Forwarded": "for=203.0.113.7;proto=https;host=evil.example",
    "X-Real-IP": "203.0.113.7",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "1",
    "X-GWS-User": "forged",
}


@dataclass(frozen=True)
class Front:
    """Deskgate as its callers see it, and the application beside it."""

    url: str
    clear: str
    behind: str
    app: str
    application: Application
    ground: Ground
    installation: Installation

    def caller(self, address: str = CALLER) -> httpx.Client:
        """Somebody calling from another address of the loopback net, who trusts the certificate."""
        trust = ssl.create_default_context(cafile=str(self.ground.certificate))
        return httpx.Client(transport=httpx.HTTPTransport(verify=trust, local_address=address), timeout=30)

    def person(self) -> Person:
        """Somebody with an empty cookie jar, who trusts the certificate and nothing the machine is set to."""
        person = Person(self.url)
        person.http.verify, person.http.trust_env = str(self.ground.certificate), False
        return person


def samples(on: Ground, deskgate: int, front: int, clear: int, app: int, behind: int) -> dict[str, str]:
    """Both samples, their values replaced by those of this test."""
    return {
        "deskgate": front_of(on, deskgate, front, clear),
        "app": sample(
            "nginx/auth_request.conf",
            {
                "app.example.com": "localhost",
                "listen 443": f"listen 127.0.0.1:{app}",
                "127.0.0.1:8080": f"127.0.0.1:{behind}",
                "auth.example.com": "127.0.0.1",
                "127.0.0.1:8000": f"127.0.0.1:{deskgate}",
                "/etc/ssl/app.example.com/fullchain.pem": str(on.certificate),
                "/etc/ssl/app.example.com/key.pem": str(on.key),
            },
        ),
    }


@pytest.fixture(scope="module")
def nginx_before(another: Installation) -> Iterator[tuple[Callable[[], Any], Front]]:
    """nginx with both samples; call the first of the pair for a Deskgate behind it, with more words for ``serve``."""
    front, clear, app, deskgate = free_port(), free_port(), free_port(), free_port()
    application = Application()
    with ground() as on, nginx(on, (front, clear, app), **samples(on, deskgate, front, clear, app, application.port)):
        told = Front(
            f"https://127.0.0.1:{front}", f"http://127.0.0.1:{clear}", f"http://127.0.0.1:{deskgate}",
            f"https://127.0.0.1:{app}", application, on, another,
        )  # fmt: skip

        def serve(trusted: str = "127.0.0.1/32") -> Any:
            return another.serve(told.url, trusted, deskgate)

        yield serve, told
        assert not re.search(r"\[(alert|emerg|crit)\]", on.log()), on.log()
    application.close()


@pytest.fixture(scope="class")
def front(nginx_before: tuple[Callable[[], Any], Front]) -> Iterator[Front]:
    """A Deskgate that trusts the nginx before it."""
    serve, told = nginx_before
    with serve():
        yield told


@pytest.fixture
def caller(front: Front) -> Iterator[httpx.Client]:
    with front.caller() as client:
        yield client


def token(client: httpx.Client, url: str, user: str = "agent", **form: str) -> dict[str, Any]:
    asked = {"grant_type": "password", "username": f"t100\\{user}", "password": PASSWORD} | form
    answer = client.post(f"{url}{API}/oauth/token", data=asked, auth=("desk", SECRET))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearer(access_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token}"}


def refused_sign_in(front: Front, url: str, headers: dict[str, str]) -> str:
    """Give a wrong password; the address that the security event of it has."""
    with front.caller() as client:
        asked = {"grant_type": "password", "username": "t100\\bob", "password": "wrong"}
        answer = client.post(f"{url}{API}/oauth/token", data=asked, auth=("desk", SECRET), headers=headers)
    assert answer.status_code == 400, answer.text
    program = (
        "from activity.models import SecurityEvent as E; import json;"
        f"e = E.objects.filter(request_id={answer.headers['X-Request-ID']!r}, outcome='refused').get();"
        "print('told:' + json.dumps([e.address, e.user_name]))"
    )
    address, who = json.loads(front.installation.manage("shell", "-c", program).split("told:")[1])
    assert who == "t100\\bob"
    return str(address)


class TestInFrontOfDeskgate:
    """docs/nginx/deskgate.conf."""

    def test_discovery_tells_public_url_whatever_host_is_sent(self, front, caller):
        for host in (None, "evil.example", "127.0.0.1:1"):
            headers = FORGED | ({"Host": host} if host else {})
            answer = caller.get(f"{front.url}{API}/.well-known/openid-configuration", headers=headers)
            told = answer.json()
            assert told["issuer"] == f"{front.url}{API}"
            urls = [value for name, value in told.items() if name.endswith(("_endpoint", "_uri"))]
            assert len(urls) >= 4
            assert all(url.startswith(f"{front.url}{API}/") for url in urls)
            assert "evil" not in answer.text

    def test_a_person_signs_in_with_secure_cookies(self, front):
        listener = Listener()
        person = front.person()
        asked = {
            "client_id": "spa", "redirect_uri": listener.url, "response_type": "code", "scope": "openid", "state": "st",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        }  # fmt: skip
        page = person.opens(f"{front.url}{API}/oauth/authorize?{urlencode(asked)}")
        back = person.sends(page, tenant="t100", username="agent", password=PASSWORD)
        listener.close()
        told = members_of(back)
        assert (told["state"], told["iss"]) == ("st", f"{front.url}{API}")
        assert {cookie.name for cookie in person.http.cookies} >= {"deskgate_session", "deskgate_csrf"}
        assert all(cookie.secure for cookie in person.http.cookies)
        exchange = {
            "grant_type": "authorization_code", "client_id": "spa", "code": told["code"],
            "redirect_uri": listener.url, "code_verifier": VERIFIER,
        }  # fmt: skip
        given = person.http.post(f"{front.url}{API}/oauth/token", exchange)
        assert given.json()["id_token"]

    def test_a_form_of_another_origin_is_refused(self, front):
        person = front.person()
        page = person.opens(f"{front.url}{API}/sign-in")
        action, fields = form_of(page.text)
        fields |= {"tenant": "t100", "username": "agent", "password": PASSWORD}
        for origin, status in (
            ("https://evil.example", 403),
            (front.url.replace("https", "http"), 403),
            (front.url, 303),
        ):
            sent = {"headers": {"Origin": origin}, "allow_redirects": False}
            assert person.http.post(urljoin(page.url, action), fields, **sent).status_code == status, origin

    def test_a_form_from_nowhere_is_refused_as_over_tls(self, front):
        """Django asks for a Referer over HTTPS only: the scheme that nginx tells is believed."""
        person = front.person()
        page = person.opens(f"{front.url}{API}/sign-in")
        action, fields = form_of(page.text)
        fields |= {"tenant": "t100", "username": "agent", "password": PASSWORD}
        assert person.http.post(urljoin(page.url, action), fields, allow_redirects=False).status_code == 403

    def test_the_security_event_has_the_callers_address_whatever_he_says(self, front):
        assert refused_sign_in(front, front.url, {}) == CALLER
        assert refused_sign_in(front, front.url, FORGED) == CALLER

    def test_the_request_id_is_the_callers_where_it_is_sane(self, front, caller):
        ask = f"{front.url}{API}/.well-known/jwks.json"
        assert caller.get(ask, headers={"X-Request-ID": "call-0123"}).headers["X-Request-ID"] == "call-0123"
        assert re.fullmatch(r"[0-9a-f]{32}", caller.get(ask, headers={"X-Request-ID": "a b"}).headers["X-Request-ID"])

    def test_deskgates_own_errors_pass_as_they_are(self, front, caller):
        answer = caller.get(f"{front.url}{API}/userinfo")
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_body_too_large_for_nginx_is_refused_in_the_dialect(self, front, caller):
        answer = caller.post(f"{front.url}{API}/oauth/token", content=b"x" * 1_100_000)
        assert answer.status_code == 413
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json()["error"] == "invalid_request"
        assert answer.json()["status"]["code"] == 2
        assert answer.headers["X-Request-ID"]
        # Deskgate would have said the same.
        assert "client intended to send too large body" in front.ground.log()

    def test_in_clear_pages_are_led_to_tls_and_credentials_refused(self, front, caller):
        answer = caller.get(f"{front.clear}{API}/sign-in?x=1")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"https://127.0.0.1{API}/sign-in?x=1")
        answer = caller.post(f"{front.clear}{API}/oauth/token", data={"grant_type": "password"}, auth=("desk", SECRET))
        assert (answer.status_code, answer.json()["status"]["code"]) == (403, 3)


class TestAuthRequest:
    """docs/nginx/auth_request.conf."""

    def test_a_good_bearer_brings_a_verified_name_to_the_application(self, front, caller):
        given = token(caller, front.url)
        answer = caller.get(f"{front.app}/page?x=1", headers=bearer(given["access_token"]))
        assert (answer.status_code, "Behind the proxy" in answer.text) == (200, True)
        path, _ = front.application.requests[-1]
        came = front.application.last()
        assert path == "/page?x=1"
        (signed,) = came["x-gws-user"]
        metadata = caller.get(f"{front.url}{API}/.well-known/openid-configuration").json()
        keys = KeySet.import_key_set(caller.get(metadata["jwks_uri"]).json())
        read = jwt.decode(signed, keys, algorithms=["RS256"])
        who = caller.get(metadata["userinfo_endpoint"], headers=bearer(given["access_token"])).json()
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": metadata["issuer"]},
            aud={"essential": True, "value": metadata["issuer"] + "/jwt-userinfo"},
            sub={"essential": True, "value": who["sub"]},
            exp={"essential": True},
        ).validate(read.claims)
        assert 0 < read.claims["exp"] - time.time() <= 300
        assert (read.claims["loginName"], read.header["typ"]) == ("agent", "gws-user+jwt")
        assert "authorization" not in came

    def test_without_a_good_bearer_nothing_arrives(self, front, caller):
        before = len(front.application.requests)
        for headers in ({}, bearer("nonsense"), {"Authorization": "Basic ZGVzazp4"}, FORGED):
            answer = caller.get(f"{front.app}/page", headers=headers)
            assert answer.status_code == 401, headers
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert (answer.json()["error"], answer.json()["status"]["code"]) == ("invalid_token", 20)
        assert len(front.application.requests) == before

    def test_a_post_is_asked_about_without_its_body(self, front, caller):
        given = token(caller, front.url)
        answer = caller.post(f"{front.app}/form", data={"x": "y" * 9000}, headers=bearer(given["access_token"]))
        assert answer.status_code == 200

    def test_a_forged_name_never_arrives(self, front, caller):
        given = token(caller, front.url)
        underscored = {"X_GWS_User": "forged", "x-gws-user": "forged", "X-Gws_User": "forged"}
        caller.get(f"{front.app}/page", headers=FORGED | underscored | bearer(given["access_token"]))
        came = front.application.last()
        assert not [name for name, values in came.items() if "forged" in values or "_" in name]
        assert len(came["x-gws-user"]) == 1
        assert came["x-forwarded-for"] == [CALLER]
        assert came["x-forwarded-host"] == ["localhost"]
        assert not {"forwarded", "x-real-ip", "x-forwarded-port"} & came.keys()

    def test_a_revoked_token_is_refused_at_the_next_request(self, front, caller):
        given = token(caller, front.url)
        ask = {"url": f"{front.app}/page", "headers": bearer(given["access_token"])}
        assert caller.get(**ask).status_code == 200
        assert caller.post(f"{front.url}{API}/sign-out", headers=ask["headers"]).status_code == 200
        assert caller.get(**ask).status_code == 401

    def test_the_applications_own_errors_pass_as_they_are(self, front, caller):
        given = token(caller, front.url)
        for path, status in (("/teapot", 418), ("/broken", 500)):
            answer = caller.get(f"{front.app}{path}", headers=bearer(given["access_token"]))
            assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html")

    def test_the_largest_name_fits(self, front, caller):
        """Somebody with so many roles that the header is larger than nginx's own 4 KB: it arrives, under 8 KB."""
        names = [f"ROLE_{number:03}_OF_MANY" for number in range(70)]
        lines = ["roles:"]
        lines += [f"  - {{contact-center: t100, name: {name}}}" for name in names]
        lines += ["users:", "  - contact-center: t100", "    user-name: manyfold", f"    password: {PASSWORD}"]
        lines += [f"    roles: [{', '.join(names)}]", ""]
        file = front.installation.var_dir / "many.yaml"
        file.write_text("\n".join(lines), encoding="utf-8")
        front.installation.manage("provision", "--yes", str(file))
        given = token(caller, front.url, "manyfold")
        answer = caller.get(f"{front.app}/page", headers=bearer(given["access_token"]))
        assert answer.status_code == 200
        (signed,) = front.application.last()["x-gws-user"]
        assert 4096 < len(signed) < 8192
        direct = caller.get(f"{front.url}{API}/jwt-userinfo", headers=bearer(given["access_token"]))
        assert 4096 < len(direct.headers["X-GWS-User"]) < 8192


def test_without_trusted_proxies_the_headers_count_for_nothing(nginx_before):
    serve, front = nginx_before
    with serve(trusted=""):
        assert refused_sign_in(front, front.url, FORGED) == "127.0.0.1"
        # Past nginx: the peer is who he is, whatever he writes.
        assert refused_sign_in(front, front.behind, FORGED) == CALLER


def test_deskgate_stopped_is_told_in_the_dialect_with_retry_after(nginx_before):
    serve, front = nginx_before
    with front.caller() as caller:
        with serve():
            given = token(caller, front.url)
            ask = {"url": f"{front.app}/page", "headers": bearer(given["access_token"])}
            assert caller.get(**ask).status_code == 200
        ping = caller.get(f"{front.url}{API}/ping", headers={"X-Request-ID": "while-away"})
        assert (ping.status_code, ping.headers["X-Request-ID"]) == (502, "while-away")
        asked = caller.get(**ask)
        assert asked.status_code == 503
        for answer in (ping, asked):
            assert answer.headers["Content-Type"] == "application/json"
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["Cache-Control"] == "no-store"
            assert (answer.json()["error"], answer.json()["status"]["code"]) == ("temporarily_unavailable", 4)
            assert set(answer.json()["status"]) == {"code", "message", "detail"}
        with serve():
            assert caller.get(**ask).status_code == 200
