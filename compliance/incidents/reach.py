"""Whom an incident reaches, by the log alone: the holders of the non-personal data that a question finds. Of personal
data it tells only how much there is, for that belongs to a breach."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from compliance import asking
from compliance.models import DeclaredDataset, SealedRevision, TransferRecord
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid

MOST_NAMED = 200
"""Datasets that a row names; there may be more."""
_RESULT = TransferRecord.Result
_LEFT = Q(sent_bytes__gt=0) | Q(result=_RESULT.RUNNING) | Q(size_bytes=0, result=_RESULT.COMPLETED)
_NOT_PERSONAL = "none"


@dataclass(frozen=True)
class Asked:
    """What the log is asked; all that is given must hold. A participant counts as holder and as recipient; times are of
    transfers."""

    dataset: UUID | None = None
    participant: UUID | None = None
    transfer: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def facts(self) -> dict[str, Fact]:
        return asking.facts_of(self)


@dataclass(frozen=True)
class Reached:
    """What of one holder is reached."""

    holder_id: UUID
    datasets: list[str]
    datasets_count: int
    transfers: int
    recipients: int
    first_at: datetime | None
    last_at: datetime | None


def require_sense(asked: Asked) -> None:
    """Invalid for a question that asks nothing, or for a period that ends before it begins."""
    if asked.since and asked.until and asked.since >= asked.until:
        raise Invalid("the period ends after it begins", code="period_wrong")
    if not asked.facts():
        raise Invalid("name a dataset, an organisation, a transfer or a period", code="incident_scope_empty")


def personal_of(asked: Asked) -> int:
    """How many transfers of personal data the question finds."""
    return _left(asked).exclude(personal_data=_NOT_PERSONAL).count()


def holders_of(asked: Asked) -> Iterator[Reached]:
    """Each holder of what is reached: by transfers under which something left, and, where a dataset or a holder is
    named without a time, also by what nobody has taken yet."""
    rows = _left(asked).filter(personal_data=_NOT_PERSONAL).exclude(seller_id=None).order_by()
    datasets = _datasets(rows)
    for holder_id, dataset_id in _shared(asked):
        datasets.setdefault(holder_id, set()).add(str(dataset_id))
    found = rows.values("seller_id").annotate(
        count=Count("pk"),
        buyers=Count("buyer_id", distinct=True),
        first=Min("started_at"),
        last=Max("last_at"),
    )
    sums = {row["seller_id"]: row for row in found}
    for holder_id in sorted(datasets):
        mine, summed = sorted(datasets[holder_id]), sums.get(holder_id)
        yield Reached(
            holder_id,
            mine[:MOST_NAMED],
            len(mine),
            summed["count"] if summed else 0,
            summed["buyers"] if summed else 0,
            summed["first"] if summed else None,
            summed["last"] if summed else None,
        )


def _left(asked: Asked) -> QuerySet[TransferRecord]:
    """The transfers under which something left, of those that are asked for."""
    found = TransferRecord.objects.filter(_LEFT)
    if asked.dataset:
        found = found.filter(dataset_id=asked.dataset)
    if asked.participant:
        found = found.filter(Q(seller_id=asked.participant) | Q(buyer_id=asked.participant))
    if asked.transfer:
        found = found.filter(pk=asked.transfer)
    if asked.since:
        found = found.filter(last_at__gte=asked.since)
    return found.filter(started_at__lt=asked.until) if asked.until else found


def _datasets(rows: QuerySet[TransferRecord]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for seller_id, dataset_id in rows.values_list("seller_id", "dataset_id").distinct():
        assert seller_id is not None, "they were left out above"
        found.setdefault(seller_id, set()).update([str(dataset_id)] if dataset_id else [])
    return found


def _shared(asked: Asked) -> Iterator[tuple[UUID, UUID]]:
    """What the exchange holds of the data that is named, taken or not: who may reach a file need take none by a
    transfer."""
    if asked.transfer or asked.since or asked.until or not (asked.dataset or asked.participant):
        return
    sealed = SealedRevision.objects.order_by()
    if asked.dataset:
        sealed = sealed.filter(dataset_id=asked.dataset)
    if asked.participant:
        sealed = sealed.filter(seller_id=asked.participant)
    declared = DeclaredDataset.objects.filter(personal_data=_NOT_PERSONAL).values("pk")
    yield from sealed.filter(dataset_id__in=declared).values_list("seller_id", "dataset_id").distinct()
