"""What was delivered, compared with what was warranted; pure."""

import pytest

from contracts.sales.warranties import Deviation, Measured, Tolerances, deviations, measured

SIGNED = Measured(1_000, {"city": 1_000, "note": 10})
LENIENT, EXACT = Tolerances(95, 90), Tolerances(100, 100)


def test_profiles_of_several_files_are_counted_together() -> None:
    files = [
        {"rows": 3, "columns": [{"name": "city", "filled": 3}, {"name": "note", "filled": 0}]},
        {"rows": 2, "columns": [{"name": "city", "filled": 1}]},
        {"rows": None, "columns": []},
    ]
    assert measured(files) == Measured(5, {"city": 4, "note": 0})


@pytest.mark.parametrize(
    ("delivered", "tolerances", "expected"),
    [
        (SIGNED, EXACT, []),
        (Measured(2_000, {"city": 1_500, "note": 900, "more": 1}), EXACT, []),
        (Measured(950, {"city": 900, "note": 9}), LENIENT, []),
        (Measured(949, {"city": 900, "note": 9}), LENIENT, [Deviation("", 950, 949)]),
        (Measured(950, {"city": 899, "note": 9}), LENIENT, [Deviation("city", 900, 899)]),
        (Measured(1_000, {"city": 1_000}), LENIENT, [Deviation("note", 9, 0)]),
        (Measured(1_000, {"city": 1_000}), Tolerances(100, 0), []),
        (
            Measured(0, {}),
            EXACT,
            [Deviation("", 1000, 0), Deviation("city", 1000, 0), Deviation("note", 10, 0)],
        ),
    ],
)
def test_only_what_is_below_its_share_deviates(
    delivered: Measured, tolerances: Tolerances, expected: list[Deviation]
) -> None:
    assert deviations(SIGNED, delivered, tolerances) == expected


def test_a_share_of_few_rows_is_rounded_in_the_buyers_favour() -> None:
    assert deviations(Measured(10, {}), Measured(9, {}), Tolerances(95, 95)) == [Deviation("", 10, 9)]
    assert str(Deviation("", 10, 9)) == "9 rows, warranted are 10"
    assert str(Deviation("city", 10, 9)) == "9 filled values in the column city, warranted are 10"
