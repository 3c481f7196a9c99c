"""A proof as a picture: where each hash stands between a leaf and the signed root, once wide and once upright for
phones. Whole numbers only, so that every language draws the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from exchange.look.formats import short

Side = Literal["left", "right"]

_WIDE_TOP, _WIDE_STEP, _WIDE_AXIS = 139, 35, 430
_TALL_TOP, _TALL_STEP = 126, 27
_WIDE_ALONE, _TALL_ALONE = 150, 122  # of a leaf that is itself the root


@dataclass(frozen=True)
class Step:
    """One hash that is given: on which side of the one computed so far, and which leaves it stands for."""

    number: int
    side: Side
    hash_hex: str
    first: int
    last: int

    @property
    def leaves(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True)
class Mark:
    """A step in a picture: the open circle at `y`, the line that joins it, and the filled node above, if any."""

    step: Step
    y: int
    edge: str
    node_y: int | None

    @property
    def text_y(self) -> int:
        return self.y + 4

    @property
    def short(self) -> str:
        return short(self.step.hash_hex)


@dataclass(frozen=True)
class Picture:
    """All marks from the leaf up, the box of the leaf with its text, and how high the picture is."""

    marks: list[Mark]
    leaf_y: int
    leaf_text_y: int
    height: int


def steps(index: int, size: int, hashes: Sequence[bytes]) -> list[Step]:
    """The hashes of an inclusion proof from the leaf up, each with its side and its range of leaves."""
    ranges: list[tuple[Side, int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < middle:
            ranges.append(("right", middle, end - 1))
            end = middle
        else:
            ranges.append(("left", start, middle - 1))
            start = middle
    pairs = zip(reversed(ranges), hashes, strict=True)
    return [
        Step(number, side, value.hex(), first, last)
        for number, ((side, first, last), value) in enumerate(pairs, start=1)
    ]


def wide(found: Sequence[Step]) -> Picture:
    """The picture for a screen: given hashes on their true side of the path."""
    marks = []
    for step in found:
        y = _WIDE_TOP + (len(found) - step.number) * _WIDE_STEP
        near, far = (396, 338) if step.side == "left" else (464, 522)
        edge = f"M{far} {y}H{near}L{_WIDE_AXIS} {y - 17}"
        marks.append(Mark(step, y, edge, y - 17 if step.number < len(found) else None))
    leaf_y = marks[0].y + 18 if marks else _WIDE_ALONE
    return Picture(marks, leaf_y, leaf_y + 22, leaf_y + 52)


def tall(found: Sequence[Step]) -> Picture:
    """The picture for a phone: the path upright at the left, each given hash on a line of its own."""
    marks = []
    for step in found:
        y = _TALL_TOP + (len(found) - step.number) * _TALL_STEP
        marks.append(Mark(step, y, f"M22 {y - 9}L34 {y}H58", y - 9 if step.number < len(found) else None))
    leaf_y = marks[0].y + 21 if marks else _TALL_ALONE
    return Picture(marks, leaf_y, leaf_y + 19, leaf_y + 34)
