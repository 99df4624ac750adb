"""A browser for the pages of this room: cookies, CSRF enforced, HTML preferred."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from oauthapi.models import ApiClient
from tests.cast import CALLBACK, CHALLENGE, PASSWORD
from tests.flows.people import form_of

AUTHORIZE = "/auth/v3/oauth/authorize"
SIGN_IN = "/auth/v3/sign-in"
SIGN_OUT = "/auth/v3/sign-out"
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"


def parameters(client: ApiClient, **words: str) -> dict[str, str]:
    """A good authorize request of the client; a word given as "" is left out."""
    asked = {"client_id": client.client_id, "redirect_uri": CALLBACK, "response_type": "code", "state": "st"}
    if client.is_public:
        asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    return {name: value for name, value in (asked | words).items() if value != ""}


class Browser:
    """Django's test client as a browser: it follows nothing by itself."""

    def __init__(self) -> None:
        self.http = Client(enforce_csrf_checks=True, headers={"Accept": HTML}, raise_request_exception=False)

    def authorize(self, client: ApiClient, *, headers: dict[str, str] | None = None, **words: str) -> HttpResponse:
        """GET the authorize endpoint."""
        return self.open(f"{AUTHORIZE}?{urlencode(parameters(client, **words))}", **(headers or {}))

    def open(self, url: str, **headers: str) -> HttpResponse:
        """GET."""
        return self.http.get(url, headers=headers)  # type: ignore[return-value]

    def follow(self, answer: HttpResponse) -> HttpResponse:
        """Go where our own redirects lead; stops at a page or at a redirect away from us."""
        for _ in range(6):
            location = answer.headers.get("Location", "")
            if not location.startswith("/"):
                return answer
            answer = self.open(location)
        raise AssertionError("redirects without end")

    def send(self, page: HttpResponse, **typed: str) -> HttpResponse:
        """Fill the page's form and send it; a field given as None is left out."""
        action, fields = form_of(page.content.decode())
        filled = {name: value for name, value in (fields | typed).items() if value is not None}
        return self.http.post(action, filled)  # type: ignore[return-value]

    def sign_in(self, page: HttpResponse, user: User | str, password: str = PASSWORD) -> HttpResponse:
        """Send the sign-in page's form; ``user`` as ``tenant\\name``."""
        return self.send(page, username=str(user), password=password)

    def signed_in(self, user: User) -> Browser:
        """This browser with the user signed in."""
        answer = self.sign_in(self.follow(self.open(SIGN_IN)), user)
        assert answer.headers.get("Location") == "/auth/v3/signed-in", answer.content
        return self

    @property
    def session_key(self) -> str:
        """The value of the session cookie."""
        morsel = self.http.cookies.get("deskgate_session")
        return morsel.value if morsel else ""


def members_of(answer: HttpResponse) -> dict[str, str]:
    """The members of a redirect to the client, from the query or the fragment, never both."""
    location = answer.headers["Location"]
    parts = urlsplit(location)
    query, fragment = dict(parse_qsl(parts.query)), dict(parse_qsl(parts.fragment))
    assert not (query and fragment), location
    return query or fragment


def is_sign_in_page(answer: HttpResponse) -> bool:
    """Whether a password is asked for."""
    return answer.status_code == 200 and b'autocomplete="current-password"' in answer.content


def lives(browser: Browser) -> bool:
    """Whether the browser's session is alive."""
    return browser.open("/auth/v3/ping").status_code == 200


def leads_to_sign_in(answer: HttpResponse) -> bool:
    """Whether this is the redirect to the sign-in page."""
    return answer.status_code == 302 and answer.headers["Location"].startswith(f"{SIGN_IN}?request=")


def words_of(answer: HttpResponse) -> str:
    """The page without its tags, spaces squeezed."""
    import re
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def set_option(section: str, name: str, value: str, holder: Any = None) -> None:
    """Set an option as an administrator would."""
    from environment.services import option_set
    from tests.cast import asking_from

    with asking_from("127.0.0.1"):
        option_set(holder=holder, section=section, name=name, value=value)
