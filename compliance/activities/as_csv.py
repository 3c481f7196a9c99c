"""A register as CSV (RFC 4180), and back: a row for the whole register and one for each activity. No cell is one that a
spreadsheet would run, and each comes back as it was."""

import csv
import io
from collections.abc import Iterator

from compliance.activities import codes, parts
from compliance.activities.imported import Entry, unreadable
from compliance.activities.shape import Activity, Completed, Register

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "'")
_HEAD = ("activity", "role", "kind", "since", "changed_at", "reviewed_at", "review_due_at", "warnings")
_PARTS = tuple(dict.fromkeys((*parts.OF_REGISTER, *parts.OF_ACTIVITY)))
_CONTACTS = tuple(dict.fromkeys((*parts.CONTACTS_OF_REGISTER, *parts.CONTACTS_OF_ACTIVITY)))
COLUMNS = (*_HEAD, *codes.DERIVED, *(f"part.{one}" for one in _PARTS), *(f"contact.{one}" for one in _CONTACTS))
_BETWEEN = "\n"
_LONGEST_CELL = 1_000_000


def write(register: Register) -> bytes:
    """The register, activities by their keys."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(register):
        writer.writerow([_cell(row.get(name, "")) for name in COLUMNS])
    return text.getvalue().encode()


def read(content: bytes) -> list[Entry]:
    """What a file of this form says; Invalid names the line that cannot be read."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable("it is not UTF-8") from None
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    found = []
    try:
        columns = reader.fieldnames or []
        if columns.count("activity") != 1 or len(set(columns)) < len(columns):
            raise unreadable("its first line names no column “activity”, or one of its columns twice")
        if unknown := sorted(set(columns) - set(COLUMNS)):
            raise unreadable(f"there is no column {unknown[0][:80]!r}")
        for row in reader:
            if None in row or None in row.values():
                raise unreadable(f"line {reader.line_num} has more or fewer cells than the first")
            found.append(_entry({name: _plain(value) for name, value in row.items()}))
    except csv.Error as error:
        raise unreadable(f"line {reader.line_num}: {error}") from None
    return found


def _rows(register: Register) -> Iterator[dict[str, str]]:
    yield {"activity": "", "role": "", **_by_hand("", register.head)}
    for one in sorted(register.activities, key=lambda each: each.key):
        yield {**_of(one), **_by_hand(one.key, one.completed)}


def _of(activity: Activity) -> dict[str, str]:
    derived = {name: _BETWEEN.join(values) for name, values in codes.of_derived(activity.derived).items()}
    return {
        "activity": activity.key,
        "role": activity.role,
        "kind": activity.kind,
        "since": codes.moment(activity.since),
        "changed_at": codes.moment(activity.changed_at),
        "reviewed_at": codes.moment(activity.reviewed.at),
        "review_due_at": codes.moment(activity.reviewed.due_at),
        "warnings": _BETWEEN.join(codes.of_warnings(activity)),
        **derived,
    }


def _by_hand(activity: str, completed: Completed) -> dict[str, str]:
    said = {f"part.{name}": value for name, value in codes.parts_in_order(activity, completed).items()}
    named = {f"contact.{name}": value for name, value in codes.contacts_in_order(activity, completed).items()}
    return said | named


def _entry(row: dict[str, str]) -> Entry:
    return Entry(
        activity=row["activity"],
        parts={name: row[f"part.{name}"] for name in _PARTS if row.get(f"part.{name}")},
        contacts={name: row[f"contact.{name}"] for name in _CONTACTS if row.get(f"contact.{name}")},
        derived={name: row[name].split(_BETWEEN) if row[name] else [] for name in codes.DERIVED if name in row},
    )


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_RUN_BY_SPREADSHEETS) else value


def _plain(value: str) -> str:
    return value.removeprefix("'")
