"""What one field is made of: its most frequent values as areas of a rectangle, and the others as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from datasets.charts.figures import Rect, Table, Text, fitted, number, percentage, rounded
from datasets.profiles.measures import ColumnMeasure, Shown

FEWEST_VALUES, MOST_VALUES = 2, 40
WIDTH, HEIGHT = 420, 226

_GAP = 1.5
_HAIR = 1e-6  # what rounding may leave of a side when one value is nearly all
_ROOM_FOR_NAME, _ROOM_FOR_COUNT = 26, 42


@dataclass(frozen=True)
class TreeFacts:
    """The finding: the `leading_count` most frequent of `value_count` values make `share` of the filled rows.
    `leader` is the first of them; `greatest` names up to five with their counts."""

    column: str
    value_count: int
    leading_count: int
    leader: str
    share: str
    greatest: str
    missing: str
    missing_count: int


@dataclass(frozen=True)
class TreeMap:
    """One area for each value, as large as its share of the filled rows."""

    facts: TreeFacts
    width: int
    height: int
    rects: list[Rect]
    texts: list[Text]
    table: Table


def tree_map(shown: Shown) -> TreeMap | None:
    """The most telling field of text: of those with 2 to 40 values that come twice on average, the one with the
    most. None where there is none, or none may be shown."""
    column = max((c for c in shown.columns if _is_drawn(c)), key=lambda c: c["distinct"], default=None)
    if column is None:
        return None
    values = [(name or _("(blank)"), count) for name, count in column["top_values"] or []]
    others = column["filled"] - sum(count for _name, count in values)
    more = max(column["distinct"] - len(values), 1)
    leading = _leading([count for _name, count in values], column)
    parts = list(values)
    if others:
        parts.append((ngettext("%(count)s other", "%(count)s others", more) % {"count": number(more)}, others))
    rects: list[Rect] = []
    texts: list[Text] = []
    areas = squarified([count for _name, count in parts], WIDTH, HEIGHT)
    for place, ((name, count), (x, y, width, height)) in enumerate(zip(parts, areas, strict=True)):
        css = "q1" if place >= len(values) else "k1" if place < leading else "q4"
        share = percentage(count, column["filled"])
        rects.append(
            Rect(
                css,
                rounded(x + _GAP / 2),
                rounded(y + _GAP / 2),
                max(0.0, rounded(width - _GAP)),
                max(0.0, rounded(height - _GAP)),
                f"{name}: {number(count)} ({share}%)",
            )
        )
        texts += _words(css, name, number(count), (x, y, width, height))
    return TreeMap(_facts(shown, column, values, leading), WIDTH, HEIGHT, rects, texts, _table(parts, column))


def squarified(sizes: Sequence[int], width: float, height: float) -> list[tuple[float, float, float, float]]:
    """Rectangles (x, y, width, height) that fill the whole, in proportion and in the given order, each as near to
    a square as rows and columns of them allow (Bruls, Huizing and van Wijk, 2000). Sizes are above 0."""
    unit = width * height / sum(sizes)
    waiting = [size * unit for size in sizes]
    placed: list[tuple[float, float, float, float]] = []
    x = y = 0.0
    while waiting:
        short = max(min(width, height), _HAIR)
        count = 1
        while count < len(waiting) and _worst(waiting[: count + 1], short) <= _worst(waiting[:count], short):
            count += 1
        strip, waiting = waiting[:count], waiting[count:]
        depth = sum(strip) / short
        along = [0.0, *accumulate(area / depth for area in strip)]
        sides = list(zip(along, (area / depth for area in strip), strict=False))
        if width >= height:
            placed += [(x, y + start, depth, side) for start, side in sides]
            x, width = x + depth, width - depth
        else:
            placed += [(x + start, y, side, depth) for start, side in sides]
            y, height = y + depth, height - depth
    return placed


def _worst(strip: Sequence[float], short: float) -> float:
    """The greatest ratio of sides in a strip along the short side."""
    depth = sum(strip) / short
    return max(max(area / depth**2, depth**2 / area) for area in strip)


def _is_drawn(column: ColumnMeasure) -> bool:
    is_few = FEWEST_VALUES <= column["distinct"] <= min(MOST_VALUES, column["filled"] // 2)
    return is_few and bool(column["top_values"])


def _leading(counts: list[int], column: ColumnMeasure) -> int:
    """How many of the most frequent values make half of the filled rows; one, if that takes most values."""
    for place, total in enumerate(accumulate(counts), start=1):
        if 2 * total >= column["filled"]:
            return place if 2 * place <= column["distinct"] else 1
    return 1


def _words(css: str, name: str, count: str, area: tuple[float, float, float, float]) -> list[Text]:
    x, y, width, height = area
    label = fitted(name, width - 14)
    if not label or height < _ROOM_FOR_NAME:
        return []
    name_css, count_css = ("b hv-q1", "hv-q1") if css == "q1" else ("tm", "tm2")
    left = rounded(x + 7.5)
    words = [Text(name_css, left, rounded(y + 19), label)]
    if height >= _ROOM_FOR_COUNT and fitted(count, width - 14) == count:
        words.append(Text(count_css, left, rounded(y + 35), count))
    return words


def _facts(shown: Shown, column: ColumnMeasure, values: list[tuple[str, int]], leading: int) -> TreeFacts:
    missing = shown.row_count - column["filled"]
    return TreeFacts(
        column=column["name"],
        value_count=column["distinct"],
        leading_count=leading,
        leader=values[0][0],
        share=percentage(sum(count for _name, count in values[:leading]), column["filled"]),
        greatest=", ".join(f"{name} {number(count)}" for name, count in values[:5]),
        missing=number(missing),
        missing_count=missing,
    )


def _table(parts: list[tuple[str, int]], column: ColumnMeasure) -> Table:
    rows = [[name, number(count), percentage(count, column["filled"])] for name, count in parts]
    return Table(head=[column["name"], _("Rows"), _("Share, %")], rows=rows, is_field_in_corner=True)
