"""What an officer does for one recipient: deliver by another way, note that a mail came back, tell it again, chase it
at once, or close its row for a reason. Each act is an Event."""

from django.db import transaction

from compliance.models import NoticeAttempt, NoticeRow
from compliance.notices import chasing, sending, settling
from compliance.notices.kinds import FIRST_REMINDER, SUSPENSION, end_of
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict
from exchange.kernel.states import transition

_State = NoticeRow.State
_Channel = NoticeAttempt.Channel
_CAME_BACK = "came_back"


@transaction.atomic
def deliver(row: NoticeRow, evidence: str, *, by: Actor) -> NoticeRow:
    """Note that it was handed over by another way, and what shows it; the time to answer begins then."""
    by.require(Scope.AUDIT)
    shown = text.prose(evidence, name="evidence", at_least=10, at_most=1_000)
    transition(
        row,
        "deliver",
        by=by,
        facts={"channels": ["hand"]},
        typed={"evidence": shown},
        answer_by=end_of(SUSPENSION, row.notice, by.at),
        next_step_at=end_of(FIRST_REMINDER, row.notice, by.at),
        reminders=0,
    )
    NoticeAttempt.objects.create(
        row=row, channel=_Channel.HAND, is_taken=True, tries=1, evidence=shown, at=by.at
    )
    return row


@transaction.atomic
def note_return(row: NoticeRow, evidence: str, *, by: Actor) -> NoticeRow:
    """Note that what was sent came back, so that another way must be found."""
    by.require(Scope.AUDIT)
    shown = text.prose(evidence, name="evidence", at_least=10, at_most=1_000)
    transition(row, "fail", by=by, facts={"tries": 1}, typed={"evidence": shown}, next_step_at=None)
    NoticeAttempt.objects.create(
        row=row, channel=_Channel.EMAIL, is_taken=False, tries=1, code=_CAME_BACK, evidence=shown, at=by.at
    )
    return row


@transaction.atomic
def chase(row: NoticeRow, *, by: Actor) -> NoticeRow:
    """Remind a recipient now, besides the reminders that come by themselves; one that could not be reached is told
    again."""
    by.require(Scope.AUDIT)
    if row.state == _State.UNDELIVERED:
        sending.send_again(row, by=by)
        return row
    if not NoticeRow.objects.filter(pk=row.pk, state__in=chasing.CHASED).exists():
        raise Conflict("this recipient has nothing left to answer", code="wrong_state")
    events.record("noticerow.reminded", row, by=by, facts={"reminder": 0})
    return row


@transaction.atomic
def escalate(row: NoticeRow, *, by: Actor) -> NoticeRow:
    """Suspend the recipient's rights to the dataset now, without waiting for the reminders."""
    by.require(Scope.AUDIT)
    if not chasing.escalate(row, by=by):
        raise Conflict("its rights are suspended already, or it has nothing left to answer", code="wrong_state")
    return row


@transaction.atomic
def excuse(row: NoticeRow, reason: str, *, by: Actor) -> NoticeRow:
    """Close a row without the recipient's answer: telling it is impossible, or takes an effort out of proportion."""
    by.require(Scope.AUDIT)
    given = text.reason(reason)
    transition(
        row,
        "excuse",
        by=by,
        typed={"reason": given},
        reason=given,
        closed_at=by.at,
        next_step_at=None,
    )
    settling.settle(row.notice, by=by)
    return row
