"""Who may see notices to recipients: officers all of them, a seller those about its data, a recipient its own row."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from compliance.models import NoticeAnswer, NoticeAttempt, NoticeRow, NoticeTally, RecipientNotice
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound


@dataclass(frozen=True)
class Tally:
    """How many recipients stand where; of a large notice as they were at `counted_at`."""

    states: dict[str, int]
    contradictions: int
    counted_at: datetime | None = None

    @property
    def rows(self) -> int:
        return sum(self.states.values())

    @property
    def open(self) -> int:
        return sum(count for state, count in self.states.items() if state in NoticeRow.OPEN)


def notices_visible_to(actor: Actor, occasion: str | None = None) -> QuerySet[RecipientNotice]:
    """All for officers; for a seller those about its own datasets."""
    asked = Q(occasion=occasion) if occasion else Q()
    if actor.can(Scope.AUDIT):
        return RecipientNotice.objects.filter(asked)
    actor.require(Scope.READ)
    if actor.participant_id is None:
        return RecipientNotice.objects.none()
    return RecipientNotice.objects.filter(asked, seller_id=actor.participant_id)


def notice_visible_to(actor: Actor, notice_id: UUID) -> RecipientNotice:
    found = notices_visible_to(actor).filter(pk=notice_id).first()
    if found is None:
        raise NotFound("there is no such notice for you")
    return found


def rows_visible_to(actor: Actor, notice: RecipientNotice | None = None) -> QuerySet[NoticeRow]:
    """All rows for officers; for a seller those of its notices."""
    rows = NoticeRow.objects.select_related("notice")
    if notice is not None:
        rows = rows.filter(notice=notice)
    if actor.can(Scope.AUDIT):
        return rows
    actor.require(Scope.READ)
    if actor.participant_id is None:
        return rows.none()
    return rows.filter(notice__seller_id=actor.participant_id)


def row_visible_to(actor: Actor, row_id: UUID) -> NoticeRow:
    found = rows_visible_to(actor).filter(pk=row_id).first()
    if found is None:
        raise NotFound("there is no such recipient of a notice for you")
    return found


def to_answer_visible_to(actor: Actor) -> QuerySet[NoticeRow]:
    """What the actor's own organisation was told as a recipient."""
    actor.require(Scope.READ)
    if actor.participant_id is None:
        return NoticeRow.objects.none()
    mine = NoticeRow.objects.filter(buyer_id=actor.participant_id).exclude(state=NoticeRow.State.QUEUED)
    return mine.select_related("notice")


def one_to_answer_visible_to(actor: Actor, row_id: UUID) -> NoticeRow:
    found = to_answer_visible_to(actor).filter(pk=row_id).first()
    if found is None:
        raise NotFound("there is no such notice for you")
    return found


def waiting_for(actor: Actor) -> int:
    """How many notices the actor's organisation has still to answer."""
    if actor.participant_id is None or not actor.can(Scope.READ):
        return 0
    waiting = to_answer_visible_to(actor).filter(state__in=NoticeRow.OPEN)
    return waiting.exclude(state=NoticeRow.State.REFUSED)[:100].count()


def open_notices(actor: Actor) -> int:
    """How many notices wait for recipients, for an officer; none for anybody else."""
    if not actor.can(Scope.AUDIT):
        return 0
    return RecipientNotice.objects.filter(state=RecipientNotice.State.OPEN).count()


def tallies(notices: Iterable[RecipientNotice]) -> dict[UUID, Tally]:
    """Where the recipients of these notices stand: kept counts of large ones, and the others with one question."""
    ids = [notice.pk for notice in notices]
    found = {one: Tally({}, 0) for one in ids}
    for kept in NoticeTally.objects.filter(notice__in=ids):
        found[kept.notice_id] = Tally(kept.states, kept.contradictions, kept.counted_at)
    small = [one for one in ids if found[one].counted_at is None]
    counted = NoticeRow.objects.filter(notice__in=small).order_by().values("notice_id", "state")
    contradicted = Q(state__in=NoticeRow.OPEN) & ~Q(contradiction="")
    for row in counted.annotate(count=Count("pk"), against=Count("pk", filter=contradicted)):
        tally = found[row["notice_id"]]
        tally.states[row["state"]] = row["count"]
        found[row["notice_id"]] = Tally(tally.states, tally.contradictions + row["against"])
    return found


def answers_of(rows: Iterable[NoticeRow]) -> dict[UUID, list[NoticeAnswer]]:
    """What was answered for these rows, the first answer first."""
    found: dict[UUID, list[NoticeAnswer]] = {}
    for one in NoticeAnswer.objects.filter(row__in=list(rows)).order_by("pk"):
        found.setdefault(one.row_id, []).append(one)
    return found


def attempts_of(rows: Iterable[NoticeRow]) -> dict[UUID, list[NoticeAttempt]]:
    """How ways to these recipients ended, the first first."""
    found: dict[UUID, list[NoticeAttempt]] = {}
    for one in NoticeAttempt.objects.filter(row__in=list(rows)).order_by("pk"):
        found.setdefault(one.row_id, []).append(one)
    return found


def recipient_of(row_id: UUID) -> tuple[UUID, UUID]:
    """The dataset that a row is about, and the buyer whom it tells; for tasks."""
    row = NoticeRow.objects.select_related("notice").get(pk=row_id)
    return row.notice.dataset_id, row.buyer_id


def is_unanswered(dataset_id: UUID, buyer_id: UUID) -> bool:
    """Whether a buyer's rights to a dataset wait for its answer to a notice; for the apps above."""
    return (dataset_id, buyer_id) in unanswered([dataset_id], [buyer_id])


def unanswered(datasets: Collection[UUID], buyers: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """The same for many: each dataset with each buyer whose answer about it is waited for."""
    about = NoticeRow.objects.filter(notice__dataset_id__in=datasets, buyer_id__in=buyers)
    waiting = about.filter(escalated_at__isnull=False, state__in=NoticeRow.OPEN)
    return set(waiting.order_by().values_list("notice__dataset_id", "buyer_id"))
