"""What has left since the last note, for many transfers at once: one transaction, and a short one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from contracts.models import Transfer
from contracts.transfers import ranges, transfers


@dataclass(frozen=True)
class Note:
    """The pieces of one transfer that were handed over, and when the last of them was."""

    transfer_id: UUID
    pieces: Sequence[ranges.Range]
    at: datetime


def keep(notes: Sequence[Note]) -> list[None]:
    """Write all of them. A transfer that somebody else holds, or that is complete now, is written by itself."""
    if len(notes) > 1:
        with transaction.atomic():
            alone: Sequence[Note] = _together(notes)
    else:
        alone = notes
    for note in alone:
        transfers.progress(note.transfer_id, note.pieces, now=note.at)
    return [None] * len(notes)


def _together(notes: Sequence[Note]) -> list[Note]:
    """Update those that are free in one statement; answers the others."""
    # Whoever waits for several rows may wait for ever, so what is held is left out.
    free = Transfer.objects.select_for_update(skip_locked=True).filter(pk__in={n.transfer_id for n in notes})
    rows = {row.pk: row for row in free.order_by("pk")}
    alone, changed = [], {}
    for note in notes:
        row = rows.get(note.transfer_id)
        merged = ranges.merged([*row.sent_ranges, *note.pieces]) if row is not None else []
        if row is None or ranges.covered(merged) == row.size_bytes:
            alone.append(note)
            continue
        row.sent_ranges, row.sent_bytes = merged, ranges.covered(merged)
        row.spent_bytes += sum(after_last - first for first, after_last in note.pieces)
        row.active_at = max(row.active_at, note.at)
        changed[row.pk] = row
    Transfer.objects.bulk_update(
        changed.values(), ["sent_ranges", "sent_bytes", "spent_bytes", "active_at"], batch_size=100
    )
    return alone
