"""What a profile holds of a table, column by column, and what is left of it once a declaration has been applied.
Shapes only: `profiles` measures and decides, `charts` and the API show."""

from dataclasses import dataclass
from typing import Literal, TypedDict

Kind = Literal["number", "moment", "text", "other"]
By = Literal["rows", "month", "year_month", "year"]


class Segments(TypedDict):
    """Parts of the rows: in file order ("1-28065"), or by the column that gives a month ("1" to "12", "2013-01")
    or a year ("2013")."""

    by: By
    column: str | None
    labels: list[str]
    rows: list[int]


class Histogram(TypedDict):
    """How many values lie from each edge to before the next, below the first edge, and from the last on.

    Numbers, dates and times are written as text. Values that are infinite or no number are left out.
    """

    edges: list[str]
    counts: list[int]
    below: int
    above: int
    is_whole: bool
    is_identifier: bool


class ColumnMeasure(TypedDict):
    """One column. What stands after `fills` is None where values may not be shown."""

    name: str
    type: str
    kind: Kind
    filled: int
    distinct: int
    fills: list[int] | None
    minimum: str | None
    maximum: str | None
    top_values: list[tuple[str, int]] | None
    histogram: Histogram | None


class Sample(TypedDict):
    """Some rows as text; None is a gap."""

    columns: list[str]
    rows: list[list[str | None]]


@dataclass(frozen=True)
class Shown:
    """What may be shown of a table."""

    row_count: int
    columns: list[ColumnMeasure]
    segments: Segments | None
    sample: Sample | None

    @property
    def filled(self) -> int:
        """How many of all values are there."""
        return sum(column["filled"] for column in self.columns)

    @property
    def fill_rate(self) -> float:
        """The share of all values that are there; 0 where there are none to be."""
        return self.filled / (self.row_count * len(self.columns)) if self.filled else 0.0
