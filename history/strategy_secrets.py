"""What is sealed of a strategy: its password, its file, the SCXML of its versions; each opens in its own row only."""

from __future__ import annotations

from config.encryption import seal, unseal
from history.models import Strategy, StrategyVersion


def password_seal(strategy: Strategy, plain: str) -> str:
    """Sealed for this row; "" for none."""
    return seal(plain, **_place("strategy", "password", strategy.pk)) if plain else ""


def password_unseal(strategy: Strategy) -> str:
    """The clear password; "" for none. Raises SealBroken."""
    sealed = strategy.password
    return unseal(sealed, **_place("strategy", "password", strategy.pk)).decode() if sealed else ""


def workflow_seal(strategy: Strategy, data: bytes) -> str:
    """The file, sealed for this row."""
    return seal(data, **_place("strategy", "workflow", strategy.pk))


def workflow_unseal(strategy: Strategy) -> bytes:
    """The file, byte for byte. Raises SealBroken."""
    return unseal(strategy.workflow, **_place("strategy", "workflow", strategy.pk))


def scxml_seal(version: StrategyVersion, text: str) -> str:
    """The document, sealed for this row."""
    return seal(text, **_place("strategyversion", "scxml", version.pk))


def scxml_unseal(version: StrategyVersion) -> str:
    """The document. Raises SealBroken."""
    return unseal(version.scxml, **_place("strategyversion", "scxml", version.pk)).decode()


def _place(table: str, field: str, row: object) -> dict[str, str]:
    return {"purpose": "strategy", "table": table, "field": field, "row": str(row)}
