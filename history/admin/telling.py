"""How times, spans and what strangers typed are shown. Whatever comes from a visitor goes through ``told_text``."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

BRIEF = 48
"""Characters of a text in a list."""
LONGEST = 500
"""Characters of a text on a page that has many."""
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
_LEAST_DATE, _MOST_DATE = -62_135_596_800_000, 253_402_300_799_999


def told_time(ms: int | None) -> str:
    """As in 2026-11-21 13:45:07; what no calendar holds, for browsers may say anything, as the number it is."""
    if ms is None:
        return ""
    if not _LEAST_DATE < ms - 86_400_000 < ms + 86_400_000 < _MOST_DATE:
        return f"{ms} ms"
    moment = timezone.localtime(datetime.fromtimestamp(ms // 1_000, UTC))
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def told_span(ms: int) -> str:
    """As in 0.4 s, 12 s, 3 min 5 s, 2 h, 4 d 3 h."""
    sign, ms = ("\N{MINUS SIGN}", -ms) if ms < 0 else ("", ms)
    seconds, parts = divmod(ms, 1_000)
    if seconds < 10:
        return f"{sign}{seconds}.{parts // 100} s" if parts >= 100 else f"{sign if seconds else ''}{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    first = next(place for place, (number, _unit) in enumerate(units) if number)
    return sign + " ".join(f"{number} {unit}" for number, unit in units[first : first + 2] if number)


def plain_text(text: str, longest: int = LONGEST) -> str:
    """Cut, with what cannot be seen, or turns the text around, named: as in ⟨U+202E⟩."""
    return "".join(f"⟨U+{ord(part):04X}⟩" if is_unseen else part for part, is_unseen in _parts(_cut(text, longest)))


def told_text(text: str, longest: int = LONGEST, *, keep: str = "") -> SafeString:
    """The same as HTML: escaped, and apart from the direction of what stands around it. ``keep`` are seen as sent."""
    parts = format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="dg-unseen">U+{}</span>', f"{ord(part):04X}") if is_unseen else part,)
            for part, is_unseen in _parts(_cut(text, longest), keep)
        ),
    )
    return format_html('<bdi class="dg-told">{}</bdi>', parts) if text else SafeString("")


def brief_text(text: str, longest: int = BRIEF) -> SafeString:
    """Its beginning, for a list."""
    return told_text(text if len(text) <= longest else f"{text[:longest]}…")


def told_json(text: str, longest: int) -> SafeString:
    """The free content of an event, one member a line; as it is stored if that is no JSON."""
    try:
        told = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        told = text
    return told_text(told, longest, keep="\n")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"


def _parts(text: str, keep: str = "") -> Iterator[tuple[str, bool]]:
    """Runs of what can be seen, and each character that cannot."""
    seen = ""
    for character in text:
        if unicodedata.category(character) in _UNSEEN and character not in keep:
            if seen:
                yield seen, False
            yield character, True
            seen = ""
        else:
            seen += character
    if seen:
        yield seen, False
