"""Pages of the admin, read as a browser reads them."""

from __future__ import annotations

from typing import Any

from lxml import html


def page_of(answer: Any) -> Any:
    """The root element of an answer's page, or of its text; lxml's types do not tell what an XPath finds in it."""
    return html.fromstring(answer if isinstance(answer, str) else answer.content.decode())
