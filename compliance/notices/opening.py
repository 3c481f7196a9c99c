"""Open a notice to all who received some revisions, and take its recipients from the log: in batches, so that a million
of them hold nothing up, and until the desk's rows say all that the log said when the notice was opened."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Max, Q

from compliance import legal
from compliance.models import (
    NoticeRow,
    Recipient,
    RecipientNotice,
    RecordsMark,
    SealedRevision,
    TransferRecord,
)
from compliance.notices import counting, settling
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Invalid
from exchange.kernel.ids import new_ids
from exchange.kernel.models import Event

Kind = Literal["erasure", "correction", "restriction", "revocation", "breach"]
BATCH = 500
REPLACED = (RecipientNotice.Kind.ERASURE, RecipientNotice.Kind.CORRECTION, RecipientNotice.Kind.REVOCATION)
"""Kinds of notices of which a later revision takes the place of the data."""
_NOUNS = ("request", "revision", "breach")


@transaction.atomic
def open_notice(
    *,
    occasion: str,
    kind: Kind,
    dataset_id: UUID,
    revision_ids: Collection[UUID] | None,
    message: str,
    by: Actor,
) -> RecipientNotice:
    """Tell all who received these revisions of a dataset, or any of it, what to do. The same occasion, kind and dataset
    asked again is the same notice; officers and the exchange itself open one."""
    by.require(Scope.AUDIT)
    _require_occasion(occasion)
    said = text.prose(message, name="message", at_least=10, at_most=2_000)
    if revision_ids is not None and not revision_ids:
        raise Invalid("name at least one revision, or none for all of them", code="no_revisions")
    profile = legal.current()
    legal.keep(profile, now=by.at)
    try:
        with transaction.atomic():
            notice = RecipientNotice.objects.create(
                occasion=occasion,
                kind=RecipientNotice.Kind(kind),
                dataset_id=dataset_id,
                seller_id=_seller_of(dataset_id),
                covers_all=revision_ids is None,
                revisions=sorted(str(one) for one in revision_ids or ()),
                message=said,
                replaced_by_id=_replacement(dataset_id, kind, revision_ids),
                profile_version=profile.version,
                profile_sha256=profile.sha256,
                opened_at=by.at,
            )
    except IntegrityError:
        return RecipientNotice.objects.get(occasion=occasion, kind=kind, dataset_id=dataset_id)
    events.record(
        "recipientnotice.opened",
        notice,
        by=by,
        facts={"profile_version": profile.version},
        typed={"message": said},
    )
    _add(_received(notice, after=None))
    return notice


def fill(*, now: datetime, at_most: int = 20) -> int:
    """Take the next recipients of the notices that lack some; answers how many notices it went on with."""
    waiting = RecipientNotice.objects.filter(filled_at=None).order_by("pk")[:at_most]
    return sum(_fill(notice, Actor.system("fill_notices", at=now)) for notice in waiting)


@transaction.atomic
def _fill(notice: RecipientNotice, by: Actor) -> bool:
    current = (
        RecipientNotice.objects.select_for_update(skip_locked=True).filter(pk=notice.pk, filled_at=None).first()
    )
    if current is None or not _is_followed(current):
        return False
    if found := _received(current, after=current.filled_to):
        _add(found)
        RecipientNotice.objects.filter(pk=current.pk).update(filled_to=found[-1].buyer_id)
        counting.begin_if_large(current, now=by.at)
        return True
    RecipientNotice.objects.filter(pk=current.pk).update(filled_at=by.at)
    current.refresh_from_db()
    count = NoticeRow.objects.filter(notice=current).count()
    events.record("recipientnotice.filled", current, by=by, facts={"recipients": count})
    settling.settle(current, by=by)
    return True


def _is_followed(notice: RecipientNotice) -> bool:
    """Whether the desk's rows say all that the log said when the notice was opened."""
    opened = Event.objects.filter(subject=events.subject_of(notice), name="recipientnotice.opened")
    index = opened.values_list("leaf_index", flat=True).first()
    return index is not None and RecordsMark.objects.filter(leaves__gt=index).exists()


def _received(notice: RecipientNotice, *, after: UUID | None) -> list[NoticeRow]:
    """The next recipients of what the notice is about, in the order of their ids, each once; as rows not saved yet."""
    rows = Recipient.objects.filter(dataset_id=notice.dataset_id, transfers__gt=0)
    if notice.covers_all:
        rows = rows.filter(first_at__lte=notice.opened_at)
    else:
        rows = rows.filter(revision_id__in=notice.revisions)
    if after is not None:
        rows = rows.filter(buyer_id__gt=after)
    partial = Count("pk", filter=Q(sent_bytes__lt=F("size_bytes")))
    summed = rows.order_by("buyer_id").values("buyer_id").annotate(partial=partial, last=Max("last_at"))
    some = list(summed[:BATCH])
    return [
        NoticeRow(
            id=row_id,
            notice=notice,
            buyer_id=one["buyer_id"],
            is_whole=not one["partial"],
            received_at=one["last"],
        )
        for row_id, one in zip(new_ids(len(some)), some, strict=True)
    ]


def _add(rows: list[NoticeRow]) -> None:
    """Keep the rows of those recipients that have none."""
    NoticeRow.objects.bulk_create(rows, ignore_conflicts=True)


def _seller_of(dataset_id: UUID) -> UUID | None:
    """Whose dataset it is, as the log says; nobody's where nothing ever left."""
    rows = TransferRecord.objects.filter(dataset_id=dataset_id).exclude(seller_id=None).order_by("-pk")
    return rows.values_list("seller_id", flat=True).first()


def _replacement(dataset_id: UUID, kind: str, revision_ids: Collection[UUID] | None) -> UUID | None:
    """The first revision that the log knows to be made after those that a notice is about; newer ids are greater."""
    if kind not in REPLACED or revision_ids is None:
        return None
    later = SealedRevision.objects.filter(dataset_id=dataset_id, pk__gt=max(revision_ids))
    return later.order_by("pk").values_list("pk", flat=True).first()


def _require_occasion(occasion: str) -> None:
    noun, _, given = occasion.partition(":")
    try:
        is_known = noun in _NOUNS and str(UUID(given)) == given
    except ValueError:
        is_known = False
    if not is_known:
        raise Invalid(
            "an occasion is a request, a revision or a breach, as request:<id>", code="occasion_unknown"
        )
