"""Signed in to the admin, as people are: through its form, with its own cookie."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.models import User
from tests.cast import PASSWORD

LOGIN = "/admin/login/"


def sign_in(name: str, password: str = PASSWORD, *, client: Client | None = None) -> tuple[Client, Any]:
    """A browser after the sign-in form, and the form's answer."""
    browser = client or Client(raise_request_exception=False)
    return browser, browser.post(LOGIN, {"username": name, "password": password, "next": "/admin/"})


def admin_of(user: User, password: str = PASSWORD) -> Client:
    """A browser in which this user is signed in to the admin."""
    browser, answer = sign_in(str(user), password)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return browser


def filled(page: Any, **changes: Any) -> dict[str, Any]:
    """What the form on an admin page would send, with these fields changed; None leaves one out."""
    form = page.context["adminform"].form
    sent: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if value is None or value is False:
            continue
        if isinstance(value, (list, tuple)) and not bound.field.widget.needs_multipart_form:
            value = [getattr(one, "pk", one) for one in value]
        sent[bound.html_name] = "on" if value is True else value
    sent |= changes
    return {name: value for name, value in sent.items() if value is not None}


def errors_of(page: Any) -> str:
    """Everything the form on an admin page complains about."""
    form = page.context["adminform"].form
    return " ".join(message for messages in form.errors.values() for message in messages)


def messages_of(answer: Any, browser: Client) -> str:
    """The messages that the next page shows."""
    page = browser.get(answer["Location"], follow=True) if answer.status_code == 302 else answer
    return " ".join(str(message) for message in page.context["messages"])


def shown(page: Any) -> dict[str, str]:
    """What the page shows once."""
    return {label: value for told in page.context["told"] for label, value in told.lines}


def add(browser: Any, url: str, **values: Any) -> Any:
    """Fill the form that adds a row and send it."""
    return browser.post(f"{url}add/", filled(browser.get(f"{url}add/"), **values))


def do(browser: Any, url: str, row: Any, action: str, **values: Any) -> Any:
    """Confirm an action of a row's page."""
    return browser.post(f"{url}{row.pk}/do/{action}/", {"confirmed": "yes"} | values)
