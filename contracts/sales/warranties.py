"""What a seller warrants of the data, compared with what was measured of what was delivered. Pure: the profile that was
signed, the profiles of the files that came, and the tolerances of the contract."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

EXACT = 100


@dataclass(frozen=True)
class Tolerances:
    """The least share of the signed rows, and of the filled values of each column, in per cent."""

    rows_percent: int
    filled_percent: int


@dataclass(frozen=True)
class Measured:
    """Rows, and the filled values of each column, over all files of a revision."""

    rows: int
    filled: Mapping[str, int]


@dataclass(frozen=True)
class Deviation:
    """One measure below what is warranted: of the rows, or of the filled values of one `column`."""

    column: str
    wanted: int
    found: int

    def __str__(self) -> str:
        what = f"filled values in the column {self.column}" if self.column else "rows"
        return f"{self.found} {what}, warranted are {self.wanted}"


def measured(profiles: Iterable[Mapping[str, Any]]) -> Measured:
    """What the profiles of a revision's files ({"rows", "columns"}) come to."""
    filled: Counter[str] = Counter()
    rows = 0
    for profile in profiles:
        rows += profile["rows"] or 0
        for column in profile["columns"]:
            filled[column["name"]] += column["filled"]
    return Measured(rows, filled)


def deviations(signed: Measured, delivered: Measured, tolerances: Tolerances) -> Sequence[Deviation]:
    """What is below its warranty: the rows first, then each column in the order of its name."""
    wanted = [("", _least(signed.rows, tolerances.rows_percent), delivered.rows)]
    wanted += [
        (name, _least(signed.filled[name], tolerances.filled_percent), delivered.filled.get(name, 0))
        for name in sorted(signed.filled)
    ]
    return [Deviation(name, least, found) for name, least, found in wanted if found < least]


def _least(count: int, percent: int) -> int:
    """That share of a count, rounded up: 95 % of 10 rows are 10."""
    return -(-count * percent // 100)
