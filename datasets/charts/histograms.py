"""How the values of one field are spread: a bar for each step, and one for what lies beyond the steps at either
end."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, count, pairwise

from django.utils.translation import gettext as _

from datasets.charts.figures import Line, Rect, Table, Text, number, percentage, rough, rounded, width
from datasets.profiles import measures
from datasets.profiles.measures import ColumnMeasure, Shown

WIDTH, HEIGHT = 420, 224

_TOP, _BOTTOM, _LEFT = 10, 200, 38
_GAP, _THINNEST = 1.5, 0.5
_MOST_LINES = 4
_NOTES_FROM = 110  # higher up, a note would be read as one of the tallest bar
_STRIDES = (1, 2, 5, 10, 15, 20, 30)


@dataclass(frozen=True)
class HistogramFacts:
    """The finding: at least half of the values, `share` of them, lie from `low` to `high`; these are the fewest
    steps that hold half. `step` is empty for moments."""

    column: str
    is_number: bool
    step: str
    missing: str
    missing_count: int
    share: str
    low: str
    high: str
    tallest: str
    tallest_count: str


@dataclass(frozen=True)
class Histogram:
    """Bars over a scale; the table has a line for each."""

    facts: HistogramFacts
    width: int
    height: int
    lines: list[Line]
    rects: list[Rect]
    texts: list[Text]
    table: Table


@dataclass(frozen=True)
class _Bar:
    name: str
    count: int
    css: str


def histogram(shown: Shown) -> Histogram | None:
    """The most telling field of numbers; where there is none, of moments; None where there is neither.

    A field with fractions or negative values is a measure and goes before whole numbers, which may be codes; what
    looks like numbering is left out. Of equals, the field with the most different values is drawn.
    """
    drawn = [(column, found) for column in shown.columns if (found := column["histogram"])]
    numbers = [(c, h) for c, h in drawn if c["kind"] == "number" and not h["is_identifier"]]
    chosen = max(numbers or [(c, h) for c, h in drawn if c["kind"] == "moment"], key=_rank, default=None)
    if chosen is None:
        return None
    column, found = chosen
    names = _names(column, found)
    run = _densest(found)
    bars = [
        _Bar(name, counted, "k1" if place in run else "k2")
        for place, (name, counted) in enumerate(zip(names, found["counts"], strict=True))
    ]
    first, last = _edge(column, found["edges"][0]), _edge(column, found["edges"][-1])
    if found["below"]:
        bars.insert(0, _Bar(_("below %(edge)s") % {"edge": first}, found["below"], "k5"))
    if found["above"]:
        bars.append(_Bar(_("%(edge)s and above") % {"edge": last}, found["above"], "k5"))
    return _drawing(shown, column, found, run, bars)


def _rank(drawn: tuple[ColumnMeasure, measures.Histogram]) -> tuple[bool, int]:
    column, found = drawn
    is_measure = not found["is_whole"] or (column["minimum"] or "").startswith("-")
    return is_measure, column["distinct"]


def _densest(found: measures.Histogram) -> range:
    """The fewest neighbouring steps that hold half of all values; of equals, those that hold the most. Where all
    steps hold less than half, all of them."""
    counts = found["counts"]
    sums = [0, *accumulate(counts)]
    half = (sums[-1] + found["below"] + found["above"]) / 2
    for length in range(1, len(counts) + 1):
        held, start = max(
            (sums[start + length] - sums[start], -start) for start in range(len(counts) - length + 1)
        )
        if held >= half:
            return range(-start, -start + length)
    return range(len(counts))


def _names(column: ColumnMeasure, found: measures.Histogram) -> list[str]:
    """How each step is called: whole numbers from the first to the last, others up to under the next."""
    edges = found["edges"]
    if column["kind"] == "moment":
        return edges[:-1]
    names = []
    for low, high in pairwise(edges):
        first, last = _edge(column, low), _edge(column, _last(high, found))
        if first == last:
            names.append(first)
        elif found["is_whole"]:
            names.append(_("%(low)s to %(high)s") % {"low": first, "high": last})
        else:
            names.append(_("%(low)s to under %(high)s") % {"low": first, "high": last})
    return names


def _last(edge: str, found: measures.Histogram) -> str:
    """The last value before an edge, where that is a whole number."""
    return str(int(Decimal(edge)) - 1) if found["is_whole"] else edge


def _edge(column: ColumnMeasure, label: str) -> str:
    """An edge as it is written: moments as they are stored, numbers in the reader's way if they are not too long."""
    if column["kind"] == "moment":
        return label
    value = Decimal(label)
    if value and not -6 <= value.adjusted() < 9:
        return f"{value:.3g}".replace("e", "E").replace("+", "").replace("-", "−")
    return number(value)


def _drawing(
    shown: Shown, column: ColumnMeasure, found: measures.Histogram, run: range, bars: list[_Bar]
) -> Histogram:
    step = _scale(max(bar.count for bar in bars))
    lines_up = -(-max(bar.count for bar in bars) // step)
    labels = [rough(step * place) for place in range(lines_up + 1)]
    left = max(_LEFT, *(width(label) + 12 for label in labels))
    height = (_BOTTOM - _TOP) / (step * lines_up)
    pitch = (WIDTH - left) / len(bars)
    lines, texts = [], []
    for place, label in enumerate(labels):
        y = rounded(_BOTTOM - place * step * height)
        lines.append(Line("ax" if place else "ax0", f"M{rounded(left)} {y}H{WIDTH}"))
        texts.append(Text("e mute", rounded(left - 8), rounded(y + 4), label))
    rects = [
        Rect(
            bar.css,
            rounded(left + place * pitch + _GAP / 2),
            rounded(_BOTTOM - max(bar.count * height, _THINNEST if bar.count else 0)),
            rounded(pitch - _GAP),
            rounded(max(bar.count * height, _THINNEST if bar.count else 0)),
            f"{bar.name}: {number(bar.count)}",
        )
        for place, bar in enumerate(bars)
    ]
    start = left + (pitch if found["below"] else 0)
    ticks = _ticks([_edge(column, edge) for edge in found["edges"]], _offset(column, found), start, pitch)
    lines += [Line("ax", f"M{rounded(x)} {_BOTTOM}v5") for x, _label in ticks]
    texts += [Text("c", rounded(x), _BOTTOM + 19, label) for x, label in ticks]
    texts += _notes(rects, bars)
    rows = [[bar.name, number(bar.count)] for bar in bars]
    table = Table(head=[column["name"], _("Rows")], rows=rows, is_field_in_corner=True)
    return Histogram(_facts(shown, column, found, run), WIDTH, HEIGHT, lines, rects, texts, table)


def _scale(tallest: int) -> int:
    """The distance of the lines across: a round count of which at most four reach above the tallest bar."""
    for exponent in count():
        for factor in (1, 2, 4, 5):
            step: int = factor * 10**exponent
            if step * _MOST_LINES >= tallest:
                return step
    raise AssertionError("count() does not end")


def _offset(column: ColumnMeasure, found: measures.Histogram) -> int:
    """The place of the first edge on a scale of steps from zero."""
    if column["kind"] == "moment":
        return 0
    first, second = Decimal(found["edges"][0]), Decimal(found["edges"][1])
    return int((first / (second - first)).to_integral_value())


def _ticks(labels: list[str], offset: int, start: float, pitch: float) -> list[tuple[float, str]]:
    """Where edges are named, and how: as many as there is room for, zero among them."""
    widest = max(width(label) for label in labels)
    stride = next((s for s in _STRIDES if s * pitch >= widest + 10), _STRIDES[-1])
    found = [
        (start + place * pitch, label)
        for place, label in enumerate(labels)
        if (place + offset) % stride == 0 and start + place * pitch + width(label) / 2 <= WIDTH + 4
    ]
    return found or [(start + widest / 2, labels[0])]


def _notes(rects: Sequence[Rect], bars: Sequence[_Bar]) -> list[Text]:
    """What lies beyond the steps, written above the bars at that end if there is room."""
    notes = []
    for place, css in ((0, "mute"), (len(bars) - 1, "e mute")):
        if bars[place].css != "k5":
            continue
        words = _("%(edge)s: %(count)s") % {"edge": bars[place].name, "count": number(bars[place].count)}
        edge = rects[place].x if place == 0 else rects[place].x + rects[place].width
        low, high = (edge, edge + width(words)) if place == 0 else (edge - width(words), edge)
        under = [rect.y for rect in rects if rect.x < high and rect.x + rect.width > low]
        if min(under) > _NOTES_FROM:
            notes.append(Text(css, edge, rounded(min(under) - 8), words))
    return notes


def _facts(shown: Shown, column: ColumnMeasure, found: measures.Histogram, run: range) -> HistogramFacts:
    counts, edges = found["counts"], found["edges"]
    total = sum(counts) + found["below"] + found["above"]
    tallest = max(range(len(counts)), key=lambda place: counts[place])
    is_number = column["kind"] == "number"
    high = _last(edges[run.stop], found) if is_number else edges[run.stop - 1]
    missing = shown.row_count - column["filled"]
    return HistogramFacts(
        column=column["name"],
        is_number=is_number,
        step=_edge(column, str(Decimal(edges[1]) - Decimal(edges[0]))) if is_number else "",
        missing=number(missing),
        missing_count=missing,
        share=percentage(sum(counts[place] for place in run), total),
        low=_edge(column, edges[run.start]),
        high=_edge(column, high),
        tallest=_names(column, found)[tallest],
        tallest_count=number(counts[tallest]),
    )
