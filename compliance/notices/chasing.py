"""What follows when a recipient does not answer: two reminders, then its rights to the dataset are suspended until it
has. Each step at the time that the notice's legal profile gives, once."""

from datetime import datetime

from django.db import transaction

from compliance.models import NoticeRow
from compliance.notices.kinds import FIRST_REMINDER, SECOND_REMINDER, SUSPENSION, end_of
from exchange.kernel import events
from exchange.kernel.actors import Actor

AT_ONCE = 500
_State = NoticeRow.State
CHASED = (_State.SENT, _State.DELIVERED, _State.READ, _State.ACKNOWLEDGED, _State.REFUSED)
_REMINDERS = 2


def chase(*, now: datetime, at_most: int = AT_ONCE) -> int:
    """Take the steps that are due, each recipient's in a transaction of its own; answers how many."""
    by = Actor.system("chase_notices", at=now)
    due = NoticeRow.objects.filter(next_step_at__lte=now, state__in=CHASED).select_related("notice")
    return sum(_step(row, by) for row in due.order_by("next_step_at", "pk")[:at_most])


@transaction.atomic
def escalate(row: NoticeRow, *, by: Actor) -> bool:
    """Suspend the recipient's rights to the dataset until the row is closed; answers whether that is new."""
    mine = NoticeRow.objects.filter(pk=row.pk, state__in=CHASED, escalated_at=None)
    if not mine.update(escalated_at=by.at, next_step_at=None):
        return False
    row.refresh_from_db()
    events.record("noticerow.escalated", row, by=by)
    return True


@transaction.atomic
def _step(row: NoticeRow, by: Actor) -> bool:
    if row.reminders >= _REMINDERS:
        return escalate(row, by=by)
    is_last = row.reminders == _REMINDERS - 1
    planned = end_of(SUSPENSION if is_last else SECOND_REMINDER, row.notice, row.sent_at or by.at)
    # After a long halt nobody is reminded twice and suspended within a minute.
    following = planned if planned > by.at else end_of(FIRST_REMINDER, row.notice, by.at)
    mine = NoticeRow.objects.filter(pk=row.pk, state__in=CHASED, next_step_at=row.next_step_at)
    if not mine.update(
        reminders=row.reminders + 1,
        next_step_at=following,
        answer_by=max(row.answer_by or following, following) if is_last else row.answer_by,
    ):
        return False
    row.refresh_from_db()
    events.record("noticerow.reminded", row, by=by, facts={"reminder": row.reminders})
    return True
