"""What recipients say. Every answer is kept beside the others; one that the log, or another answer, speaks against
closes nothing, and an officer sees both."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from compliance.models import NoticeAnswer, NoticeRow
from compliance.notices import settling
from compliance.notices.kinds import FIRST_REMINDER, FITTING, SUSPENSION, UNDONE, Action, end_of
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.states import transition

_State = NoticeRow.State
RECEIVED_AGAIN, LOG_SAYS_RECEIVED, ANSWERS_DIFFER = "received_again", "log_says_received", "answers_differ"
"""How a recipient's word and the log, or two of its words, differ."""


@transaction.atomic
def read(row: NoticeRow, *, by: Actor) -> None:
    """Note that a member of the recipient opened it; a second time changes nothing."""
    if by.participant_id == row.buyer_id and row.state in (_State.SENT, _State.DELIVERED, _State.UNDELIVERED):
        with suppress(Conflict), transaction.atomic():
            transition(row, "read", by=by)


@transaction.atomic
def answer(
    row: NoticeRow, *, action: str, copies: int | None = None, passed_on: str = "", remark: str = "", by: Actor
) -> NoticeAnswer:
    """Say what was done: how many copies it was about, and to whom they were passed on. What was asked, done, closes
    the row; so does nothing else. A suspended organisation may answer too."""
    by.require(Scope.BUY)
    if not by.acts_for(row.buyer_id):
        raise Forbidden("only the recipient may answer", code="other_organisation")
    said = _action(action, row)
    handed = text.prose(passed_on, name="passed_on", at_most=1_000)
    word = text.prose(remark, name="remark", at_most=1_000, at_least=10 if said in UNDONE else 0)
    if copies is not None and not 0 <= copies <= 1_000_000:
        raise Invalid("count the copies with a number from 0 to 1000000", code="copies_unlikely")
    current = NoticeRow.objects.select_for_update(of=("self",)).select_related("notice").get(pk=row.pk)
    if current.state in (_State.QUEUED, _State.IMPOSSIBLE):
        raise Conflict("an officer has closed this notice for you, or has not sent it yet", code="wrong_state")
    given = NoticeAnswer.objects.create(
        row=current,
        action=said,
        copies=copies,
        passed_on=handed,
        remark=word,
        answered_by=by.name,
        answered_at=by.at,
    )
    facts: dict[str, Fact] = {"answer": str(given.pk), "action": str(said), "copies": copies}
    typed = {"passed_on": handed, "remark": word}
    events.record(
        "noticerow.answered",
        current,
        by=by,
        facts=facts,
        typed={name: one for name, one in typed.items() if one},
    )
    _follow(current, said, by)
    row.refresh_from_db()
    return given


def look_again(*, now: datetime, at_most: int = 200) -> int:
    """Open the rows again of those who took data after they had said that they were done; answers how many."""
    by = Actor.system("hold_against_log", at=now)
    found = NoticeRow.objects.filter(again_at__isnull=False).select_related("notice").order_by("again_at")
    return sum(_open_again(row, RECEIVED_AGAIN, by) for row in found[:at_most])


def _action(given: str, row: NoticeRow) -> Action:
    try:
        said = Action(given)
    except ValueError:
        raise Invalid(
            "say what you did by one of the words that the notice offers", code="answer_unknown"
        ) from None
    if said not in (Action.ACKNOWLEDGED, *FITTING[row.notice.kind], *UNDONE):
        raise Invalid("that is not what this notice asks for", code="answer_unfit")
    return said


def _follow(row: NoticeRow, said: Action, by: Actor) -> None:
    """Bring the row to where this answer leads."""
    if row.state == _State.DONE:
        if said in UNDONE:
            _open_again(row, ANSWERS_DIFFER, by)
        return
    if said == Action.NEVER_RECEIVED:  # there is no row of those who received nothing
        contradict(row, LOG_SAYS_RECEIVED, by)
        if row.state not in (_State.READ, _State.REFUSED, _State.ACKNOWLEDGED):
            transition(row, "read", by=by)
    elif said in UNDONE:
        if row.state != _State.REFUSED:
            transition(row, "refuse", by=by)
    elif said == Action.ACKNOWLEDGED:
        if row.state != _State.ACKNOWLEDGED:
            transition(row, "acknowledge", by=by)
    else:
        transition(row, "finish", by=by, closed_at=by.at, next_step_at=None, contradiction="")
        settling.settle(row.notice, by=by)


def contradict(row: NoticeRow, code: str, by: Actor) -> None:
    """Note how the recipient's word and the log differ, for the officers."""
    NoticeRow.objects.filter(pk=row.pk).update(contradiction=code)
    row.refresh_from_db()
    events.record("noticerow.contradicted", row, by=by, facts={"contradiction": code})


@transaction.atomic
def _open_again(row: NoticeRow, code: str, by: Actor) -> bool:
    try:
        with transaction.atomic():
            transition(
                row,
                "reopen",
                by=by,
                again_at=None,
                closed_at=None,
                escalated_at=None,
                reminders=0,
                answer_by=end_of(SUSPENSION, row.notice, by.at),
                next_step_at=end_of(FIRST_REMINDER, row.notice, by.at),
            )
    except Conflict:
        NoticeRow.objects.filter(pk=row.pk).update(again_at=None)
        return False
    contradict(row, code, by)
    settling.unsettle(row.notice, by=by)
    return True
