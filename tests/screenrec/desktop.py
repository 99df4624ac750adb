"""A desktop's page as the tests play it: origin, Basic pair, cookie jar."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts.models import User
from environment.services import option_set
from screenrec.models import HeldDevice
from tests.cast import PASSWORD, basic

ORIGIN = "https://desk.example.com"
ME = "/api/v2/me"
LOGOUT = {"operationName": "EndContactCenterSession"}
SEAT = [
    {"name": "place", "value": "Place_1"},
    {"name": "devices", "value": [{"dn": "7001", "switch": "SIP_Switch"}, {"dn": "7002", "switch": "SIP_Switch"}]},
]


class Desktop:
    """One page in one browser. ``user`` None: a pair is not sent unless ``pair`` says one."""

    def __init__(self, user: User | str | None = None, *, password: str = PASSWORD, origin: str = ORIGIN) -> None:
        self.http = Client(raise_request_exception=False)
        self.pair = basic(str(user), password) if user else ""
        self.origin = origin
        self.secure = False

    def ask(self, method: str, path: str, body: Any = None, *, pair: Any = False, **headers: Any) -> Any:
        """One request; ``body`` is sent as JSON, bytes as they are."""
        sent = {"Origin": self.origin} if self.origin else {}
        if pair:
            sent["Authorization"] = self.pair
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        media = headers.pop("Content-Type", "application/json")
        return self.http.generic(method, path, data, content_type=media, headers=sent | headers, secure=self.secure)

    def log_in(self, config: Any = None, **headers: Any) -> Any:
        """By GET, or by POST when there is a configuration."""
        return self.ask("GET" if config is None else "POST", ME, config, pair=True, **headers)

    def ping(self, **headers: Any) -> Any:
        return self.ask("GET", "/ping", **headers)

    def log_out(self, **headers: Any) -> Any:
        return self.ask("POST", ME, LOGOUT, **headers)


def refused(answer: Any, status: int, code: int, words: str = "") -> None:
    """A refusal in the dialect, and nothing else in it."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    assert answer["Content-Type"].startswith("application/json")
    body = answer.json()
    assert list(body) == ["statusCode", "statusMessage"]
    assert body["statusCode"] == code, body
    assert words in body["statusMessage"], body


def device(dn: str, switch: str = "SIP_Switch") -> dict[str, str]:
    return {"dn": dn, "switch": switch}


def seat(*dns: str, place: str = "") -> list[dict[str, Any]]:
    """The array of a login that names these devices, and a place."""
    named: list[dict[str, Any]] = [{"name": "devices", "value": [device(dn) for dn in dns]}]
    return [{"name": "place", "value": place}, *named] if place else named


def held(user: User | None = None) -> list[str]:
    """The DNs of all devices that are held, by whatever session (by those of this user)."""
    rows = HeldDevice.objects.filter(session__user=user) if user else HeldDevice.objects.all()
    return sorted(rows.values_list("device__dn", flat=True))


def put(option: Any, value: str, holder: Any = None) -> None:
    """Set an option as an administrator does."""
    option_set(holder=holder, section=option.section, name=option.name, value=value)
