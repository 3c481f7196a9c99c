"""Rows of the desk as CSV (RFC 4180), JSON Lines and Parquet, piece by piece in constant memory. No value of a CSV that
is handed out is one that a spreadsheet would run."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import duckdb
from django.db.models import BigIntegerField, QuerySet, UUIDField

from compliance.models import TransferRecord
from compliance.queries import Coverage
from compliance.verifier.spelling import base64_text
from exchange.kernel.text import timestamp

Form = Literal["csv", "jsonl"]
Value = str | int | None
Row = tuple[Value, ...]
"""What a row holds, in the order of COLUMNS."""

COLUMNS = tuple(field.attname for field in TransferRecord._meta.concrete_fields)
_ROWS_AT_ONCE = 500
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
_PARQUET_MEMORY = "96MB"
_ROW_GROUP = 20_480  # what the writer holds at once


@dataclass(frozen=True)
class Export:
    """Rows on their way out: all that the checkpoint in `coverage` proves, as the database had them at the
    first piece."""

    form: Form
    coverage: Coverage
    pieces: Iterator[bytes]


def rows_under(found: QuerySet[TransferRecord], leaves: int) -> Iterator[Row]:
    """Those of the rows, oldest first, whose leaves the first `leaves` hold; as the database had them at the first."""
    proven = found.filter(last_leaf__lt=leaves).order_by("pk").values_list(*COLUMNS)
    return (tuple(map(_plain, values)) for values in proven.iterator(chunk_size=1_000))


def csv_pieces(rows: Iterable[Row], columns: Sequence[str] = COLUMNS) -> Iterator[bytes]:
    """A header, then a line for each row."""
    yield _csv([columns])
    for some in _in_pieces(rows):
        yield _csv(map(harmless, row) for row in some)


def jsonl_pieces(
    meta: Mapping[str, Any], rows: Iterable[Row], columns: Sequence[str] = COLUMNS
) -> Iterator[bytes]:
    """`{"meta": …}` first, then an object for each row, and `{"end": {"rows": …}}`, so that a cut one shows."""
    count = 0
    yield _json({"meta": meta})
    for some in _in_pieces(rows):
        yield b"".join(_json(dict(zip(columns, row, strict=True))) for row in some)
        count += len(some)
    yield _json({"end": {"rows": count}})


def write_parquet(target: Path, meta: Mapping[str, Any], rows: Iterable[Row]) -> None:
    """The rows as one Parquet file, with `meta` under the key `comptoir`; it is made from a draft beside it."""
    draft = target.with_suffix(".draft")
    try:
        with draft.open("wb") as file:
            file.writelines(_draft(some) for some in _in_pieces(rows))
        # Only this folder may be read and written, whatever the rows hold.
        with duckdb.connect(config={"memory_limit": _PARQUET_MEMORY, "threads": 1}) as database:
            database.execute(f"SET temp_directory = {_quoted(str(target.parent))}")
            database.execute(f"SET allowed_directories = [{_quoted(str(target.parent))}]")
            database.execute("SET enable_external_access = false; SET lock_configuration = true")
            database.execute(_copy_statement(draft, target, meta))
    finally:
        draft.unlink(missing_ok=True)


def meta_of(coverage: Coverage, asked: Mapping[str, object], at: datetime) -> dict[str, Any]:
    """What an export says of itself: what was asked, and the signed head that proves it."""
    return {
        "format": "comptoir.transfers/1",
        "exported_at": timestamp(at),
        "filters": asked,
        "checkpoint": {
            "origin": coverage.origin,
            "size": coverage.size,
            "root": base64_text(coverage.root),
            "leaves": coverage.leaves,
        },
    }


def harmless(value: Value) -> str | int:
    """The value for a cell; an apostrophe leads what a spreadsheet would take for a formula."""
    if isinstance(value, str) and value.startswith(_RUN_BY_SPREADSHEETS):
        return f"'{value}"
    return "" if value is None else value


def _plain(value: object) -> Value:
    if isinstance(value, datetime):
        return timestamp(value)
    return value if value is None or isinstance(value, int) else str(value)


def _copy_statement(draft: Path, target: Path, meta: Mapping[str, Any]) -> str:
    source = (
        f"read_csv({_quoted(str(draft))}, header = false, auto_detect = false, delim = ',', quote = '\"', "
        f"escape = '\"', new_line = '\\n', columns = {{{', '.join(_types())}}}, "
        f"force_not_null = [{', '.join(_texts())}])"
    )
    told = f"KV_METADATA {{comptoir: {_quoted(json.dumps(meta))}}}"
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP}, {told}"
    return f"COPY (FROM {source}) TO {_quoted(str(target))} ({options})"


def _types() -> Iterator[str]:
    for field in TransferRecord._meta.concrete_fields:
        if isinstance(field, UUIDField):
            yield f"{field.attname}: 'UUID'"
        elif isinstance(field, BigIntegerField):
            yield f"{field.attname}: 'BIGINT'"
        else:
            yield f"{field.attname}: '{'TIMESTAMP' if field.attname.endswith('_at') else 'VARCHAR'}'"


def _texts() -> Iterator[str]:
    """The columns whose empty cell is an empty text; of the others it is nothing."""
    return (_quoted(one.split(":")[0]) for one in _types() if "VARCHAR" in one)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _in_pieces(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while some := list(islice(remaining, _ROWS_AT_ONCE)):
        yield some


def _csv(lines: Iterable[Iterable[object]]) -> bytes:
    """As RFC 4180 has it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def _draft(lines: Iterable[Row]) -> bytes:
    """As duckdb reads it without a guess: `\\n` ends a line, and every text is quoted, whatever it holds."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(lines)
    return text.getvalue().encode()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
