"""Tell each recipient, apart from all others, and see what became of it: the Event goes to the recipient's members by
page and e-mail and to its webhooks, and a way that is closed asks an officer for another one."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from compliance.models import NoticeAttempt, NoticeRow, RecipientNotice
from compliance.notices import settling
from compliance.notices.kinds import FIRST_REMINDER, SUSPENSION, end_of
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.states import transition
from exchange.participants import reached
from exchange.participants.reached import Way

AT_ONCE = 500
_State = NoticeRow.State
_TOLD = ("noticerow.notified", "noticerow.repeated")


def send_due(*, now: datetime, at_most: int = AT_ONCE) -> int:
    """Tell the next recipients that wait, of each notice as many as of any other, so that a million of one hold no
    other up; answers how many were told."""
    by = Actor.system("send_notices", at=now)
    queued = NoticeRow.objects.filter(state=_State.QUEUED)
    waiting = RecipientNotice.objects.filter(Exists(queued.filter(notice=OuterRef("pk"))))
    notices = list(waiting.order_by("pk").values_list("pk", flat=True)[:at_most])
    share = at_most // max(1, len(notices))
    count = 0
    for notice_id in notices:
        rows = queued.filter(notice=notice_id).select_related("notice").order_by("pk")
        count += sum(_send(row, "send", by) for row in rows[:share])
    return count


def send_again(row: NoticeRow, *, by: Actor) -> bool:
    """Tell a recipient once more who could not be reached."""
    return _send(row, "resend", by)


def look(*, now: datetime, at_most: int = AT_ONCE) -> int:
    """See what became of what was sent, the longest unseen first; answers how many rows changed."""
    by = Actor.system("look_at_notices", at=now)
    sent = NoticeRow.objects.filter(state=_State.SENT).select_related("notice").order_by("looked_at", "pk")
    return sum(_look(row, by) for row in sent[:at_most])


@transaction.atomic
def _send(row: NoticeRow, verb: str, by: Actor) -> bool:
    try:
        with transaction.atomic():
            transition(
                row,
                verb,
                by=by,
                sent_at=by.at,
                looked_at=by.at,
                answer_by=end_of(SUSPENSION, row.notice, by.at),
                next_step_at=end_of(FIRST_REMINDER, row.notice, by.at),
            )
    except Conflict:  # a rival told it, or an officer excused it
        return False
    settling.unsettle(row.notice, by=by)
    return True


@transaction.atomic
def _look(row: NoticeRow, by: Actor) -> bool:
    NoticeRow.objects.filter(pk=row.pk).update(looked_at=by.at)
    told = Event.objects.filter(subject=events.subject_of(row), name__in=_TOLD).order_by("-id").first()
    ways = reached.ways(told, row.buyer_id) if told is not None else None
    if ways is None:
        return False
    taken = [way for way in ways if way.is_taken]
    if not taken and any(not way.is_over for way in ways):
        return False
    with suppress(Conflict), transaction.atomic():
        if taken:
            facts = {"channels": sorted({way.channel for way in taken})}
            transition(row, "deliver", by=by, facts=facts)
        else:
            tries = sum(way.tries for way in ways)
            transition(row, "fail", by=by, facts={"tries": tries}, next_step_at=None)
        _keep(row, ways, by.at)
        return True
    return False


def _keep(row: NoticeRow, ways: list[Way], at: datetime) -> None:
    NoticeAttempt.objects.bulk_create(
        NoticeAttempt(
            row=row, channel=way.channel, is_taken=way.is_taken, tries=way.tries, code=way.code[:40], at=at
        )
        for way in ways
        if way.is_over
    )
