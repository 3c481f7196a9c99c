"""How old Events leave the database: a range of sealed leaves is pruned by one row that is never taken back, and only
then do its Events go, a batch at a time. Their hashes stay in the published tiles."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from exchange.kernel.models import Delivery, Event, EventDetail, EventParty, Pruning

Forget = Callable[[Sequence[UUID]], None]
"""Takes away what apps above keep of these Events."""


def begin(first_index: int, stop_index: int, at: datetime) -> Pruning:
    """Decide that the leaves from `first_index` up to `stop_index` go."""
    return Pruning.objects.create(first_index=first_index, stop_index=stop_index, decided_at=at)


def unfinished() -> list[Pruning]:
    """What was decided and is not carried out to its end, the oldest first."""
    return list(Pruning.objects.filter(finished_at=None).order_by("first_index"))


def is_pruned(leaf_index: int) -> bool:
    """Whether it was decided that the leaf at this place goes."""
    return Pruning.objects.filter(first_index__lte=leaf_index, stop_index__gt=leaf_index).exists()


@transaction.atomic
def drop(decided: Pruning, *, parties: QuerySet[Any, UUID], forget: Forget, at_most: int) -> int:
    """Delete up to `at_most` of the Events that were pruned, with all that hangs on them; answers how many. `parties`
    are the ids of all who may have seen one, by which those rows are found."""
    rows = Event.objects.filter(leaf_index__gte=decided.first_index, leaf_index__lt=decided.stop_index)
    ids = list(rows.order_by("leaf_index").values_list("pk", flat=True)[:at_most])
    if not ids:
        return 0
    forget(ids)
    EventDetail.objects.filter(event__in=ids).delete()
    Delivery.objects.filter(event__in=ids).delete()
    _delete(Event.objects.filter(pk__in=ids))
    # After their Events, which the database asks for. Ids of one batch lie close together: a range finds them.
    within = EventParty.objects.filter(event_id__gte=min(ids), event_id__lte=max(ids), event_id__in=ids)
    _delete(within.filter(participant_id__in=parties))
    return len(ids)


def finish(decided: Pruning, at: datetime) -> None:
    """Note that nothing of it is left."""
    Pruning.objects.filter(pk=decided.pk, finished_at=None).update(finished_at=at)


def _delete(rows: QuerySet[Any]) -> None:
    """By one statement: what hangs on these rows is gone, or goes next."""
    rows._raw_delete(rows.db)
