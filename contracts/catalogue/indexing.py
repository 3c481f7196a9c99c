"""Keeps the search index in step with the database. What changed is marked in a row of its own, which goes only when
the index holds what was read after it: a rival, a killed writer or a rebuild in between costs a delay, never a
change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from contracts.catalogue.entries import documents_of
from contracts.models import Offer, StaleEntry
from datasets import search
from datasets.models import Dataset, Revision
from datasets.search import Document, Unreadable
from exchange.kernel.ids import new_id

BATCH = 500


def renew_dataset(dataset_id: UUID) -> None:
    """Have the index say what is true of this dataset now."""
    _renew([dataset_id])


def renew_offer(offer_id: UUID) -> None:
    """The same of the dataset that an offer is on."""
    _renew(Offer.objects.filter(pk=offer_id).values_list("dataset_id", flat=True))


def renew_group(group_id: UUID) -> None:
    """The same of the datasets whose offers exist for a group."""
    offers = Offer.objects.filter(groups__group=group_id, state=Offer.State.PUBLISHED)
    _renew(offers.order_by("dataset_id").values_list("dataset_id", flat=True).distinct())


def renew_revision(revision_id: UUID) -> None:
    """The same of a revision's dataset."""
    _renew(Revision.objects.filter(pk=revision_id).values_list("dataset_id", flat=True))


def renew_seller(seller_id: UUID) -> None:
    """The same of everything that a participant sells."""
    _renew(Dataset.objects.filter(seller_id=seller_id).order_by("pk").values_list("pk", flat=True))


def refresh() -> int:
    """Bring the index up to date, or build it where there is none; answers how many datasets were read.

    Where another process is at it, it does this work too: it looks for marks again after its turn.
    """
    count = 0
    while StaleEntry.objects.exists() or not search.is_ready():
        with search.turn_to_write(wait=False) as is_mine:
            if not is_mine:
                break
            count += _take_stale() if search.is_ready() else _build()
    return count


def rebuild() -> int:
    """Build the index from nothing, whatever it says now; answers how many datasets it holds."""
    with search.turn_to_write(wait=True):
        return _build()


@dataclass(frozen=True)
class IndexState:
    """`documents` is None where the index cannot be read; it should be as many as there are `datasets`."""

    documents: int | None
    datasets: int
    stale: int


def state() -> IndexState:
    """How the index stands beside the database."""
    try:
        documents = search.size()
    except Unreadable:
        documents = None
    return IndexState(documents, Dataset.objects.count(), StaleEntry.objects.count())


def _take_stale() -> int:
    """Read what is marked and write it, batch after batch."""
    count = 0
    while stale := list(StaleEntry.objects.order_by("pk")[:BATCH]):
        ids = [entry.dataset_id for entry in stale]
        try:
            search.write(ids, documents_of(list(_datasets().filter(pk__in=ids))))
        except Unreadable:
            return count + _build()
        _unmark(stale)
        count += len(ids)
    return count


def _build() -> int:
    """What is marked while it is built is taken afterwards."""
    return search.rebuild(_all_documents())


def _all_documents() -> Iterator[Document]:
    rows, last = _datasets().order_by("pk"), None
    while batch := list((rows.filter(pk__gt=last) if last else rows)[:BATCH]):
        last = batch[-1].pk
        yield from documents_of(batch)


def _datasets() -> QuerySet[Dataset]:
    return Dataset.objects.select_related("seller")


def _renew(dataset_ids: Iterable[UUID]) -> None:
    mark, waiting = new_id(), iter(dataset_ids)
    while batch := [StaleEntry(dataset_id=dataset_id, mark=mark) for dataset_id in islice(waiting, BATCH)]:
        StaleEntry.objects.bulk_create(
            batch, update_conflicts=True, unique_fields=["dataset"], update_fields=["mark"]
        )
    refresh()


@transaction.atomic
def _unmark(stale: Iterable[StaleEntry]) -> None:
    for entry in stale:
        StaleEntry.objects.filter(pk=entry.pk, mark=entry.mark).delete()
