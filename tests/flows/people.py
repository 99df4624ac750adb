"""A person at the sign-in pages, played by HTTP: reads forms, fills them, follows our own redirects."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from tests.cast import PASSWORD


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = dict(attrs)
        if tag == "form":
            self.action = words.get("action") or ""
        if tag == "input" and words.get("name"):
            self.fields[str(words["name"])] = words.get("value") or ""


def form_of(html: str) -> tuple[str, dict[str, str]]:
    """The action and the fields of a page's form, as filled."""
    parser = _Form()
    parser.feed(html)
    assert parser.action, f"no form on this page: {html[:500]}"
    return parser.action, parser.fields


class Person:
    """Somebody with a browser's cookie jar."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.http = requests.Session()
        self.http.headers["Accept"] = "text/html,application/xhtml+xml"

    def opens(self, url: str) -> requests.Response:
        """Follow redirects as long as they stay with us; the first answer that is none, or leads away."""
        return self._followed(self.http.get(url, allow_redirects=False))

    def sends(self, page: requests.Response, **typed: str) -> requests.Response:
        """Fill the page's form and send it, from the page's origin as a browser does."""
        action, fields = form_of(page.text)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        answer = self.http.post(
            urljoin(page.url, action),
            data=fields | typed,
            headers={"Origin": origin, "Referer": page.url},
            allow_redirects=False,
        )
        return self._followed(answer)

    def signs_in(self, url: str, username: str, password: str = PASSWORD, tenant: str = "t100") -> requests.Response:
        """Open ``url``, which asks for a password, and give it."""
        return self.sends(self.opens(url), tenant=tenant, username=username, password=password)

    def _followed(self, answer: requests.Response) -> requests.Response:
        for _ in range(5):
            location = urljoin(answer.url, answer.headers.get("Location", ""))
            if not answer.is_redirect or not location.startswith(self.base):
                return answer
            answer = self.http.get(location, allow_redirects=False)
        return answer


def members_of(answer: requests.Response) -> dict[str, str]:
    """The members of a redirect that leads away, from query and fragment."""
    assert answer.is_redirect, (answer.status_code, answer.text[:300])
    parts = urlsplit(answer.headers["Location"])
    return dict(parse_qsl(parts.query) + parse_qsl(parts.fragment))
