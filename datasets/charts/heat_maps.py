"""Where a table has gaps: the share of values filled, by field and part of the rows. The fields with gaps have a
line each, the others share one."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from datasets.charts.figures import KeyEntry, Rect, Table, Text, fitted, number, percentage, rounded, width
from datasets.profiles.measures import By, ColumnMeasure, Segments, Shown

MOST_LINES = 12

_MONTHS = (
    *(pgettext_lazy("short month", "Jan"), pgettext_lazy("short month", "Feb")),
    *(pgettext_lazy("short month", "Mar"), pgettext_lazy("short month", "Apr")),
    *(pgettext_lazy("short month", "May"), pgettext_lazy("short month", "Jun")),
    *(pgettext_lazy("short month", "Jul"), pgettext_lazy("short month", "Aug")),
    *(pgettext_lazy("short month", "Sep"), pgettext_lazy("short month", "Oct")),
    *(pgettext_lazy("short month", "Nov"), pgettext_lazy("short month", "Dec")),
)

_WIDTH = 704
_TOP, _LINE, _GAP = 24, 30, 2
_NARROWEST_NAMES, _WIDEST_NAMES = 104, 200
_ROOM = 6  # between a name and its cells
# The least share of each colour in thousandths: finer where little is missing.
_FINE = ((990, "q1"), (980, "g1"), (965, "g2"), (950, "g3"), (0, "g4"))
_COARSE = ((950, "q1"), (800, "g1"), (500, "g2"), (200, "g3"), (0, "g4"))
_FINE_DOWN_TO = 900


@dataclass(frozen=True)
class _Line:
    """A field, or several: how many values are filled in each part, and of how many."""

    name: str
    fills: list[int]
    of: list[int]
    is_field: bool

    def shares(self) -> list[tuple[int, int]]:
        return list(zip(self.fills, self.of, strict=True))


@dataclass(frozen=True)
class HeatFacts:
    """The finding. `column` has the most gaps, and most of them in `segment`; empty where nothing is missing."""

    by: By
    row_count: str
    part_count: int
    field_count: int
    complete_count: int
    column: str
    is_empty: bool
    segment: str
    share: str


@dataclass(frozen=True)
class HeatMap:
    """Cells in lines of fields, in columns of months, years or parts of the file."""

    facts: HeatFacts
    width: int
    height: int
    rects: list[Rect]
    texts: list[Text]
    key: list[KeyEntry]
    table: Table


def heat_map(shown: Shown) -> HeatMap | None:
    """The gaps of a table; None where it has no rows, or its parts may not be shown."""
    parts = shown.segments
    if not parts or not shown.columns:
        return None
    short, full = segment_names(parts)
    gappy = [column for column in shown.columns if column["filled"] < shown.row_count]
    lines = _lines(shown, parts, gappy)
    scale = scale_of([share for line in lines for share in line.shares()])
    left = min(
        _WIDEST_NAMES, max(_NARROWEST_NAMES, *(width(line.name, mono=line.is_field) + _ROOM for line in lines))
    )
    pitch = (_WIDTH - left) / len(short)
    texts = [
        Text("c mute", rounded(left + pitch * (place + 0.5)), 16, name) for place, name in enumerate(short)
    ]
    rects: list[Rect] = []
    for place, line in enumerate(lines):
        top = _TOP + place * _LINE
        css = "m" if line.is_field else "b"
        texts.append(Text(css, 0, top + 19, fitted(line.name, left - _ROOM, mono=line.is_field)))
        for index, (filled, of) in enumerate(line.shares()):
            css, share = colour(filled, of, scale), percentage(filled, of)
            x, title = left + index * pitch, f"{line.name}, {full[index]}: {share}%"
            rects.append(Rect(css, rounded(x), top, rounded(pitch - _GAP), _LINE - _GAP, title))
            texts.append(Text(f"c hv-{css}", rounded(x + (pitch - _GAP) / 2), top + 19, share))
    return HeatMap(
        facts=_facts(shown, parts, gappy),
        width=_WIDTH,
        height=_TOP + _LINE * len(lines),
        rects=rects,
        texts=texts,
        key=_key(scale) if gappy else _key(scale)[:1],
        table=_table(lines, short if parts["by"] == "month" else full),
    )


def segment_names(parts: Segments) -> tuple[list[str], list[str]]:
    """The parts' names, short and in full, in the reader's language."""
    labels = parts["labels"]
    if parts["by"] == "month":
        return (
            [str(_MONTHS[int(label) - 1]) for label in labels],
            [str(MONTHS[int(label)]) for label in labels],
        )
    if len(labels) == 1:
        return [_("All rows")], [_("All rows")]
    if parts["by"] == "rows":
        spans = [[number(int(end)) for end in label.split("-")] for label in labels]
        full = [_("rows %(first)s to %(last)s") % {"first": first, "last": last} for first, last in spans]
        return [number(place + 1) for place in range(len(labels))], full
    return labels, labels


def scale_of(shares: list[tuple[int, int]]) -> tuple[tuple[int, str], ...]:
    """The colours that tell these shares (filled, of how many) apart."""
    return _FINE if all(filled * 1_000 >= _FINE_DOWN_TO * of for filled, of in shares) else _COARSE


def colour(filled: int, of: int, scale: tuple[tuple[int, str], ...]) -> str:
    """The class of a share."""
    if filled >= of:
        return "q2"
    return next(css for least, css in scale if filled * 1_000 >= least * of)


def _lines(shown: Shown, parts: Segments, gappy: list[ColumnMeasure]) -> list[_Line]:
    """The fields with the most gaps in the order of the file, and one line for the others."""
    most = {column["name"] for column in sorted(gappy, key=lambda column: column["filled"])[:MOST_LINES]}
    chosen = [column for column in shown.columns if column["name"] in most]
    others = [column for column in shown.columns if column["name"] not in most]
    rows = parts["rows"]
    lines = [_Line(column["name"], column["fills"] or [], rows, is_field=True) for column in chosen]
    if others:
        count = {"count": number(len(others))}
        name = (
            ngettext("%(count)s other", "%(count)s others", len(others)) % count
            if chosen
            else ngettext("%(count)s field", "%(count)s fields", len(others)) % count
        )
        fills = [sum(filled) for filled in zip(*(column["fills"] or [] for column in others), strict=True)]
        lines.append(_Line(name, fills, [row * len(others) for row in rows], is_field=False))
    return lines


def _facts(shown: Shown, parts: Segments, gappy: list[ColumnMeasure]) -> HeatFacts:
    worst = min(gappy, key=lambda column: column["filled"], default=None)
    fills = (worst["fills"] if worst else None) or parts["rows"]
    rows = parts["rows"]
    place = min(range(len(rows)), key=lambda index: fills[index] / rows[index])
    return HeatFacts(
        by=parts["by"],
        row_count=number(shown.row_count),
        part_count=len(rows),
        field_count=len(shown.columns),
        complete_count=len(shown.columns) - len(gappy),
        column=worst["name"] if worst else "",
        is_empty=worst is not None and not worst["filled"],
        segment=segment_names(parts)[1][place],
        share=percentage(fills[place], rows[place]),
    )


def _key(scale: tuple[tuple[int, str], ...]) -> list[KeyEntry]:
    limits = [_limit(1_000), *(_limit(least) for least, _css in scale)]
    entries = [KeyEntry("q2", limits[0])]
    for (high, low), (least, css) in zip(pairwise(limits), scale, strict=True):
        words = _("%(low)s to %(high)s") % {"low": low, "high": high}
        entries.append(KeyEntry(css, words if least else _("below %(edge)s") % {"edge": high}))
    return entries


def _limit(thousandths: int) -> str:
    return number(Decimal(thousandths) / 10 if thousandths % 10 else thousandths // 10)


def _table(lines: list[_Line], heads: list[str]) -> Table:
    rows = [[line.name, *(percentage(*share) for share in line.shares())] for line in lines]
    return Table(head=[_("Field"), *heads], rows=rows, field_rows=sum(line.is_field for line in lines))
