"""What is written of the installation itself, beside its options and stamps."""

from __future__ import annotations

from config.policy import require
from environment.models import Installation


def installation_note_demo(*, made_by_demo: bool) -> None:
    """Note whether the demo set this installation up; its options go with the demo then. Raises Forbidden."""
    require("administer", Installation)
    Installation.objects.filter(pk=1).update(made_by_demo=made_by_demo)
