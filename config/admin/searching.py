"""Searching tables of millions by whole words: one indexed read for each column, never one condition with OR."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest

NEWEST = 1_000
"""Rows that a search takes from each column, the newest first."""


class WholeWords:
    """For a screen, before its ``ModelAdmin``: ``search_fields`` are compared with the whole of what was typed.

    A list that looks into several columns or tables at once reads all of it. So each column is asked by itself, by
    its own index, for its newest rows; filters of the list narrow them first.
    """

    search_fields: ClassVar[Any] = ()
    sortable_by: ClassVar[Any] = ()
    ordering: ClassVar[Any] = ()
    opts: Any

    def search_branches(self, term: str) -> list[Q]:
        """One condition for each index that may know the word."""
        return [Q(**{field: term}) for field in self.search_fields]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows that any branch finds; Django's own would join them with OR."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found: set[Any] = set()
        newest = queryset.order_by(*(self.ordering or self.opts.ordering))
        for branch in self.search_branches(term):
            found.update(newest.filter(branch).values_list("pk", flat=True)[:NEWEST])
        return queryset.filter(pk__in=found), False
