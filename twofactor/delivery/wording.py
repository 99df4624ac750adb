"""What the message says: product, code, how long it is good, and that nobody asks for it."""

from __future__ import annotations

import unicodedata

from twofactor.delivery.messages import CodeMessage
from twofactor.models import Method
from twofactor.options.internal import PRODUCT_NAME

LONGEST = 160
"""GSM-7 septets of one text message (3GPP TS 23.038)."""
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


def text_of(message: CodeMessage) -> str:
    """The words, in one line. Those of a text message fit into one: what GSM-7 lacks is left out of the name."""
    name = PRODUCT_NAME.of(message.application)
    if message.method == Method.SMS:
        name = in_gsm(name)
    ordinal = f" (code {message.ordinal})" if message.ordinal > 1 else ""
    minutes = f"{message.minutes} minute{'s' if message.minutes != 1 else ''}"
    said = f"Your code is {message.code}{ordinal}. It is valid for {minutes}. We never call you to ask for it."
    return f"{name}: {said}" if name else said


def in_gsm(text: str) -> str:
    """The text in GSM-7's basic characters, accents taken off where it has no letter with them."""
    kept = []
    for character in text:
        plain = character if character in GSM else unicodedata.normalize("NFKD", character)
        kept += [each for each in plain if each in GSM]
    return " ".join("".join(kept).split())
