"""Where the decisions of send and verify come from: the flow's own, so that no limit has a second door."""

from __future__ import annotations

from typing import Any

from environment.models import Application
from twofactor.flow import provider
from twofactor.webservices.asking import ServiceAsked


def decide_send(application: Application, opener: str, asked: ServiceAsked, method: str) -> str:
    """ "success", "error", or one of ``options.services.OUTCOMES``."""
    more: dict[str, Any] = {"dnis": asked.dnis, "method": method}
    return provider.provider_send(**_told(application, opener, asked), **more)


def decide_verify(application: Application, opener: str, asked: ServiceAsked, code: str) -> str:
    """ "success", "incorrect code", or one of ``options.services.OUTCOMES``."""
    return provider.provider_verify(**_told(application, opener, asked), code=code)


def _told(application: Application, opener: str, asked: ServiceAsked) -> dict[str, Any]:
    return {
        "application": application,
        "opener": opener,
        "account": asked.account,
        "session_key": asked.session_key,
        "call_id": asked.call_id,
        "cli": asked.cli,
        "test_call": asked.test_call,
    }
