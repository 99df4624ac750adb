"""Destinations as they may be told and compared: masked, and as keyed fingerprints."""

from __future__ import annotations

from config.encryption import keyed_hash
from twofactor.models.sessions import Method


def mask(method: str, destination: str) -> str:
    """``j…@d….com`` of an e-mail address, ``…42`` of a telephone number; "" of nothing."""
    if not destination:
        return ""
    if method == Method.EMAIL:
        local, _, domain = destination.rpartition("@")
        name, _, last = domain.rpartition(".")
        return f"{local[:1]}…@{name[:1]}….{last}" if name else f"{local[:1]}…@{last[:1]}…"
    return f"…{destination[-2:]}"


def number_key(written: str) -> str:
    """One key for all spellings of a calling number: its digits, without the 00 or + before the country code."""
    digits = "".join(one for one in written if one in "0123456789")
    return digits.removeprefix("00") or "".join(written.split()).casefold()


def account_key(account: str) -> str:
    """One key for all spellings of an account reference."""
    return account.casefold()[:255]


def fingerprint(destination: str) -> str:
    """A keyed hash by which sends to one destination are counted."""
    return keyed_hash(destination.casefold().encode(errors="backslashreplace"), purpose="two-factor-destination")
