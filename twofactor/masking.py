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


def fingerprint(destination: str) -> str:
    """A keyed hash by which sends to one destination are counted."""
    return keyed_hash(destination.casefold().encode(errors="backslashreplace"), purpose="two-factor-destination")
