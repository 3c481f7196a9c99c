"""In which parts of the rows a table's gaps are counted: by month or year where one column plainly gives it, else
twelve equal parts in the order of the file. A part is never so small that it tells of a single row."""

import re
from collections.abc import Collection
from itertools import accumulate

from datasets.profiles.measures import By, Segments
from datasets.profiles.tables import Counts, Part, Table

MOST_PARTS = 12
FEWEST_ROWS = 10
"""Fewer in one part would tell of single rows."""

_MONTH = frozenset("month mois monat mes mese maand".split())
_KEY = re.compile(r"[0-9]{1,4}(-[0-9]{2})?")


def measure(table: Table, counts: list[Counts], shown: Collection[int]) -> tuple[Segments, list[Part]] | None:
    """The parts and what is filled in each; None for a table without rows.

    By months or years only of a column whose values may be `shown`, and that has one in every row: a column of
    whole numbers called month, or else the only column of dates.
    """
    if not table.row_count:
        return None
    full = [index for index in shown if counts[index].filled == table.row_count]
    for by, column in _candidates(table, counts, full):
        parts = table.filled_by(by, column=column)
        if _is_telling(by, parts):
            return _segments(by, table.columns[column].name, parts), parts
    wanted = min(MOST_PARTS, max(1, table.row_count // FEWEST_ROWS))
    parts = table.filled_by("rows", parts=wanted)
    return _segments("rows", None, parts), parts


def _candidates(table: Table, counts: list[Counts], full: list[int]) -> list[tuple[By, int]]:
    months = [
        index
        for index in full
        if table.columns[index].is_whole
        and table.columns[index].name.casefold() in _MONTH
        and counts[index].distinct <= MOST_PARTS
    ]
    dates = [index for index in full if table.columns[index].is_dated]
    by_month: list[tuple[By, int]] = [("month", index) for index in months[:1]]
    by_date: list[tuple[By, int]] = [("year_month", dates[0]), ("year", dates[0])] if len(dates) == 1 else []
    return by_month + by_date


def _is_telling(by: By, parts: list[Part]) -> bool:
    """Whether these are 2 to 12 months or years, each of enough rows."""
    if not 2 <= len(parts) <= MOST_PARTS or min(part.rows for part in parts) < FEWEST_ROWS:
        return False
    if by == "month":
        return all(part.key.isdecimal() and 1 <= int(part.key) <= MOST_PARTS for part in parts)
    return all(_KEY.fullmatch(part.key) for part in parts)


def _segments(by: By, column: str | None, parts: list[Part]) -> Segments:
    rows = [part.rows for part in parts]
    ends = list(accumulate(rows))
    spans = [f"{end - count + 1}-{end}" for end, count in zip(ends, rows, strict=True)]
    return {
        "by": by,
        "column": column,
        "labels": spans if by == "rows" else [part.key for part in parts],
        "rows": rows,
    }
