"""The lines of a table's fields: type, how much is filled, over all and in each part, how many values differ."""

from dataclasses import dataclass

from datasets.charts.figures import Rect, number, percentage
from datasets.charts.heat_maps import colour, scale_of
from datasets.profiles.measures import ColumnMeasure, Shown

STRIP_WIDTH, STRIP_HEIGHT = 96, 14


@dataclass(frozen=True)
class FieldLine:
    """One field. `strip` is its line of the heat map in small, empty where the parts may not be shown; `low` and
    `high` are empty where the values may not be shown or have no order."""

    name: str
    type: str
    share: str
    strip: list[Rect]
    distinct: str
    low: str
    high: str


def field_lines(shown: Shown) -> list[FieldLine]:
    """All fields in the order of the file."""
    scale = scale_of(
        [
            (filled, of)
            for column in shown.columns
            for filled, of in zip(column["fills"] or [], _parts(shown, column), strict=True)
        ]
    )
    return [
        FieldLine(
            name=column["name"],
            type=column["type"],
            share=percentage(column["filled"], shown.row_count) if shown.row_count else "",
            strip=_strip(column["fills"] or [], _parts(shown, column), scale),
            distinct=number(column["distinct"]),
            low=_written(column, column["minimum"]),
            high=_written(column, column["maximum"]),
        )
        for column in shown.columns
    ]


def _parts(shown: Shown, column: ColumnMeasure) -> list[int]:
    return shown.segments["rows"] if shown.segments and column["fills"] else []


def _strip(fills: list[int], parts: list[int], scale: tuple[tuple[int, str], ...]) -> list[Rect]:
    pitch = STRIP_WIDTH / len(parts) if parts else 0
    return [
        Rect(colour(filled, of, scale), round(place * pitch, 1), 0, round(pitch - 1, 1), STRIP_HEIGHT)
        for place, (filled, of) in enumerate(zip(fills, parts, strict=True))
    ]


def _written(column: ColumnMeasure, value: str | None) -> str:
    """Numbers without separators, as years and codes are written too; of dated moments the day."""
    if value is None:
        return ""
    if column["kind"] == "number":
        return value.replace("-", "−")
    return value[:10] if value[4:5] == "-" else value
