"""What was told, and how it goes when its time is over: of notices to recipients the words go, and who was told stays;
notices to members go whole."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from compliance.models import (
    LegalHold,
    NoticeAnswer,
    NoticeAttempt,
    NoticeRow,
    RecipientNotice,
    SubjectRequest,
    TransferRecord,
)
from compliance.retention.held import Standing
from exchange.kernel.actors import Actor
from exchange.kernel.models import EventDetail
from exchange.participants.models import Notice, Pseudonym

Scope = LegalHold.Scope
_AT_ONCE = 500


def recipient_notices(cutoff: datetime) -> QuerySet[RecipientNotice]:
    """Notices that were settled by then, of which something that people wrote is still kept."""
    answers = NoticeAnswer.objects.filter(row__notice=OuterRef("pk"), answered_at__lt=cutoff)
    said = answers.exclude(remark="", passed_on="")
    over = RecipientNotice.objects.filter(state=RecipientNotice.State.SETTLED, settled_at__lt=cutoff)
    return over.filter(~Q(message="") | Exists(said))


def held_recipient_notices(rows: Sequence[RecipientNotice], standing: Standing) -> set[object]:
    """Those that a hold covers: by time, dataset, seller, recipient, contract of the dataset, or request; a hold on a
    person covers what was asked for them, and what they answered."""
    asked = standing.targets[Scope.REQUEST] | _requests_of(standing.targets[Scope.PERSON])
    datasets = standing.targets[Scope.DATASET] | _datasets_of(standing.targets[Scope.AGREEMENT])
    return {
        row.pk
        for row in rows
        if str(row.dataset_id) in datasets
        or str(row.seller_id) in standing.targets[Scope.PARTICIPANT]
        or row.occasion.partition(":")[2] in asked
        or standing.covers_time(row.opened_at, row.settled_at or row.opened_at)
    } | _answered_by_held(rows, standing)


def empty_recipient_notices(rows: Sequence[RecipientNotice], by: Actor) -> None:
    """The words go, also from beside the Events; the rows stay, as the log has them: who was told, when, and what each
    did."""
    ids = [row.pk for row in rows]
    _forget_details([f"recipientnotice:{pk}" for pk in ids])
    for some in _together(_with_words(ids)):
        _forget_details([f"noticerow:{pk}" for pk in some])
    RecipientNotice.objects.filter(pk__in=ids).update(message="")
    NoticeRow.objects.filter(notice__in=ids).exclude(reason="").update(reason="")
    answers = NoticeAnswer.objects.filter(row__notice__in=ids)
    answers.exclude(remark="", passed_on="").update(remark="", passed_on="")
    NoticeAttempt.objects.filter(row__notice__in=ids).exclude(evidence="").update(evidence="")


def member_notices(cutoff: datetime) -> QuerySet[Notice]:
    """What members were told before then, read or not."""
    return Notice.objects.filter(created_at__lt=cutoff).select_related("member")


def held_member_notices(rows: Sequence[Notice], standing: Standing) -> set[object]:
    """Those that a hold covers: by time, by member or organisation, or by what the notice names."""
    people = set(
        Pseudonym.objects.filter(name__in=standing.targets[Scope.PERSON]).values_list("member_id", flat=True)
    )
    scopes = (Scope.DATASET, Scope.AGREEMENT, Scope.REQUEST, Scope.PARTICIPANT)
    named = set[str]().union(*(standing.targets[scope] for scope in scopes))
    return {
        row.pk
        for row in rows
        if row.member_id in people
        or str(row.member.participant_id) in named
        or not named.isdisjoint(map(str, row.facts.values()))
        or standing.covers_moment(row.created_at)
    }


def delete_member_notices(rows: Sequence[Notice], by: Actor) -> None:
    Notice.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _with_words(notices: Sequence[UUID]) -> Iterator[UUID]:
    """The rows of these notices beside which somebody wrote something."""
    excused = NoticeRow.objects.filter(notice__in=notices).exclude(reason="")
    answered = NoticeAnswer.objects.filter(row__notice__in=notices).exclude(remark="", passed_on="")
    by_hand = NoticeAttempt.objects.filter(row__notice__in=notices).exclude(evidence="")
    yield from excused.values_list("pk", flat=True).iterator(chunk_size=_AT_ONCE)
    yield from answered.values_list("row_id", flat=True).iterator(chunk_size=_AT_ONCE)
    yield from by_hand.values_list("row_id", flat=True).iterator(chunk_size=_AT_ONCE)


def _together(ids: Iterator[UUID]) -> Iterator[list[UUID]]:
    while some := list(islice(ids, _AT_ONCE)):
        yield some


def _forget_details(subjects: Sequence[str]) -> None:
    EventDetail.objects.filter(event__subject__in=subjects).delete()


def _requests_of(names: set[str]) -> set[str]:
    found = SubjectRequest.objects.filter(person__in=names) if names else SubjectRequest.objects.none()
    return {str(pk) for pk in found.values_list("pk", flat=True)}


def _datasets_of(agreements: set[str]) -> set[str]:
    if not agreements:
        return set()
    found = TransferRecord.objects.filter(agreement_id__in=agreements).order_by()
    return {str(pk) for pk in found.values_list("dataset_id", flat=True).distinct()}


def _answered_by_held(rows: Sequence[RecipientNotice], standing: Standing) -> set[object]:
    organisations, people = standing.targets[Scope.PARTICIPANT], standing.targets[Scope.PERSON]
    found: set[object] = set()
    if organisations:
        told = NoticeRow.objects.filter(notice__in=rows, buyer_id__in=organisations)
        found.update(told.values_list("notice_id", flat=True))
    if people:
        said = NoticeAnswer.objects.filter(row__notice__in=rows, answered_by__in=people)
        found.update(said.values_list("row__notice_id", flat=True))
    return found
