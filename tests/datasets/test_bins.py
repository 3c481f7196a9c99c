"""Where histograms are cut: round steps, few enough, over the core of the values, for any values there are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from datasets.profiles.bins import MOST_BINS, Edges, Spread, of_dates, of_numbers, of_times

DAY = 86_400
NEW_YEAR_2013 = 1_356_998_400


def over(low: float, high: float) -> Spread:
    return Spread(low, high, low, high)


def labels(edges: Edges | None) -> list[str]:
    assert edges is not None
    return edges.labels


@pytest.mark.parametrize(
    ("spread", "is_whole", "first", "step", "last"),
    [
        (Spread(-86, 1_272, -44, 193), True, "-90", "-80", "200"),
        (Spread(17, 4_983, 171, 2_586), True, "0", "100", "2600"),
        (over(0, 1), True, "0", "1", "2"),
        (over(1, 12), True, "1", "2", "13"),
        (over(0.1, 0.3), False, "0.10", "0.11", "0.31"),
        (Spread(0, 100, 0, 0), True, "0", "5", "105"),
        (over(2**62, 2**63), True, "4.6E+18", "4.8E+18", "9.4E+18"),
        (over(0, 1e308), False, "0", "5E+306", "1.05E+308"),
    ],
)
def test_numbers_are_cut_at_round_ones(
    spread: Spread, is_whole: bool, first: str, step: str, last: str
) -> None:
    found = labels(of_numbers(spread, is_whole=is_whole))
    assert (found[0], found[1], found[-1]) == (first, step, last)


@pytest.mark.parametrize(
    "spread", [over(5, 5), over(-1e308, 1e308), over(1e16, 1e16 + 10), over(0, 1.8e308), over(1, float("nan"))]
)
def test_one_value_and_values_beyond_telling_apart_are_not_cut(spread: Spread) -> None:
    assert of_numbers(spread, is_whole=False) is None


@pytest.mark.parametrize(
    ("seconds", "first", "second"),
    [
        (10, "2013-01-01T00:00:00", "2013-01-01T00:00:01"),
        (12 * 3_600, "2013-01-01T00:00", "2013-01-01T00:30"),
        (20 * DAY, "2013-01-01", "2013-01-02"),
        (100 * DAY, "2012-12-31", "2013-01-07"),
        (364 * DAY, "2013-01", "2013-02"),
        (3_650 * DAY, "2013-01", "2013-07"),
        (36_500 * DAY, "2010", "2015"),
        (365_000 * DAY, "2000", "2050"),
    ],
)
def test_dates_are_cut_where_calendars_are(seconds: float, first: str, second: str) -> None:
    assert labels(of_dates(over(NEW_YEAR_2013, NEW_YEAR_2013 + seconds)))[:2] == [first, second]


@pytest.mark.parametrize("spread", [over(-6.3e10, 0), over(0, 9e12), over(-1e300, 1e300), over(7, 7)])
def test_dates_outside_of_the_calendar_are_not_cut(spread: Spread) -> None:
    assert of_dates(spread) is None


def test_times_of_day_are_cut_at_hours_and_minutes() -> None:
    assert labels(of_times(over(0, DAY - 1)))[:2] == ["00:00", "01:00"]
    assert labels(of_times(over(0, DAY - 1)))[-1] == "24:00"
    assert labels(of_times(over(36_000, 36_100)))[1] == "10:00:05"


@given(
    some.lists(some.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2),
    some.booleans(),
)
def test_edges_rise_and_cover_the_core_for_any_numbers(ends: list[float], is_whole: bool) -> None:
    low, high = sorted(round(end) if is_whole and abs(end) < 1e15 else end for end in ends)
    require_sound(of_numbers(over(low, high), is_whole=is_whole), low, high)


@given(some.lists(some.integers(-60_000_000_000, 250_000_000_000).map(float), min_size=2, max_size=2))
def test_edges_rise_and_cover_the_core_for_any_dates(ends: list[float]) -> None:
    low, high = sorted(ends)
    require_sound(of_dates(over(low, high)), low, high)


def require_sound(edges: Edges | None, low: float, high: float) -> None:
    if edges is None:
        return
    assert 1 <= len(edges.values) - 1 <= MOST_BINS
    assert len(edges.labels) == len(edges.values)
    assert all(before < after for before, after in pairwise(edges.values))
    assert edges.values[0] <= low and high < edges.values[-1]
