"""A desktop's page as the tests play it: origin, Basic pair, cookie jar."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts.models import User
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

    def ask(self, method: str, path: str, body: Any = None, *, pair: bool = False, **headers: Any) -> Any:
        """One request; ``body`` is sent as JSON, bytes as they are."""
        sent = {"Origin": self.origin} if self.origin else {}
        if pair:
            sent["Authorization"] = self.pair
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.http.generic(method, path, data, content_type="application/json", headers=sent | headers)

    def log_in(self, config: Any = None, **headers: Any) -> Any:
        """By GET, or by POST when there is a configuration."""
        return self.ask("GET" if config is None else "POST", ME, config, pair=True, **headers)

    def ping(self, **headers: Any) -> Any:
        return self.ask("GET", "/ping", **headers)

    def log_out(self, **headers: Any) -> Any:
        return self.ask("POST", ME, LOGOUT, **headers)
