"""Notices go on following the log: who begins to take data that a notice is about gets a row of it, also after the
notice was opened, and who does so after saying that it was done is noted. Called by the desk's follower."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from compliance.models import NoticeRow, RecipientNotice, TransferRecord

Begun = Mapping[UUID, datetime]
"""Transfer -> when its leaves last said that bytes begin to flow."""


def follow(records: Iterable[TransferRecord], begun: Begun) -> None:
    """Bring the rows of notices up to date with transfers by which something left, or leaves."""
    taken = [one for one in records if one.buyer_id is not None and one.dataset_id is not None]
    notices = list(RecipientNotice.objects.filter(dataset_id__in={one.dataset_id for one in taken}))
    if not notices:
        return
    for notice in notices:
        mine = [one for one in taken if one.dataset_id == notice.dataset_id and is_about(notice, one)]
        if not mine:
            continue
        last: dict[UUID, TransferRecord] = {}
        for one in sorted(mine, key=lambda one: one.last_at):
            assert one.buyer_id is not None, "they were left out above"
            last[one.buyer_id] = one
        NoticeRow.objects.bulk_create(
            (
                NoticeRow(
                    notice=notice,
                    buyer_id=buyer_id,
                    is_whole=one.sent_bytes >= one.size_bytes,
                    received_at=one.last_at,
                )
                for buyer_id, one in last.items()
            ),
            ignore_conflicts=True,
        )
        for buyer_id, one in last.items():
            rows = NoticeRow.objects.filter(notice=notice, buyer_id=buyer_id)
            rows.filter(received_at__lt=one.last_at).update(received_at=one.last_at)
        _note_again(notice, mine, begun)


def is_about(notice: RecipientNotice, record: TransferRecord) -> bool:
    """Whether what left by this transfer is what the notice is about."""
    if notice.covers_all:
        return record.started_at <= notice.opened_at
    return str(record.revision_id) in notice.revisions


def _note_again(notice: RecipientNotice, records: Iterable[TransferRecord], begun: Begun) -> None:
    for one in records:
        at = begun.get(one.pk)
        if at is not None and one.buyer_id is not None:
            closed = NoticeRow.objects.filter(
                notice=notice, buyer_id=one.buyer_id, closed_at__lt=at, again_at=None
            )
            closed.filter(state=NoticeRow.State.DONE).update(again_at=at)
