"""A generated document without its secrets: for comparing versions."""

from __future__ import annotations

import re
from collections.abc import Collection

from lxml import etree

from history.scxml.reading import parsed
from history.scxml.writing import SALT, SCXML

MASK = "••••"
_SALT = re.compile(rf"\s*{re.escape(SALT)}")


def masked(text: str, *, secret_variables: Collection[str]) -> str:
    """The document with the expressions of these variables, and its salt, as dots. Raises Unreadable."""
    root = parsed(text.encode("utf-8"))
    for data in root.iter(f"{{{SCXML}}}data"):
        if data.get("id") in secret_variables:
            data.set("expr", f"'{MASK}'")
    for comment in root.iter(etree.Comment):
        if _SALT.match(comment.text or ""):
            comment.text = f" {SALT}{MASK} "
    return etree.tostring(root, encoding="unicode")
