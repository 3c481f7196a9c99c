"""The desk's rows, derived from leaves alone: what the Events of a transfer, or of a refused attempt, come to.
A leaf that says too little leaves its row with gaps, and never stops the sequencer."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.flows import counts as flows
from compliance.models import TransferRecord
from compliance.notices import following
from compliance.proofs.receipts import Entry
from compliance.recipients import recipients
from compliance.transfers import day_counts

Result = TransferRecord.Result

log = logging.getLogger("exchange.records")

_RESULTS: Mapping[str, Result | None] = {  # None: how much left, not how it goes
    "transfer.started": Result.RUNNING,
    "transfer.interrupted": Result.INTERRUPTED,
    "transfer.resumed": Result.RUNNING,
    "transfer.completed": Result.COMPLETED,
    "transfer.aborted": Result.ABORTED,
    "transfer.revoked": Result.REVOKED,
    "transfer.refused": Result.REFUSED,
    "transfer.reconciled": None,
}
_FINAL = {Result.COMPLETED, Result.ABORTED, Result.REVOKED, Result.REFUSED}
_NOUNS = ("seller", "buyer", "dataset", "revision", "asset", "entitlement", "agreement")
_IDS = {noun: f"{noun}_id" for noun in _NOUNS}  # fact: the row's column
_WORDS = {
    "class": "personal_data",
    "country_from": "country_from",
    "country_to": "country_to",
    "mechanism": "mechanism",
    "purpose": "purpose",
    "legal_basis": "legal_basis",
}
_OPTIONAL = {"legal_basis"}  # nothing personal needs none
_GREATEST = 2**63
_LONGEST = {f.attname: f.max_length for f in TransferRecord._meta.concrete_fields}
_COLUMNS = [f.attname for f in TransferRecord._meta.concrete_fields if not f.primary_key]


def is_about_transfer(event_name: str) -> bool:
    """Whether leaves of this name change a row of the desk."""
    return event_name in _RESULTS


def write(entries: Iterable[Entry]) -> int:
    """Bring the rows up to date with these leaves, in their order; answers how many rows changed."""
    stated = [found for entry in entries if (found := _read(*entry)) is not None]
    rows = TransferRecord.objects.in_bulk({statement.record_id for statement in stated})
    before = {record_id: recipients.counted(row) for record_id, row in rows.items()}
    flowed = {record_id: flows.counted(row) for record_id, row in rows.items()}
    days = {record_id: day_counts.counted(row) for record_id, row in rows.items()}
    for statement in stated:
        rows[statement.record_id] = fold(rows.get(statement.record_id), statement)
    TransferRecord.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS
    )
    recipients.note(before, rows.values())
    flows.note(flowed, rows.values())
    day_counts.note(days, rows.values())
    following.follow(_leaving(rows.values()), _begun(stated))
    return len(rows)


def _leaving(rows: Iterable[TransferRecord]) -> list[TransferRecord]:
    """Those by which something left, or leaves."""
    return [row for row in rows if recipients.counted(row).recipient_id is not None]


def _begun(stated: Iterable["Statement"]) -> dict[UUID, datetime]:
    """When each transfer last began, or went on."""
    found: dict[UUID, datetime] = {}
    for one in stated:
        if _RESULTS[one.name] == Result.RUNNING:
            found[one.record_id] = max(one.at, found.get(one.record_id, one.at))
    return found


@dataclass(frozen=True)
class Statement:
    """What one leaf says of one transfer or refused attempt."""

    index: int
    name: str
    record_id: UUID
    at: datetime
    facts: Mapping[str, object]


def fold(row: TransferRecord | None, statement: Statement) -> TransferRecord:
    """The row after one more leaf. Clocks of several machines differ, so leaves may come out of their order:
    an end stays an end, and what a row knows is only added to."""
    result, index, at = _RESULTS[statement.name], statement.index, statement.at
    facts = _Facts(statement)
    if row is None:
        row = TransferRecord(
            id=statement.record_id, result=Result.RUNNING, size_bytes=0, sent_bytes=0, started_at=at, last_at=at
        )
        row.first_leaf = row.last_leaf = index
        is_news = True
    else:
        is_news = row.result not in _FINAL and (result in _FINAL or at >= row.last_at)
    for name, column in _IDS.items():
        if getattr(row, column) is None:
            setattr(row, column, facts.opaque_id(name))
    for name, column in _WORDS.items():
        if not getattr(row, column):
            setattr(row, column, facts.word(name, column))
    row.size_bytes = max(row.size_bytes, facts.number("size_bytes"))
    row.sent_bytes = max(row.sent_bytes, facts.number("sent_bytes"))
    if is_news and result is not None:
        row.result = result
        row.reason = facts.word("code", "reason") if result != Result.RUNNING else ""
    row.started_at, row.last_at = min(row.started_at, at), max(row.last_at, at)
    row.first_leaf, row.last_leaf = min(row.first_leaf, index), max(row.last_leaf, index)
    if statement.name == "transfer.started":
        facts.report_gaps(row)
    return row


class _Facts:
    """A leaf's facts, each read so that the database can hold it; what cannot be read is empty."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement

    def opaque_id(self, name: str) -> UUID | None:
        value = self._statement.facts.get(name)
        return _uuid(value) if isinstance(value, str) else None

    def word(self, name: str, column: str) -> str:
        value = self._statement.facts.get(name)
        return value if isinstance(value, str) and _can_be_held(value, _LONGEST[column]) else ""

    def number(self, name: str) -> int:
        value = self._statement.facts.get(name)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
            value = int(value)
        is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _GREATEST
        return value if is_count and isinstance(value, int) else 0

    def report_gaps(self, row: TransferRecord) -> None:
        """Say what the start of a transfer left empty in its row."""
        gaps = [name for name, column in _IDS.items() if getattr(row, column) is None]
        gaps += [name for name, column in _WORDS.items() if name not in _OPTIONAL and not getattr(row, column)]
        if "size_bytes" not in self._statement.facts:
            gaps.append("size_bytes")
        if gaps:
            log.error("%s at leaf %s lacks %s", self._statement.name, self._statement.index, ", ".join(gaps))


def _read(index: int, leaf: bytes) -> Statement | None:
    """What the leaf states; None, and an error in the log, when it cannot be read as a transfer's."""
    try:
        body = json.loads(leaf)
        name, at = body["type"], datetime.fromisoformat(body["ts"])
        noun, _, subject_id = body["subject"].partition(":")
        record_id = UUID(subject_id if noun == "transfer" else body["id"])
        facts = body["facts"]
    except (ValueError, KeyError, TypeError, AttributeError):
        log.error("leaf %s cannot be read as an Event of a transfer", index)
        return None
    if name not in _RESULTS or at.tzinfo is None or not isinstance(facts, dict):
        log.error("leaf %s cannot be read as an Event of a transfer", index)
        return None
    return Statement(index, name, record_id, at, facts)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _can_be_held(value: str, longest: int | None) -> bool:
    return "\x00" not in value and (longest is None or len(value) <= longest)
