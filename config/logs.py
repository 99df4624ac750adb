"""Structured logs: one line per event, JSON or console, the request id on each, secrets redacted on the way out.

Redaction is the second lock: the first is that nobody logs a secret. It works on keys (``password=…`` as a field) and
on text (a bearer, a Basic pair, ``code=…`` or a JWT inside a message or traceback).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Literal

import structlog

from config.context import current, in_request

EventDict = MutableMapping[str, Any]

REDACTED = "[redacted]"

_TELLTALE = (
    r"pass(?:word|wd|phrase)?|pwd|secrets?|token|authorization|cookies?|otp|pin|assertion|verifier|seed|challenge_code"
    r"|api[_-]?key|private[_-]?key|session[_-]?(?:key|id)|csrf|signature"
)
# `access_token`, `newPassword`, `Authorization`, `set-cookie`, `code`; not `token_type`, `client`, `credential`.
_SECRET_KEY = re.compile(
    rf"(?:^|[_\-.]|(?<=[a-z])(?=[A-Z]))(?:{_TELLTALE}|tokens)$|^(?:code|auth_?code|user_code|recovery_codes?|keys)$"
)
_VALUE_SAFE = (bool, type(None))
_CREDENTIAL = re.compile(r"\b(bearer|basic|digest)\s+[A-Za-z0-9._~+/=-]{4,}", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,4096}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){0,3}")
_ASSIGNED = re.compile(
    rf"(?P<name>(?:{_TELLTALE}|code)[\"']?\s*(?:=|:(?!//))\s*)"
    r"(?P<value>\"[^\"]*\"|'[^']*'|(?:(?:bearer|basic)\s+)?[^\s&\"',;}\])]+)",
    re.IGNORECASE,
)
# Addresses that are a secret themselves, wherever a path is told (an exception's, say).
_CAPABILITY = re.compile(r"(/twofactor/(?:enrol|services/key)/)[^\s/?#\"'<>]+")
LONGEST = 16_384
"""Characters of one logged text: whoever sends more must not make the patterns work on it."""
# Loggers that would write secrets at DEBUG or INFO (tokens, SQL parameters, whole URLs and headers), and their floor.
_FLOORS: dict[str, str] = {
    "oauthlib": "INFO",
    "oauth2_provider": "INFO",
    "django.db.backends": "INFO",
    "django.template": "INFO",
    "django.request": "ERROR",
    "django.security.csrf": "ERROR",
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "urllib3": "WARNING",
    "twilio": "WARNING",
    "asyncio": "INFO",
}
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def redacted_text(text: str) -> str:
    """``text`` without what looks like a credential, and cut where it is very long.

    No pattern may begin with a run of any length: on a text without a match each place would be searched from anew.
    """
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}… [{len(text) - LONGEST} more]"
    text = _CREDENTIAL.sub(rf"\1 {REDACTED}", text)
    text = _JWT.sub(REDACTED, text)
    text = _CAPABILITY.sub(rf"\1{REDACTED}", text)
    return _ASSIGNED.sub(rf"\g<name>{REDACTED}", text)


def redacted(value: Any, key: str = "") -> Any:
    """``value`` as it may be written: members of secret names replaced, texts cleaned, at any depth."""
    if key and not isinstance(value, _VALUE_SAFE) and is_secret_name(key):
        return REDACTED
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping):
        return {name: redacted(member, str(name)) for name, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(member) for member in value]
    if isinstance(value, int | float) or value is None:
        return value
    return redacted_text(str(value))


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret, in snake, kebab or camel case."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return bool(_SECRET_KEY.search(snake))


def _redact(logger: Any, method: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        if not name.startswith("_"):
            event[name] = redacted(value, name)
    return event


def _add_request_id(logger: Any, method: str, event: EventDict) -> EventDict:
    if in_request():
        event.setdefault("request_id", current().request_id)
    return event


def _at_least(level: str, floor: str) -> str:
    return max(level, floor, key=_LEVELS.index)


def _processors() -> list[Callable[..., Any]]:
    """What both our own and other libraries' lines pass before they are rendered."""
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _add_request_id,
    ]


def _formatter(format: Literal["json", "console"]) -> dict[str, Any]:  # noqa: A002
    """Renders our own lines and other libraries', redacted."""
    renderer: Any = (
        structlog.processors.JSONRenderer() if format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _processors(),
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # To text before redaction: a traceback's last line may quote what was being parsed.
            structlog.processors.format_exc_info,
            _redact,
            renderer,
        ],
    }


def logging_config(
    *,
    level: str = "INFO",
    format: Literal["json", "console"] = "console",  # noqa: A002
) -> dict[str, Any]:
    """The value of ``settings.LOGGING``; also configures structlog, so that ``structlog.get_logger()`` joins in.

    ``level`` is the root's; some libraries never go below their own floor, for they would write secrets there.
    """
    level = level.upper()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_processors(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    loggers: dict[str, Any] = {name: {"level": _at_least(level, floor)} for name, floor in _FLOORS.items()}
    # runserver's own lines hold query strings; the access log tells the same without them.
    loggers["django.server"] = {"handlers": ["nowhere"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": _formatter(format)},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"django": {"level": _at_least(level, "INFO")}, **loggers},
    }
