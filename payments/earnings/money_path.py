"""The path of one sale's money as a drawing: bands as wide as the amounts they carry, from the buyer to those who
receive. Pure arithmetic, whole numbers only; the table beside the drawing says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.kernel.money import Money

WIDTH, NARROW = 820, 326
_TOP, _TALL, _GAP, _NODE = 8, 200, 34, 10
_COLUMNS = (0, 290, 580)
_ROW = 48


@dataclass(frozen=True)
class Goal:
    """Where a part of the money goes: `kind` is its class of colour."""

    words: str
    amount: Money
    kind: str


@dataclass(frozen=True)
class Node:
    """A bar, with two lines of words beside it."""

    x: int
    y: int
    height: int
    kind: str
    words: str
    amount: Money

    @property
    def text_x(self) -> int:
        return self.x + _NODE + 8

    @property
    def text_y(self) -> int:
        return self.y + 12

    @property
    def note_y(self) -> int:
        return self.y + 28


@dataclass(frozen=True)
class Band:
    """What flows from one bar to another."""

    path: str


@dataclass(frozen=True)
class Bar:
    """The same for a narrow screen: a bar below its words."""

    y: int
    width: int
    kind: str
    words: str
    amount: Money

    @property
    def text_y(self) -> int:
        return self.y - 8


@dataclass(frozen=True)
class Drawing:
    nodes: Sequence[Node]
    bands: Sequence[Band]
    height: int
    bars: Sequence[Bar]
    bars_height: int


def draw(gross: Money, stages: Sequence[str], goals: Sequence[Goal]) -> Drawing:
    """The drawing of `gross` that flows through the first two of `stages` and ends at `goals`, which add up to it."""
    buyer, exchange = (
        Node(x, _TOP, _TALL, kind, words, gross)
        for x, kind, words in zip(_COLUMNS, ("hb", "nd"), stages, strict=False)
    )
    nodes, bands, y, from_y = (
        [buyer, exchange],
        [_band(buyer, _TOP, _TALL, exchange.x, _TOP, _TALL)],
        _TOP,
        _TOP,
    )
    for goal in goals:
        height = max(_part(goal.amount, gross), 2)
        nodes.append(Node(_COLUMNS[2], y, height, goal.kind, goal.words, goal.amount))
        bands.append(_band(exchange, from_y, height, _COLUMNS[2], y, height))
        from_y += _part(goal.amount, gross)
        y += max(height, 16) + _GAP
    bars = [
        Bar(26 + place * _ROW, max(_share(goal.amount, gross, NARROW), 2), goal.kind, goal.words, goal.amount)
        for place, goal in enumerate([Goal(stages[0], gross, "hb"), *goals])
    ]
    return Drawing(nodes, bands, max(y, _TOP + _TALL) + 8, bars, len(bars) * _ROW)


def _part(amount: Money, gross: Money) -> int:
    return _share(amount, gross, _TALL)


def _share(amount: Money, gross: Money, room: int) -> int:
    return (room * amount.minor + gross.minor // 2) // max(gross.minor, 1)


def _band(start: Node, from_y: int, from_height: int, to_x: int, to_y: int, to_height: int) -> Band:
    left, middle = start.x + _NODE, (start.x + _NODE + to_x) // 2
    return Band(
        f"M{left} {from_y}C{middle} {from_y} {middle} {to_y} {to_x} {to_y}V{to_y + to_height}"
        f"C{middle} {to_y + to_height} {middle} {from_y + from_height} {left} {from_y + from_height}Z"
    )
