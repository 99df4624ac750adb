"""The settings page as a browser sends it: every input with what it holds."""

from __future__ import annotations

from typing import Any

from django.test import Client

from environment.models import Application, ContactCenter
from tests.twofactor.pages import page_of


def an_application(contact_center: ContactCenter, name: str = "Two_Factor") -> Application:
    return Application.objects.create(name=name, type=Application.Type.TWO_FACTOR, contact_center=contact_center)


def settings_url(application: Application) -> str:
    return f"/admin/environment/application/{application.pk}/page/two-factor-settings/"


def form_of(page: Any, form_id: str) -> dict[str, str]:
    """What the form of this id would send if nobody touched it (its buttons apart)."""
    (form,) = page_of(page).xpath(f"//form[@id='{form_id}']")
    return {name: value for name, value in form.form_values() if value is not None}


def typed(page: Any, **changes: str | None) -> dict[str, str]:
    """The settings form with these options (``_`` for ``-``) typed over; None unticks a box or empties a field."""
    sent = form_of(page, "settings-form")
    for name, value in changes.items():
        key = f"value:two-factor/{name.replace('_', '-')}"
        if value is None:
            sent.pop(key, None)
        else:
            sent[key] = value
    return sent


def save(browser: Client, application: Application, **changes: str | None) -> Any:
    """Open the page, type, and press Save."""
    url = settings_url(application)
    return browser.post(url, typed(browser.get(url), **changes))


def stored(application: Application) -> dict[str, str]:
    """The options that are set at the application; sealed ones as they lie."""
    return {one.name: one.value for one in application.options.all()}
