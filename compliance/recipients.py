"""Who received what, derived from the log alone: partial copies count, and ended licences too. Each recipient's row is
brought up to date with the records that it sums up, so the answer is a look-up however many transfers there were."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from compliance.models import Recipient, TransferRecord
from exchange.kernel.actors import Actor, Scope

_RESULT = TransferRecord.Result
_READ = (
    *("buyer_id", "first_at", "last_at"),
    *("asset_id", "revision_id", "transfers", "sent_bytes", "size_bytes", "running"),
)
_COLUMNS = [f.attname for f in Recipient._meta.concrete_fields if not f.primary_key]


@dataclass(frozen=True)
class File:
    """What a buyer has of one asset. `sent_bytes` is the most that one transfer delivered, as far as the log says;
    `is_running` means that more may have left since."""

    asset_id: UUID | None
    revision_id: UUID | None
    transfers: int
    sent_bytes: int
    size_bytes: int
    is_running: bool

    @property
    def is_whole(self) -> bool:
        return self.sent_bytes >= self.size_bytes


@dataclass
class Received:
    """One recipient, with all that it has."""

    buyer_id: UUID
    first_at: datetime
    last_at: datetime
    files: list[File] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return all(file.is_whole for file in self.files)

    @property
    def is_running(self) -> bool:
        return any(file.is_running for file in self.files)

    @property
    def transfers(self) -> int:
        return sum(file.transfers for file in self.files)


@dataclass(frozen=True)
class Counted:
    """Where a record counts: the recipient's row, or none where nothing left."""

    recipient_id: UUID | None
    is_running: bool


NOWHERE = Counted(None, False)


def of(dataset_id: UUID, revision_id: UUID | None = None, *, visible_to: Actor) -> list[Received]:
    """The recipients of a dataset, or of one revision of it, the latest first; for officers alone. A running transfer
    counts, though its leaves may not yet say how much has left."""
    visible_to.require(Scope.AUDIT)
    rows = Recipient.objects.filter(dataset_id=dataset_id, transfers__gt=0)
    if revision_id is not None:
        rows = rows.filter(revision_id=revision_id)
    found: dict[UUID, Received] = {}
    for buyer_id, first_at, last_at, asset, revision, count, sent, size, running in rows.order_by(
        "buyer_id", "revision_id", "asset_id"
    ).values_list(*_READ):
        one = found.setdefault(buyer_id, Received(buyer_id, first_at, last_at))
        one.first_at, one.last_at = min(one.first_at, first_at), max(one.last_at, last_at)
        one.files.append(File(asset, revision, count, sent, size, running > 0))
    return sorted(found.values(), key=lambda one: one.last_at, reverse=True)


def counted(record: TransferRecord) -> Counted:
    """Where this record counts, as it is now."""
    is_running = record.result == _RESULT.RUNNING
    is_empty = record.size_bytes == 0 and record.result == _RESULT.COMPLETED
    if record.buyer_id is None or not (record.sent_bytes or is_empty or is_running):
        return NOWHERE
    named = f"{record.dataset_id}:{record.revision_id}:{record.buyer_id}:{record.asset_id}"
    return Counted(UUID(bytes=sha256(named.encode()).digest()[:16]), is_running)


def note(before: Mapping[UUID, Counted], records: Iterable[TransferRecord]) -> None:
    """Count `records` as they are now, where `before` says that they counted otherwise. Callers are one at a time."""
    changed = [(before.get(record.pk, NOWHERE), counted(record), record) for record in records]
    ids = {one.recipient_id for was, now, _ in changed for one in (was, now) if one.recipient_id}
    rows = Recipient.objects.in_bulk(ids)
    for was, now, record in changed:
        if was.recipient_id is not None and (row := rows.get(was.recipient_id)) is not None:
            row.transfers -= 1
            row.running -= was.is_running
        if now.recipient_id is not None:
            row = rows.setdefault(now.recipient_id, _new(now.recipient_id, record))
            row.transfers += 1
            row.running += now.is_running
            row.sent_bytes, row.size_bytes = (
                max(row.sent_bytes, record.sent_bytes),
                max(row.size_bytes, record.size_bytes),
            )
            row.first_at, row.last_at = (
                min(row.first_at, record.started_at),
                max(row.last_at, record.last_at),
            )
    Recipient.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS
    )


def _new(recipient_id: UUID, record: TransferRecord) -> Recipient:
    assert record.buyer_id is not None, "counted() asks for one"
    return Recipient(
        id=recipient_id,
        dataset_id=record.dataset_id,
        revision_id=record.revision_id,
        buyer_id=record.buyer_id,
        asset_id=record.asset_id,
        transfers=0,
        running=0,
        sent_bytes=0,
        size_bytes=0,
        first_at=record.started_at,
        last_at=record.last_at,
    )
