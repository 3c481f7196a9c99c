"""Brings the desk's rows up to the log: reads sealed leaves in their order, and keeps how far it came with the rows it
wrote. The desk is a moment behind the log, never before it."""

import logging
import time

from django.db import transaction
from django.db.models import QuerySet

from compliance import queries
from compliance.activities import declared
from compliance.duties import duties
from compliance.informing import derived as informing
from compliance.models import RecordsMark
from compliance.requests import revisions
from compliance.transfers import records
from exchange.kernel.models import Event

LARGEST_BATCH = 250  # a fraction of the pause: sealing waits meanwhile, and on SQLite every writer does
_REST_SECONDS = 30.0

log = logging.getLogger("exchange.records")


class Follower:
    """Follows the log in turn with what must not fail with it, such as sealing: it rests after a failure."""

    def __init__(self) -> None:
        self._rests_until = 0.0

    def step(self) -> bool:
        """Follow one batch; answers whether more waits."""
        if time.monotonic() < self._rests_until:
            return False
        try:
            return follow() == LARGEST_BATCH
        except Exception:
            log.exception("the desk's rows do not follow the log; it is tried again in a while")
            self._rests_until = time.monotonic() + _REST_SECONDS
            return False


def follow(at_most: int = LARGEST_BATCH) -> int:
    """Derive the rows from up to `at_most` more leaves; answers how many, zero also when another follower is at it."""
    # Asked outside the transaction, so that an idle follower takes no write lock.
    if not _sealed_from(queries.followed()).exists():
        return 0
    with transaction.atomic():
        mark = RecordsMark.objects.select_for_update(skip_locked=True).first()
        if mark is None:
            return 0
        waiting = _sealed_from(mark.leaves).order_by("leaf_index").values_list("leaf_index", "name", "leaf")
        batch = [(index, name, bytes(leaf)) for index, name, leaf in waiting[:at_most] if index is not None]
        if not batch:
            return 0
        records.write((index, leaf) for index, name, leaf in batch if records.is_about_transfer(name))
        duties.write((index, leaf) for index, name, leaf in batch if duties.is_about_duty(name))
        informing.write((index, leaf) for index, name, leaf in batch if informing.is_about(name))
        declared.write((index, leaf) for index, name, leaf in batch if declared.is_about(name))
        revisions.write((index, leaf) for index, name, leaf in batch if revisions.is_about(name))
        mark.leaves = batch[-1][0] + 1
        mark.save(update_fields=["leaves"])
    return len(batch)


def _sealed_from(leaves: int) -> QuerySet[Event]:
    return Event.objects.filter(leaf_index__gte=leaves)
