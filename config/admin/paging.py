"""Counting that stays cheap on tables of millions."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

COUNTED = 10_000
"""Rows beyond this many are not counted: the list then shows that many and a filter finds the rest."""


class BoundedPaginator(Paginator):
    """Stops counting at ``COUNTED``."""

    @cached_property
    def count(self) -> int:
        listed: Any = self.object_list
        return len(listed) if isinstance(listed, list) else listed.order_by()[:COUNTED].count()


class InOrder(BoundedPaginator):
    """Counts along the index that the list goes by: without an order the database may read the table as it lies."""

    @cached_property
    def count(self) -> int:
        listed: Any = self.object_list
        return int(listed[:COUNTED].count())
