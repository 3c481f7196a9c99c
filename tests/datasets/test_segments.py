"""In which parts gaps are counted: months and years where they are plain, the order of the file otherwise."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.contents import PARQUET
from datasets.profiles import segments
from datasets.profiles.tables import Table

Opened = Callable[[bytes], AbstractContextManager[Table]]


def measured(opened: Opened, head: str, rows: list[Any], *, hidden: str = "") -> Any:
    """The parts of a small table, with the fills of its columns; values of `hidden` may not be shown."""
    data = head + "\n" + "".join(f"{row}\n" for row in rows)
    with opened(data.encode()) as table:
        shown = [index for index, column in enumerate(table.columns) if column.name != hidden]
        found = segments.measure(table, table.counts(), shown)
        return found and (found[0], [part.fills for part in found[1]])


def days(start: str, count: int, step: int = 1) -> list[str]:
    first = date.fromisoformat(start)
    return [f"{first + timedelta(days=step * number)},x" for number in range(count)]


def test_rows_are_cut_into_twelve_parts_in_the_order_of_the_file(opened: Opened) -> None:
    parts, fills = measured(opened, "n,gap", [f"{n},{'' if n >= 330 else 1}" for n in range(360)])
    assert (parts["by"], parts["column"]) == ("rows", None)
    assert parts["labels"][:2] == ["1-30", "31-60"]
    assert parts["labels"][-1] == "331-360"
    assert parts["rows"] == [30] * 12
    assert fills[10:] == [[30, 30], [30, 0]]


@pytest.mark.parametrize(
    ("rows", "parts"), [(0, None), (1, 1), (19, 1), (20, 2), (119, 11), (120, 12), (1_000, 12)]
)
def test_no_part_is_so_small_that_it_tells_of_one_row(opened: Opened, rows: int, parts: int | None) -> None:
    found = measured(opened, "n,m", [f"{n},1" for n in range(rows)])
    assert (len(found[0]["rows"]) if found else None) == parts
    if rows >= segments.FEWEST_ROWS:
        assert min(found[0]["rows"]) >= segments.FEWEST_ROWS
        assert sum(found[0]["rows"]) == rows


@pytest.mark.parametrize("name", ["month", "Month", "mois", "Monat"])
def test_a_column_of_months_gives_the_parts(opened: Opened, name: str) -> None:
    parts, fills = measured(opened, f"{name},gap", [f"{n % 3 + 10},{'' if n % 3 else n}" for n in range(60)])
    assert parts == {"by": "month", "column": name, "labels": ["10", "11", "12"], "rows": [20] * 3}
    assert fills == [[20, 20], [20, 0], [20, 0]]


def test_the_only_column_of_dates_gives_months_or_years(opened: Opened) -> None:
    parts, _ = measured(opened, "at,x", days("2013-11-15", 60))
    assert (parts["by"], parts["column"], parts["labels"]) == (
        "year_month",
        "at",
        ["2013-11", "2013-12", "2014-01"],
    )
    parts, _ = measured(opened, "at,x", days("2010-01-01", 240, step=10))
    assert (parts["by"], parts["labels"][0], parts["labels"][-1]) == ("year", "2010", "2016")


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("month,x", [f"{n % 13},1" for n in range(260)]),  # there is no month 0
        ("month,x", [f"{n % 12 + 1},1" for n in range(60)]),  # five rows each
        ("month,x", ["3,1"] * 60),
        ("month,x", ["3,1", ",1", "4,1"] * 20),
        ("month,x", ["3.5,1", "4,1"] * 20),
        ("month,x", ["March,1", "April,1"] * 20),
        ("at,x", days("2013-01-01", 31)),
        ("at,x", days("1900-01-01", 1_300, step=30)),
        ("at,x", [*days("2013-01-01", 59), ",x"]),
        ("at,x", [*days("2013-01-01", 40), "2020-01-01,x"]),
        ("at,to", [f"{day[:-2]},{day[:-2]}" for day in days("2013-01-01", 90)]),
    ],
)
def test_whatever_is_not_plainly_months_is_left_to_the_order_of_the_file(
    opened: Opened, head: str, rows: list[str]
) -> None:
    assert measured(opened, head, rows)[0]["by"] == "rows"


def test_a_column_that_may_not_be_shown_gives_no_parts(opened: Opened) -> None:
    for head, rows in (("month,x", [f"{n % 3 + 1},1" for n in range(60)]), ("at,x", days("2013-01-01", 90))):
        assert measured(opened, head, rows)[0]["by"] != "rows"
        assert measured(opened, head, rows, hidden=head.split(",")[0])[0]["by"] == "rows"


@pytest.mark.parametrize("day", [-735_000, 3_000_000])
def test_dates_before_the_common_era_and_beyond_ten_thousand_are_no_parts(
    opened: Any, tmp_path: Path, day: int
) -> None:
    made = pa.table({"at": pa.array([day] * 20 + [15_000] * 20, pa.int32()).cast(pa.date32())})
    pq.write_table(made, tmp_path / "made")
    with opened((tmp_path / "made").read_bytes(), PARQUET) as table:
        assert table.columns[0].is_dated
        found = segments.measure(table, table.counts(), [0])
        assert found and found[0]["by"] == "rows"
