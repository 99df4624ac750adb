"""Asking ``/environment/v3`` as scripts do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.test import Client

from activity.models import Change
from environment.models import Application, ContactCenter, Domain, Environment, Option

BASE = "/environment/v3"
NOTHING = object()


@dataclass(frozen=True)
class Asker:
    """One who asks with this Authorization header."""

    authorization: str = ""

    def __call__(self, method: str, path: str, data: Any = NOTHING, *, raw: str = "", **headers: str) -> Any:
        """``data`` goes into the envelope; ``raw`` is the body as it stands. Header names with underscores."""
        body = raw or ("" if data is NOTHING else json.dumps({"data": data}))
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.authorization:
            sent["Authorization"] = self.authorization
        client = Client(raise_request_exception=False)
        return client.generic(method, f"{BASE}{path}", body, content_type="application/json", headers=sent)

    def get(self, path: str) -> Any:
        """The ``data`` of a GET that must succeed."""
        return self.done("GET", path)

    def done(self, method: str, path: str, data: Any = NOTHING, **headers: str) -> Any:
        """The ``data`` of a call that must succeed."""
        answer = self(method, path, data, **headers)
        assert answer.status_code == 200, answer.content
        assert answer.json()["status"] == {"code": 0}
        return answer.json().get("data")


def refusal(answer: Any) -> tuple[int, int, str]:
    """(HTTP status, status.code, the field named or "") of a refusal, which must be in the dialect."""
    told = answer.json()
    assert answer.status_code >= 400, told
    assert told["error"]
    assert told["status"]["code"] != 0
    assert answer["X-Request-ID"]
    field = told["status"]["detail"].get("field") or next(
        (each["status"]["detail"]["field"] for each in told.get("errors", [])), ""
    )
    return answer.status_code, told["status"]["code"], field


def everything() -> dict[str, list[Any]]:
    """All that these calls could write, to see that a refusal wrote nothing."""
    models: tuple[type[Model], ...] = (ContactCenter, Domain, Environment, Application, Option, Change)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}
