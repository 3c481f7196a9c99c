"""Money per month as a column chart: pure arithmetic, whole numbers only, so that every language draws the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from exchange.kernel.money import Money

WIDTH, HEIGHT = 850, 208
_LEFT, _BOTTOM, _TOP = 78, 184, 20
_NICE = (1, 2, 5)


@dataclass(frozen=True)
class Month:
    """What one month brought: what was `earned`, and what was taken off again."""

    first_day: date
    earned: Money
    taken: Money


@dataclass(frozen=True)
class Bar:
    """A column; `kind` is its class of colour."""

    kind: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Column:
    month: Month
    middle: int
    bars: list[Bar]

    @property
    def label_y(self) -> int:
        """Where the figure stands: over the highest bar."""
        return min((bar.y for bar in self.bars), default=_BOTTOM) - 5


@dataclass(frozen=True)
class Line:
    y: int
    value: Money

    @property
    def text_y(self) -> int:
        return self.y + 4


@dataclass(frozen=True)
class Chart:
    columns: list[Column]
    lines: list[Line]
    earned: Money
    taken: Money


def draw(months: Sequence[Month], currency: str) -> Chart:
    """The chart of these months, the first at the left; what was taken stands beside what was earned."""
    highest = max((max(one.earned.minor, one.taken.minor) for one in months), default=0)
    step = _line_step(max(highest, 1))
    most, room = step * 3, (WIDTH - _LEFT) // max(len(months), 1)
    return Chart(
        columns=[_column(_LEFT + place * room, room, month, most) for place, month in enumerate(months)],
        lines=[Line(_y(value, most), Money(value, currency)) for value in (0, step, 2 * step, most)],
        earned=sum((one.earned for one in months), Money(0, currency)),
        taken=sum((one.taken for one in months), Money(0, currency)),
    )


def _column(left: int, room: int, month: Month, most: int) -> Column:
    wide = room * 3 // 10
    start = left + (room - 2 * wide - 2) // 2
    bars = [
        Bar(
            kind,
            start + place * (wide + 2),
            min(_y(minor, most), _BOTTOM - 1),
            wide,
            max(_height(minor, most), 1),
        )
        for place, (kind, minor) in enumerate((("k1", month.earned.minor), ("k3", month.taken.minor)))
        if minor > 0
    ]
    return Column(month, left + room // 2, bars)


def _y(minor: int, most: int) -> int:
    return _BOTTOM - _height(minor, most)


def _height(minor: int, most: int) -> int:
    return ((_BOTTOM - _TOP) * minor + most // 2) // most


def _line_step(most: int) -> int:
    """The distance of the lines: 1, 2 or 5 times a power of ten, so that three of them hold the highest column."""
    power = 1
    while True:
        for nice in _NICE:
            if nice * power * 3 >= most:
                return nice * power
        power *= 10
