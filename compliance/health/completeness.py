"""Is the log complete? Every night the tokens that were given out, what the gateways saw leaving, and the log are
compared; what one of them knows and another does not is kept, shown to officers, and counted."""

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from compliance.health import access
from compliance.models import Comparison, Mismatch, TransferRecord
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp

Kind = Mismatch.Kind
Result = TransferRecord.Result
Item = TypeVar("Item")

SETTLING = timedelta(minutes=10)  # what is younger may still be on its way into the log
FIRST_LOOK = timedelta(days=1)
_EARLIEST_TOKEN = timedelta(days=2)  # before the window: a token lives for minutes
_BEFORE = timedelta(days=1)
_AT_ONCE = 500

_TABLES = """
CREATE TABLE token (token TEXT PRIMARY KEY, entitlement TEXT, asset TEXT) WITHOUT ROWID;
CREATE TABLE access (transfer TEXT, token TEXT, at TEXT, sent INTEGER, link INTEGER);
"""
_BY_TRANSFER = """
CREATE INDEX access_of_transfer ON access (transfer);
"""
_SUMMED = """
SELECT transfer, sum(coalesce(sent, 0)), sum(sent IS NULL) - sum(sent IS NOT NULL), max(link), count(*)
FROM access WHERE transfer IN (SELECT transfer FROM access WHERE sent IS NULL AND at >= ? AND at < ?)
GROUP BY transfer
"""
_UNKNOWN_TOKENS = """
SELECT DISTINCT access.token, access.transfer FROM access LEFT JOIN token ON token.token = access.token
WHERE access.sent IS NULL AND access.at >= ? AND access.at < ? AND token.token IS NULL
"""
_KNOWN = "SELECT transfer FROM access WHERE transfer IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class Summary:
    """What one comparison came to."""

    tokens: int
    transfers: int
    unmatched: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the gateways saw of one transfer: `unfinished` are requests whose end nobody noted."""

    transfer_id: UUID
    sent: int
    unfinished: int
    is_link: bool


def compare(*, now: datetime) -> Summary:
    """Compare everything since the last comparison, and keep what does not match."""
    last = Comparison.objects.order_by("-until").values_list("until", flat=True).first()
    return compare_between(last or now - FIRST_LOOK, now - SETTLING, now=now)


def compare_between(since: datetime, until: datetime, *, now: datetime) -> Summary:
    """Compare the tokens, the gateways' record and the log of a window; a mismatch that is known stays as it is."""
    with (
        tempfile.TemporaryDirectory(prefix="comparison-") as folder,
        closing(sqlite3.connect(Path(folder) / "seen.sqlite3")) as seen,
    ):
        tokens = _load(seen, since, until)
        found = [
            *_of_seen(seen, since, until),
            *_of_tokens(seen, since, until),
            *_of_log(seen, since, until),
        ]
        transfers = sum(1 for _ in seen.execute(_SUMMED, _window(since, until)))
    return _keep(found, Summary(tokens, transfers, len(found)), since, until, now)


def keep_unexplained_read(read_id: UUID, request_id: str, sent_bytes: int, *, by: Actor) -> None:
    """Keep that storage's own log has a read which no link explains, in the transaction that keeps the read."""
    about, detail = f"bucketread:{read_id}", f"request:{request_id}"
    _keep_one(Mismatch(kind=Kind.STORAGE_READ, subject=about, detail=detail, sent_bytes=sent_bytes), by)


def unmatched_visible_to(actor: Actor) -> QuerySet[Mismatch]:
    """Everything that did not match, for officers."""
    actor.require(Scope.AUDIT)
    return Mismatch.objects.all()


def last_comparison(actor: Actor) -> Comparison | None:
    """When the log was last compared, with what result; for officers."""
    actor.require(Scope.AUDIT)
    return Comparison.objects.order_by("-until").first()


def _load(seen: sqlite3.Connection, since: datetime, until: datetime) -> int:
    """Bring the files of the window into a database of their own, on disk: they may be larger than memory."""
    seen.executescript(_TABLES)
    for day in _days(since - _EARLIEST_TOKEN, until):
        rows = ((one.token, one.entitlement_id, one.asset_id) for one in access.tokens_of(day))
        seen.executemany("INSERT OR IGNORE INTO token VALUES (?, ?, ?)", rows)
    for day in _days(since - _BEFORE, until + timedelta(days=1)):
        found = ((a.transfer_id, a.token, a.at, a.sent, a.is_link) for a in access.accesses_of(day))
        seen.executemany("INSERT INTO access VALUES (?, ?, ?, ?, ?)", found)
    seen.executescript(_BY_TRANSFER)
    return int(seen.execute("SELECT count(*) FROM token").fetchone()[0])


def _of_seen(seen: sqlite3.Connection, since: datetime, until: datetime) -> Iterator[Mismatch]:
    """Bytes that left, and the log does not say so, or says another number."""
    rows = seen.execute(_SUMMED, _window(since, until))
    for batch in _in_batches(
        _Seen(UUID(t), sent, unfinished, bool(link)) for t, sent, unfinished, link, _ in rows
    ):
        subjects = [f"transfer:{one.transfer_id}" for one in batch]
        begun = set(
            Event.objects.filter(subject__in=subjects, name="transfer.started").values_list(
                "subject", flat=True
            )
        )
        records = TransferRecord.objects.in_bulk([one.transfer_id for one in batch])
        for one, subject in zip(batch, subjects, strict=True):
            record = records.get(one.transfer_id)
            if subject not in begun:
                yield Mismatch(kind=Kind.UNLOGGED, subject=subject, sent_bytes=one.sent)
            elif record is not None and (kind := _disagreement(one, record, since)) is not None:
                logged = record.sent_bytes
                yield Mismatch(kind=kind, subject=subject, sent_bytes=one.sent, logged_bytes=logged)


def _disagreement(one: _Seen, record: TransferRecord, since: datetime) -> Mismatch.Kind | None:
    is_over = record.result in (Result.ABORTED, Result.REVOKED)
    if is_over and one.sent and not record.sent_bytes:
        return Kind.MORE_BYTES
    # What storage sends is counted by its own log, a killed gateway noted no end, and of a transfer that began long
    # ago the first part was looked at in its time.
    is_counted = not one.is_link and not one.unfinished and record.started_at >= since - _BEFORE
    is_short = record.result == Result.COMPLETED and one.sent < record.size_bytes
    return Kind.FEWER_BYTES if is_short and is_counted else None


def _of_tokens(seen: sqlite3.Connection, since: datetime, until: datetime) -> Iterator[Mismatch]:
    """Bytes that left by a token that nobody gave out: somebody else has the key that signs them."""
    rows = seen.execute(_UNKNOWN_TOKENS, _window(since, until))
    for token, transfer in rows:
        yield Mismatch(kind=Kind.UNKNOWN_TOKEN, subject=f"token:{token}", detail=f"transfer:{transfer}")


def _of_log(seen: sqlite3.Connection, since: datetime, until: datetime) -> Iterator[Mismatch]:
    """Bytes that the log says have left, and no gateway saw them."""
    told = TransferRecord.objects.filter(started_at__gte=since, started_at__lt=until, sent_bytes__gt=0)
    rows = told.exclude(result=Result.REFUSED).order_by("started_at").values_list("pk", "sent_bytes")
    for batch in _in_batches(rows.iterator(chunk_size=_AT_ONCE)):
        ids = json.dumps([str(record_id) for record_id, _ in batch])
        known = {transfer for (transfer,) in seen.execute(_KNOWN, (ids,))}
        for record_id, sent in batch:
            if str(record_id) not in known:
                yield Mismatch(kind=Kind.UNSEEN, subject=f"transfer:{record_id}", logged_bytes=sent)


@transaction.atomic
def _keep(
    found: Sequence[Mismatch], summary: Summary, since: datetime, until: datetime, now: datetime
) -> Summary:
    by = Actor.system("compare", at=now)
    Comparison.objects.create(
        since=since,
        until=until,
        compared_at=now,
        tokens=summary.tokens,
        transfers=summary.transfers,
        unmatched=summary.unmatched,
    )
    known = set(Mismatch.objects.values_list("kind", "subject")) if found else set()
    for mismatch in found:
        if (mismatch.kind, mismatch.subject) not in known:
            known.add((mismatch.kind, mismatch.subject))
            _keep_one(mismatch, by)
    return summary


def _keep_one(mismatch: Mismatch, by: Actor) -> None:
    mismatch.found_at = by.at
    mismatch.save(force_insert=True)
    events.record("mismatch.found", mismatch, by=by)


def _window(since: datetime, until: datetime) -> tuple[str, str]:
    """Timestamps in the record's own spelling, which is in order as text."""
    return timestamp(since)[:-1], timestamp(until)[:-1]


def _days(since: datetime, until: datetime) -> Iterator[date]:
    day, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _in_batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch
