"""An administrator at one server's admin, by HTTP alone: reads a form as a browser does, changes it, posts it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx

from tests.cast import PASSWORD

Fields = list[tuple[str, str]]


class _Form(HTMLParser):
    """The successful controls of the page's post form, in order (HTML: constructing the entry list)."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: Fields = []
        self._inside = False
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("method") == "post" and "logout" not in found.get("action", "")
        if not self._inside:
            return
        if tag == "select":
            self._select = found.get("name", "")
        elif tag == "option" and self._select and "selected" in found:
            self.fields.append((self._select, found.get("value", "")))
        elif tag == "textarea":
            self._textarea = found.get("name", "")
            self.fields.append((self._textarea, ""))
        elif tag == "input" and found.get("name"):
            self._input(found)

    def _input(self, found: dict[str, str]) -> None:
        kind = found.get("type", "text")
        if kind in ("submit", "button", "image", "file") or (kind in ("checkbox", "radio") and "checked" not in found):
            return
        self.fields.append((found["name"], found.get("value", "on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            name, value = self.fields[-1]
            self.fields[-1] = (name, value + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            # A browser leaves out the line break right after the tag.
            name, value = self.fields[-1]
            self.fields[-1] = (name, value.removeprefix("\r").removeprefix("\n"))
            self._textarea = ""


class Administrator:
    """Signed in at ``url``; every method is a page of the admin."""

    def __init__(self, url: str, name: str = "root") -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=30)
        self._post("/admin/login/", [("username", name), ("password", PASSWORD)])
        assert "logout" in self.http.get("/admin/").text, "the sign-in at the admin failed"

    def row(self, model: str, query: str) -> str:
        """The address of the one row that a search finds."""
        page = self._page(f"/admin/{model}/?q={query}")
        links = dict(re.findall(rf'href="(/admin/{model}/[^"/]+/change/)[^"]*">([^<]*)</a>', page))
        found = [address for address, text in links.items() if text == query] or list(links)
        assert len(found) == 1, links
        return found[0]

    def change(self, address: str, **fields: str | list[str] | None) -> None:
        """Post a row's form with some fields altered: a text, several values, or None (an unticked box)."""
        altered: Fields = [("_save", "Save")]
        for name, value in fields.items():
            altered += [(name, each) for each in (value if isinstance(value, list) else [value]) if each is not None]
        self._post(address, altered, without=frozenset(fields))

    def add(self, model: str, **fields: str) -> str:
        """Make a row; its address."""
        self._post(f"/admin/{model}/add/", [("_save", "Save"), *fields.items()], without=frozenset(fields))
        return self.row(model, fields["name"])

    def option(self, key: str, value: str) -> None:
        """Set an option of the installation in its table."""
        name = f"value:{key}"
        self._post("/admin/environment/installation/options/", [("_continue", "Save"), (name, value)], without={name})

    def _page(self, address: str) -> str:
        answer = self.http.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.text

    def _post(self, address: str, altered: Fields, *, without: frozenset[str] | set[str] = frozenset()) -> None:
        form = _Form()
        form.feed(self._page(address))
        names = without | {name for name, _ in altered}
        fields = [pair for pair in form.fields if pair[0] not in names] + altered
        body: dict[str, list[str]] = {}
        for name, value in fields:
            body.setdefault(name, []).append(value)
        headers = {"Origin": str(self.http.base_url).rstrip("/"), "Referer": f"{self.http.base_url}{address}"}
        answer = self.http.post(address, data=body, headers=headers)
        assert answer.status_code == 200, (address, answer.status_code)
        assert "errornote" not in answer.text, re.findall(r'class="errorlist[^>]*>(.*?)</ul>', answer.text, re.DOTALL)


def key_of(address: str) -> str:
    """The primary key in a row's address."""
    return address.rstrip("/").split("/")[-2]
