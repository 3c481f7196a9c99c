"""Rows of the desk as CSV (RFC 4180) and JSON Lines, piece by piece in constant memory. No value is one that a
spreadsheet would run."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from compliance.models import TransferRecord
from exchange.kernel.text import timestamp

Form = Literal["csv", "jsonl"]

COLUMNS = tuple(field.attname for field in TransferRecord._meta.concrete_fields)
_ROWS_AT_ONCE = 500
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def csv_pieces(rows: Iterable[TransferRecord]) -> Iterator[bytes]:
    """A header, then a line for each row."""
    yield _csv([COLUMNS])
    for some in _in_pieces(rows):
        yield _csv([harmless(value) for value in values(row).values()] for row in some)


def jsonl_pieces(meta: Mapping[str, Any], rows: Iterable[TransferRecord]) -> Iterator[bytes]:
    """`{"meta": …}` first, then an object for each row, and `{"end": {"rows": …}}`, so that a cut one shows."""
    count = 0
    yield _json({"meta": meta})
    for some in _in_pieces(rows):
        yield b"".join(_json(values(row)) for row in some)
        count += len(some)
    yield _json({"end": {"rows": count}})


def values(row: TransferRecord) -> dict[str, str | int | None]:
    """A row as plain values, by column."""
    return {column: _plain(getattr(row, column)) for column in COLUMNS}


def harmless(value: str | int | None) -> str | int:
    """The value for a cell; an apostrophe leads what a spreadsheet would take for a formula."""
    if isinstance(value, str) and value.startswith(_RUN_BY_SPREADSHEETS):
        return f"'{value}"
    return "" if value is None else value


def _plain(value: object) -> str | int | None:
    if isinstance(value, datetime):
        return timestamp(value)
    return value if value is None or isinstance(value, int) else str(value)


def _in_pieces(rows: Iterable[TransferRecord]) -> Iterator[list[TransferRecord]]:
    remaining = iter(rows)
    while some := list(islice(remaining, _ROWS_AT_ONCE)):
        yield some


def _csv(lines: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
