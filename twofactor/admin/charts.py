"""Bar charts as SVG in the page: shapes only, coloured by classes; the table below each has the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

_WIDTH, _HEIGHT = 720, 200
_TOP, _BOTTOM, _LEFT, _RIGHT = 12, 22, 44, 6
_SERIES = 4
_ROOM = 60
"""The least number of units of width that a label below a bar needs."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle, in the units of the drawing; ``series`` is 1 to 4, its colour's class."""

    x: float
    y: float
    width: float
    height: float
    series: int
    told: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in groups. ``values`` has one row for each label, with one number for each of ``series``."""

    title: str
    series: tuple[str, ...]
    labels: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    @property
    def most(self) -> float:
        """The top of the scale: the next 1, 2 or 5 with zeros."""
        highest = max((value for row in self.values for value in row), default=0)
        step = 1
        while step < highest:
            step = step * 2 if not str(step).startswith("2") else step // 2 * 5
        return step

    def bars(self) -> list[Bar]:
        """Where each rectangle is."""
        drawn: list[Bar] = []
        slot = self._slot
        width = max(slot * 0.8 / max(len(self.series), 1), 1)
        for place, (label, row) in enumerate(zip(self.labels, self.values, strict=True)):
            for number, value in enumerate(row):
                height = round((_HEIGHT - _TOP - _BOTTOM) * value / self.most, 1)
                x = round(_LEFT + place * slot + slot * 0.1 + number * width, 1)
                told = f"{label}, {self.series[number]}: {value:g}"
                drawn.append(
                    Bar(x, round(_HEIGHT - _BOTTOM - height, 1), round(width, 1), height, number % _SERIES + 1, told)
                )
        return drawn

    def ticks(self) -> list[tuple[float, str]]:
        """(x, label) below the bars, as many as there is room for."""
        every = max(1, round(_ROOM / self._slot + 0.49))
        shown = [(place, label) for place, label in enumerate(self.labels) if place % every == 0]
        return [(round(_LEFT + (place + 0.5) * self._slot, 1), label[:24]) for place, label in shown]

    def lines(self) -> list[tuple[float, str]]:
        """(y, number) of the scale."""
        room = _HEIGHT - _TOP - _BOTTOM
        return [(round(_HEIGHT - _BOTTOM - room * part, 1), f"{self.most * part:g}") for part in (0, 0.5, 1)]

    @property
    def _slot(self) -> float:
        return (_WIDTH - _LEFT - _RIGHT) / max(len(self.labels), 1)

    def drawn(self) -> SafeString:
        """The drawing."""
        words = {
            "chart": self,
            "width": _WIDTH,
            "height": _HEIGHT,
            "left": _LEFT,
            "right": _WIDTH - _RIGHT,
            "base": _HEIGHT - 6,
            "keys": [(number % _SERIES + 1, name) for number, name in enumerate(self.series)],
        }
        return render_to_string("admin/twofactor/chart.html", words)


def chart(title: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]]) -> Chart:
    """A chart of (label, numbers) rows."""
    return Chart(title, tuple(series), tuple(label for label, _ in rows), tuple(tuple(row) for _, row in rows))
