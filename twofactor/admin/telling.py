"""How times, spans and what callers sent are shown: never a code, never a whole address or number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from twofactor.masking import mask
from twofactor.models import Method

DOTS = "\N{BULLET}" * 8
NOTHING = "\N{EN DASH}"
_LONGEST = 200
_EMAIL = re.compile(r"[^\s@<>\"',;:=()]{1,64}@[^\s@<>\"',;:=()]{1,255}")
_NUMBER = re.compile(r"\+?[0-9](?:[ ()./-]{0,2}[0-9]){6,19}")
_HIDDEN = re.compile(r"code|digits_entered|secret|token|password", re.IGNORECASE)


def told_time(moment: datetime | None) -> str:
    """As in 2026-11-21 13:45:07 (UTC)."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""


def told_span(span: timedelta) -> str:
    """As in 0.4 s, 12 s, 3 min 5 s, 2 h 1 min."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min"), (rest, "s")) if number]
    return " ".join(parts[:2]) or "0 s"


def masked_text(text: str) -> str:
    """With everything that looks like an e-mail address or a telephone number masked."""
    text = _EMAIL.sub(lambda found: mask(Method.EMAIL, found[0]), text[:_LONGEST])
    return _NUMBER.sub(lambda found: mask(Method.SMS, found[0]), text)


def masked_value(value: Any) -> str:
    """A value of a step's detail, or of a variable, masked."""
    if isinstance(value, (list, tuple)):
        return ", ".join(masked_value(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else masked_text(str(value))


def told_number(number: str) -> str:
    """A calling or dialled number: its end, for it may be the verified one."""
    return mask(Method.SMS, number)


def told_detail(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A step's detail by name; what may be a code is not shown, whoever wrote it."""
    return [
        (masked_text(str(name)), DOTS if _HIDDEN.search(str(name)) else masked_value(value))
        for name, value in detail.items()
        if value not in (None, "", [])
    ]


def told_text(text: str) -> SafeString:
    """What a caller sent, apart from the direction of the text around it."""
    return format_html('<bdi class="dg-told">{}</bdi>', text[:_LONGEST]) if text else SafeString("")
