"""The safe sample: a few rows drawn by the exchange, spread evenly over the file, the same ones each time. Only
for a table in which all values may be shown, and never so many that they stand for the whole."""

from compliance.classification.classification import classify
from datasets.contents import shown
from datasets.gate import findings
from datasets.profiles.measures import Sample
from datasets.profiles.tables import LONGEST_VALUE, Table

FEWEST_ROWS, MOST_ROWS = 6, 8
MOST_COLUMNS = 40
_SHARE = 10
"""At most one row in so many is given away."""


def draw(table: Table) -> Sample | None:
    """Six to eight rows; None where the table has fewer than sixty, or too few rows are safe."""
    count = min(MOST_ROWS, table.row_count // _SHARE)
    if count < FEWEST_ROWS:
        return None
    middles = [(2 * part + 1) * table.row_count // (2 * count) + 1 for part in range(count)]
    rows = [_clipped(row) for row in table.rows(middles, MOST_COLUMNS) if _is_safe(row)]
    names = [column.name for column in table.columns[:MOST_COLUMNS]]
    return {"columns": names, "rows": rows} if len(rows) >= FEWEST_ROWS else None


def _is_safe(row: list[str | None]) -> bool:
    """Whether no value of the row, looked at alone, has the shape of personal data: one in ten thousand is no
    finding of its column, and still must not be shown."""
    return not any(findings.is_personal(classify({"": [value]}).get("")) for value in row)


def _clipped(row: list[str | None]) -> list[str | None]:
    return [None if value is None else shown(value, LONGEST_VALUE) for value in row]
