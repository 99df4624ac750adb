"""Asking the page /configuration/token in tests, and reading what it shows."""

import re
from html import unescape

PAGE = "/configuration/token"


def csrf_of(page):
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]


def post(browser, path, **fields):
    """Fill a form of the page and send it."""
    if "csrfmiddlewaretoken" not in fields:
        fields["csrfmiddlewaretoken"] = csrf_of(browser.open(PAGE))
    return browser.http.post(path, fields)


def field_of(page, name):
    """What stands in the field of this id."""
    found = re.search(rf'<textarea id="{name}"[^>]*>([^<]*)</textarea>', page.content.decode())
    return unescape(found[1]) if found else ""


def choices_of(page, name):
    select = re.search(rf'<select id="{name}".*?</select>', page.content.decode(), re.DOTALL)
    return re.findall(r"<option[^>]*>([^<]*)</option>", select[0]) if select else []
