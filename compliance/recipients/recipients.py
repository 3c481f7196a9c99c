"""Who received what, derived from the log alone: partial copies count, and ended licences too. Each recipient's row is
brought up to date with the records that it sums up, so the answer is a look-up however many transfers there were."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from compliance.models import Recipient, RecipientRight, TransferRecord
from exchange.kernel.actors import Actor, Scope

_RESULT = TransferRecord.Result
_READ = (
    *("buyer_id", "first_at", "last_at"),
    *("asset_id", "revision_id", "transfers", "sent_bytes", "size_bytes", "running"),
)
_GROUNDS = (
    *("dataset_id", "revision_id", "buyer_id", "seller_id", "entitlement_id", "agreement_id"),
    *("personal_data", "legal_basis", "purpose", "country_from", "country_to", "mechanism"),
)
"""What tells one right and ground from another."""
Summed = TypeVar("Summed", Recipient, RecipientRight)


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
    """Where a record counts: the rows of the recipient and of its right, or none where nothing left."""

    recipient_id: UUID | None
    right_id: UUID | None
    is_running: bool


NOWHERE = Counted(None, None, False)


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
    file = (record.dataset_id, record.revision_id, record.buyer_id, record.asset_id)
    return Counted(_row_id(file), _row_id(getattr(record, name) for name in _GROUNDS), is_running)


def note(before: Mapping[UUID, Counted], records: Iterable[TransferRecord]) -> None:
    """Count `records` as they are now, where `before` says that they counted otherwise. Callers are one at a time."""
    changed = [(before.get(record.pk, NOWHERE), counted(record), record) for record in records]
    places = [one for was, now, _ in changed for one in (was, now)]
    files = Recipient.objects.in_bulk({one.recipient_id for one in places if one.recipient_id})
    rights = RecipientRight.objects.in_bulk({one.right_id for one in places if one.right_id})
    for was, now, record in changed:
        if was.recipient_id is not None and was.right_id is not None:
            _uncount(files.get(was.recipient_id), was)
            _uncount(rights.get(was.right_id), was)
        if now.recipient_id is None or now.right_id is None:
            continue
        file = files.setdefault(now.recipient_id, _new_file(now.recipient_id, record))
        file.sent_bytes = max(file.sent_bytes, record.sent_bytes)
        file.size_bytes = max(file.size_bytes, record.size_bytes)
        _count(file, now, record)
        right = rights.setdefault(now.right_id, _new_right(now.right_id, record))
        if record.last_at >= right.last_at:
            right.last_transfer_id = record.pk
        _count(right, now, record)
    _keep(Recipient, files.values())
    _keep(RecipientRight, rights.values())


def _uncount(row: Recipient | RecipientRight | None, was: Counted) -> None:
    if row is not None:
        row.transfers -= 1
        row.running -= was.is_running


def _count(row: Recipient | RecipientRight, now: Counted, record: TransferRecord) -> None:
    row.transfers += 1
    row.running += now.is_running
    row.first_at, row.last_at = min(row.first_at, record.started_at), max(row.last_at, record.last_at)


def _keep(model: type[Summed], rows: Iterable[Summed]) -> None:
    columns = [f.attname for f in model._meta.concrete_fields if not f.primary_key]
    model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=columns)


def _row_id(parts: Iterable[object]) -> UUID:
    return UUID(bytes=sha256(":".join(map(str, parts)).encode()).digest()[:16])


def _new_file(recipient_id: UUID, record: TransferRecord) -> Recipient:
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


def _new_right(right_id: UUID, record: TransferRecord) -> RecipientRight:
    return RecipientRight(
        id=right_id,
        **{name: getattr(record, name) for name in _GROUNDS},
        transfers=0,
        running=0,
        first_at=record.started_at,
        last_at=record.last_at,
        last_transfer_id=record.pk,
    )
