"""Transfers per day as a column chart: pure arithmetic, whole numbers only, so that every language draws the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_LEFT, _BOTTOM, _TOP = 34, 188, 8
_STEP, _WIDTH = 27, 24
_NICE = (1, 2, 5)


@dataclass(frozen=True)
class Day:
    """What began on one day: `completed` counts those that run, too."""

    day: date
    completed: int
    stopped: int
    refused: int

    @property
    def total(self) -> int:
        return self.completed + self.stopped + self.refused


@dataclass(frozen=True)
class Part:
    """A piece of a column; `kind` is its class of colour."""

    kind: str
    y: int
    height: int


@dataclass(frozen=True)
class Column:
    day: Day
    x: int
    middle: int
    parts: list[Part]
    is_named: bool


@dataclass(frozen=True)
class Line:
    y: int
    value: int

    @property
    def text_y(self) -> int:
        return self.y + 4


@dataclass(frozen=True)
class Chart:
    columns: list[Column]
    lines: list[Line]
    total: int
    refused: int
    stopped: int


def draw(days: Sequence[Day]) -> Chart:
    """The chart of these days, the first at the left."""
    step = _line_step(max((day.total for day in days), default=0))
    most = step * 3
    return Chart(
        columns=[_column(place, day, most, len(days)) for place, day in enumerate(days)],
        lines=[Line(_y(value, most), value) for value in (0, step, 2 * step, most)],
        total=sum(day.completed + day.stopped for day in days),
        refused=sum(day.refused for day in days),
        stopped=sum(day.stopped for day in days),
    )


def _column(place: int, day: Day, most: int, count: int) -> Column:
    x, parts, below = _LEFT + 1 + place * _STEP, [], 0
    for kind, number in (("k1", day.completed), ("k3", day.stopped), ("k4", day.refused)):
        if number:
            top, bottom = _y(below + number, most), _y(below, most)
            parts.append(Part(kind, min(top, bottom - 1), max(bottom - top, 1)))
            below += number
    is_named = (count - 1 - place) % 7 == 0 and place > 0
    return Column(day, x, x + _WIDTH // 2, parts, is_named)


def _y(value: int, most: int) -> int:
    return _BOTTOM - round((_BOTTOM - _TOP) * value / most)


def _line_step(most: int) -> int:
    """The distance of the lines: 1, 2 or 5 times a power of ten, so that three of them hold the highest column."""
    power = 1
    while True:
        for nice in _NICE:
            if nice * power * 3 >= most:
                return nice * power
        power *= 10
