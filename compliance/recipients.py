"""Who received what, derived from the log alone: partial copies count, and ended licences too."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from compliance.models import TransferRecord

Result = TransferRecord.Result


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


def of(records: QuerySet[TransferRecord]) -> list[Received]:
    """The recipients among these rows, the latest first. A running transfer counts, though its leaves may not yet
    say how much has left."""
    left = records.filter(
        Q(sent_bytes__gt=0) | Q(size_bytes=0, result=Result.COMPLETED) | Q(result=Result.RUNNING)
    )
    rows = left.exclude(buyer_id=None).values("buyer_id", "asset_id", "revision_id")
    summed = rows.annotate(
        count=Count("pk"),
        sent=Max("sent_bytes"),
        size=Max("size_bytes"),
        running=Count("pk", filter=Q(result=Result.RUNNING)),
        first=Min("started_at"),
        last=Max("last_at"),
    ).order_by("buyer_id", "revision_id", "asset_id")
    found: dict[UUID, Received] = {}
    for row in summed:
        assert row["buyer_id"] is not None
        one = found.setdefault(row["buyer_id"], Received(row["buyer_id"], row["first"], row["last"]))
        one.first_at, one.last_at = min(one.first_at, row["first"]), max(one.last_at, row["last"])
        one.files.append(
            File(
                row["asset_id"],
                row["revision_id"],
                row["count"],
                row["sent"],
                row["size"],
                bool(row["running"]),
            )
        )
    return sorted(found.values(), key=lambda one: one.last_at, reverse=True)
