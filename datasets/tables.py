"""One table in a file of a stranger, read by a DuckDB that can open nothing outside the file's own folder and
load nothing. What cannot be read is told in plain words, without values or paths."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import duckdb

from datasets.contents import CSV, HEAD_BYTES, LONGEST_COLUMN_NAME, shown
from datasets.storage import full

Kind: TypeAlias = Literal["number", "moment", "text", "other"]

MOST_COLUMNS = 2_000
MOST_DISTINCT_FOR_TOP = 10_000
TOP = 5

_DELIMITERS = ",;\t|"
_LONGEST_VALUE = 100
_COLUMNS_AT_ONCE = 100
# As spreadsheets, R and Python write "no value"; so a country column loses Namibia's code.
_NULLS = "['', 'NA', 'N/A', 'NaN', 'nan', 'NULL', 'null']"
_NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*|BIGNUM")
_MOMENTS = re.compile(r"DATE|TIME.*")
_TEXTS = re.compile(r"VARCHAR|BOOLEAN|ENUM.*|UUID")
_CSV_LINE = re.compile(r"CSV Error on Line: (\d+)")


class Unreadable(Exception):
    """The file holds no table that can be read; `reason` may be shown to anybody."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    kind: Kind


@dataclass(frozen=True)
class Counts:
    """How many values there are, and about how many different ones."""

    filled: int
    distinct: int


class Table:
    """An open table; every question may raise Unreadable, above all when the time is up."""

    def __init__(self, desk: "_Desk", columns: list[Column]) -> None:
        self._desk = desk
        self.columns = columns
        self.row_count: int = desk.ask("SELECT count(*) FROM t")[0][0]

    def counts(self) -> list[Counts]:
        """One per column."""
        found: list[Counts] = []
        for start in range(0, len(self.columns), _COLUMNS_AT_ONCE):
            chosen = range(start, min(start + _COLUMNS_AT_ONCE, len(self.columns)))
            asked = ", ".join(f"count(c{i}), approx_count_distinct({self._comparable(i)})" for i in chosen)
            row = self._desk.ask(f"SELECT {asked} FROM t")[0]  # noqa: S608
            for filled, distinct in zip(row[::2], row[1::2], strict=True):
                # The estimate may exceed what is possible.
                found.append(Counts(filled, min(filled, max(distinct, 1 if filled else 0))))
        return found

    def sample(self, index: int, at_most: int) -> list[str]:
        """Some of the column's values as text, the same ones each time."""
        rows = self._desk.ask(
            f"SELECT v FROM (SELECT left(CAST(c{index} AS VARCHAR), 500) AS v FROM t "  # noqa: S608
            f"WHERE c{index} IS NOT NULL) USING SAMPLE reservoir({at_most:d} ROWS) REPEATABLE (1)"
        )
        return [value for (value,) in rows]

    def span(self, index: int) -> tuple[str, str] | None:
        """The least and the greatest value of a column of numbers or moments."""
        if self.columns[index].kind not in ("number", "moment"):
            return None
        low, high = self._desk.ask(
            f"SELECT CAST(min(c{index}) AS VARCHAR), CAST(max(c{index}) AS VARCHAR) FROM t"  # noqa: S608
        )[0]
        return (low, high) if low is not None else None

    def top(self, index: int) -> list[tuple[str, int]]:
        """The most frequent values of a column of text, clipped, each with how often it comes."""
        rows = self._desk.ask(
            f"SELECT left(CAST(c{index} AS VARCHAR), {_LONGEST_VALUE}) AS v, count(*) AS n FROM t "  # noqa: S608
            f"WHERE c{index} IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT {TOP}"
        )
        return [(shown(value, _LONGEST_VALUE), count) for value, count in rows]

    def _comparable(self, index: int) -> str:
        return f"CAST(c{index} AS VARCHAR)" if self.columns[index].kind == "other" else f"c{index}"


@contextmanager
def open_table(file: Path, media_type: str, *, memory: str, seconds: float) -> Iterator[Table]:
    """The table in `file`, for `seconds` at most; the file's folder is the only one that can be touched."""
    desk = _Desk(file.parent, memory, seconds)
    timer = threading.Timer(seconds, desk.stop)
    timer.daemon = True
    timer.start()
    try:
        yield Table(desk, _load_csv(desk, file) if media_type == CSV else _load_parquet(desk, file))
    finally:
        timer.cancel()
        desk.connection.close()


class _Desk:
    """A locked-down DuckDB in one folder, and the only place where its errors are read."""

    def __init__(self, folder: Path, memory: str, seconds: float) -> None:
        self.has_stopped = False
        self.connection = duckdb.connect(
            folder / "table.duckdb",
            config={
                "memory_limit": memory,
                "threads": "1",
                "temp_directory": str(folder / "spill"),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "allow_community_extensions": "false",
                "allow_persistent_secrets": "false",
                "python_enable_replacements": "false",
                # For the question that starts in the very moment in which stop() finds none to interrupt.
                "max_execution_time": str(1 + int(seconds * 1_000)),
            },
        )
        self.connection.execute(f"SET allowed_directories = [{_quoted(str(folder))}]")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")

    def ask(self, question: str) -> list[Any]:
        if self.has_stopped:
            raise Unreadable("measuring it took too long")
        try:
            return self.connection.execute(question).fetchall()
        except duckdb.Error as error:
            if "No space left" in str(error):
                raise full() from None
            raise Unreadable(self._reason(error)) from None

    def stop(self) -> None:
        self.has_stopped = True
        self.connection.interrupt()

    def _reason(self, error: duckdb.Error) -> str:
        message = str(error)
        if self.has_stopped or isinstance(error, duckdb.InterruptException):
            return "measuring it took too long"
        if isinstance(error, duckdb.OutOfMemoryException):
            return "measuring it needs more memory than there is"
        if "Maximum line size" in message:
            return "it has a line of more than 2,000,000 bytes"
        if "Invalid unicode" in message or "utf-8" in message.partition("Original Line")[2]:
            return "it is not UTF-8 text throughout"
        if line := _CSV_LINE.search(message):
            return f"line {line[1]} does not fit the columns that its first line names"
        if "CSV parsing dialect" in message:
            return "its lines do not fit the columns that its first line names"
        return "it is damaged, or not of the kind that it says"


def _load_csv(desk: _Desk, file: Path) -> list[Column]:
    """Types are told from the first lines; where a later line contradicts them, from all lines."""
    try:
        return _load(desk, _csv_source(file, sample_size=50_000), "TABLE")
    except Unreadable:
        if desk.has_stopped:
            raise
    return _load(desk, _csv_source(file, sample_size=-1), "TABLE")


def _load_parquet(desk: _Desk, file: Path) -> list[Column]:
    return _load(desk, f"read_parquet({_quoted(str(file))}, hive_partitioning = false)", "VIEW")


def _load(desk: _Desk, source: str, what: str) -> list[Column]:
    described = desk.ask(f"DESCRIBE SELECT * FROM {source}")  # noqa: S608
    if len(described) > MOST_COLUMNS:
        raise Unreadable(f"it has {len(described):,} columns; at most {MOST_COLUMNS:,} are measured")
    aliases = ", ".join(f"c{index}" for index in range(len(described)))
    desk.ask(f"CREATE OR REPLACE {what} t AS SELECT * FROM {source} AS f({aliases})")  # noqa: S608
    return _columns([(row[0], row[1]) for row in described])


def _csv_source(file: Path, *, sample_size: int) -> str:
    delimiter = _delimiter(file)
    return (
        f"read_csv({_quoted(str(file))}, delim = {_quoted(delimiter)}, quote = '\"', escape = '\"', "
        f"header = true, skip = 0, comment = '', nullstr = {_NULLS}, sample_size = {sample_size:d}, "
        "hive_partitioning = false, compression = 'none')"
    )


def _delimiter(file: Path) -> str:
    """What the first line uses most, outside quotes: told here, because guessing from all lines finds a
    table in anything."""
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES).decode("utf-8", errors="replace")
    first: list[str] = []
    is_quoted = False
    for character in head:
        if character == '"':
            is_quoted = not is_quoted
        elif not is_quoted:
            if character in "\r\n" and first:
                break
            first.append(character)
    return max(_DELIMITERS, key=first.count)


def _columns(described: list[tuple[str, str]]) -> list[Column]:
    columns: list[Column] = []
    taken: set[str] = set()
    for place, (raw_name, type_name) in enumerate(described, start=1):
        name = base = shown(raw_name, LONGEST_COLUMN_NAME) or f"column {place}"
        count = 1
        while name in taken:
            count += 1
            name = f"{base} ({count})"
        taken.add(name)
        columns.append(Column(name, shown(type_name, _LONGEST_VALUE), _kind(type_name)))
    return columns


def _kind(type_name: str) -> Kind:
    if _NUMBERS.fullmatch(type_name):
        return "number"
    if _MOMENTS.fullmatch(type_name):
        return "moment"
    return "text" if _TEXTS.fullmatch(type_name) else "other"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
