"""One table in a file of a stranger, read by a DuckDB that can open nothing outside the file's own folder and
load nothing. What cannot be read is told in plain words, without values or paths."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from datasets.contents import CSV, HEAD_BYTES, LONGEST_COLUMN_NAME, shown
from datasets.profiles.bins import Spread
from datasets.profiles.measures import By, Kind
from datasets.storage import full

MOST_COLUMNS = 2_000
MOST_DISTINCT_FOR_TOP = 10_000
MOST_COUNTED_EXACTLY = 10_000
LONGEST_VALUE = 100
TOP = 12

_DELIMITERS = ",;\t|"
_LONGEST_READ = 500
_COLUMNS_AT_ONCE = 100
# As spreadsheets, R and Python write "no value"; so a country column loses Namibia's code.
_NULLS = "['', 'NA', 'N/A', 'NaN', 'nan', 'NULL', 'null']"
_NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*|BIGNUM")
_MOMENTS = re.compile(r"DATE|TIME.*")
_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,0\)|BIGNUM")
_DATED = re.compile(r"DATE|TIMESTAMP.*")
_TEXTS = re.compile(r"VARCHAR|BOOLEAN|ENUM.*|UUID")
_PARTS_IN_ORDER = 12
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

    @property
    def is_whole(self) -> bool:
        """Whether its numbers have no fractions."""
        return _WHOLE.fullmatch(self.type) is not None

    @property
    def is_dated(self) -> bool:
        """Whether its moments have a day."""
        return _DATED.fullmatch(self.type) is not None

    @property
    def is_clock(self) -> bool:
        """Whether its moments are times of any day."""
        return self.type == "TIME"


@dataclass(frozen=True)
class Counts:
    """How many values there are, and how many different ones: about, where there are many."""

    filled: int
    distinct: int


@dataclass(frozen=True)
class Part:
    """Some of the rows, by what they have in common, with how many values each column has there."""

    key: str
    rows: int
    fills: list[int]


class Table:
    """An open table; every question may raise Unreadable, above all when the time is up."""

    def __init__(self, desk: "_Desk", columns: list[Column]) -> None:
        self._desk = desk
        self.columns = columns
        self.row_count: int = desk.ask("SELECT count(*) FROM t")[0][0]

    def counts(self) -> list[Counts]:
        """One per column."""
        found: list[Counts] = []
        for chosen in _some_at_once(range(len(self.columns))):
            asked = ", ".join(f"count(c{i}), approx_count_distinct({self._comparable(i)})" for i in chosen)
            row = self._desk.ask(f"SELECT {asked} FROM t")[0]  # noqa: S608
            found += [Counts(*pair) for pair in zip(row[::2], row[1::2], strict=True)]
        few = [index for index, count in enumerate(found) if count.distinct <= MOST_COUNTED_EXACTLY]
        for chosen in _some_at_once(few):
            asked = ", ".join(f"count(DISTINCT {self._comparable(i)})" for i in chosen)
            for index, distinct in zip(chosen, self._desk.ask(f"SELECT {asked} FROM t")[0], strict=True):  # noqa: S608
                found[index] = Counts(found[index].filled, distinct)
        # The estimate may exceed what is possible.
        return [Counts(count.filled, min(count.filled, count.distinct)) for count in found]

    def filled_by(self, by: By, *, column: int = 0, parts: int = 1) -> list[Part]:
        """What is filled in `parts` equal parts of the rows, in the order of the file; or by the months or years
        that `column` gives, in their order."""
        if not self.row_count:
            return []
        keys = {
            "rows": f"(row_number() OVER () - 1) * {parts:d} // {self.row_count:d}",
            "month": f"c{column}",
            "year_month": f"strftime(c{column}, '%Y-%m')",
            "year": f"strftime(c{column}, '%Y')",
        }
        found: list[Part] = []
        for chosen in _some_at_once(range(len(self.columns))):
            asked, names = ", ".join(f"count(c{i})" for i in chosen), ", ".join(f"c{i}" for i in chosen)
            rows = self._desk.ask(
                f"SELECT k, count(*), {asked} FROM (SELECT {keys[by]} AS k, {names} FROM t) "  # noqa: S608
                "GROUP BY k ORDER BY k"
            )
            found = found or [Part(str(row[0]), row[1], []) for row in rows]
            for part, row in zip(found, rows, strict=True):
                part.fills.extend(row[2:])
        return found

    def in_order(self, among: Sequence[int]) -> set[int]:
        """Those of these columns that have whole numbers and never step back from one twelfth of the rows to the
        next."""
        found: set[int] = set()
        whole = [index for index in among if self.columns[index].is_whole]
        for chosen in _some_at_once(whole if self.row_count else []):
            asked, names = (
                ", ".join(f"min(c{i}), max(c{i})" for i in chosen),
                ", ".join(f"c{i}" for i in chosen),
            )
            rows = self._desk.ask(
                f"SELECT {asked} FROM (SELECT {names}, "  # noqa: S608
                f"(row_number() OVER () - 1) * {_PARTS_IN_ORDER} // {self.row_count:d} AS k FROM t) "
                "GROUP BY k ORDER BY k"
            )
            for place, index in enumerate(chosen):
                spans = [(row[2 * place], row[2 * place + 1]) for row in rows if row[2 * place] is not None]
                if all(before[1] <= after[0] for before, after in pairwise(spans)):
                    found.add(index)
        return found

    def sample(self, index: int, at_most: int) -> list[str]:
        """Some of the column's values as text, the same ones each time."""
        rows = self._desk.ask(
            f"SELECT v FROM (SELECT left(CAST(c{index} AS VARCHAR), {_LONGEST_READ}) AS v FROM t "  # noqa: S608
            f"WHERE c{index} IS NOT NULL) USING SAMPLE reservoir({at_most:d} ROWS) REPEATABLE (1)"
        )
        return [value for (value,) in rows]

    def rare(self, among: Sequence[int], below: int) -> int:
        """How many rows share what they have in all of these columns with fewer rows than `below`, themselves counted;
        rows with a gap are left out."""
        names = ", ".join(self._comparable(index) for index in among)
        filled = " AND ".join(f"c{index} IS NOT NULL" for index in among)
        counted = f"SELECT count(*) AS n FROM t WHERE {filled} GROUP BY {names}"  # noqa: S608
        row = self._desk.ask(f"SELECT coalesce(sum(n), 0) FROM ({counted}) WHERE n < {below:d}")[0]  # noqa: S608
        return int(row[0])

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
            f"SELECT left(CAST(c{index} AS VARCHAR), {LONGEST_VALUE}) AS v, count(*) AS n FROM t "  # noqa: S608
            f"WHERE c{index} IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT {TOP}"
        )
        return [(shown(value, LONGEST_VALUE), count) for value, count in rows]

    def spread(self, index: int) -> Spread | None:
        """Where the finite values of a column of numbers or moments lie; the percentiles are estimates."""
        scale = self._scale(index)
        if scale is None:
            return None
        low, high, percentiles = self._desk.ask(
            f"SELECT min(x), max(x), approx_quantile(x, [0.01, 0.99]) FROM (SELECT {scale} AS x FROM t) "  # noqa: S608
            "WHERE isfinite(x)"
        )[0]
        return Spread(low, high, *percentiles) if low is not None else None

    def placed(self, index: int, edges: list[float]) -> tuple[list[int], int, int]:
        """How many finite values lie from each edge to before the next, below the first, and from the last on."""
        # histogram() counts up to an edge and with it. Seen from below zero, that is from an edge on.
        mirrored = ", ".join(f"{-edge!r}::DOUBLE" for edge in reversed(edges))
        answer = self._desk.ask(
            f"SELECT histogram(-x, [{mirrored}]), count(*) FROM (SELECT {self._scale(index)} AS x FROM t) "  # noqa: S608
            "WHERE isfinite(x)"
        )[0]
        counted = list((answer[0] or {}).values())[: len(edges)]
        return counted[:0:-1], answer[1] - sum(counted), counted[0]

    def rows(self, numbers: list[int], columns: int) -> list[list[str | None]]:
        """These rows of the file, counted from 1, in its order: the first columns, as text."""
        names = [f"c{index}" for index in range(min(columns, len(self.columns)))]
        asked = ", ".join(f"left(CAST({name} AS VARCHAR), {_LONGEST_READ})" for name in names)
        wanted = ", ".join(f"{number:d}" for number in numbers)
        rows = self._desk.ask(
            f"SELECT {asked} FROM (SELECT {', '.join(names)}, row_number() OVER () AS r FROM t) "  # noqa: S608
            f"WHERE r IN ({wanted}) ORDER BY r"
        )
        return [list(row) for row in rows]

    def _scale(self, index: int) -> str | None:
        """A column as numbers of one kind: as they are, seconds since 1970 or seconds since midnight."""
        column = self.columns[index]
        if column.kind == "number":
            return f"TRY_CAST(c{index} AS DOUBLE)"
        return f"epoch(c{index})" if column.is_dated or column.is_clock else None

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
        self.connection.execute("SET TimeZone = 'UTC'")
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
        columns.append(Column(name, shown(type_name, LONGEST_VALUE), _kind(type_name)))
    return columns


def _kind(type_name: str) -> Kind:
    if _NUMBERS.fullmatch(type_name):
        return "number"
    if _MOMENTS.fullmatch(type_name):
        return "moment"
    return "text" if _TEXTS.fullmatch(type_name) else "other"


def _some_at_once(indexes: Sequence[int]) -> list[Sequence[int]]:
    return [indexes[start : start + _COLUMNS_AT_ONCE] for start in range(0, len(indexes), _COLUMNS_AT_ONCE)]


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
