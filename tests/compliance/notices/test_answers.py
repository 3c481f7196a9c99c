"""What recipients answer: all of it is kept, nothing in the place of anything, and a word that the log speaks against
closes no row."""

from datetime import timedelta
from typing import Any

import pytest

from compliance import notices
from compliance.models import NoticeAnswer, NoticeRow, RecipientNotice
from compliance.notices import answers, opening, queries, sending
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event

pytestmark = pytest.mark.django_db
State = NoticeRow.State


@pytest.fixture
def asked(received: Any, opened: Any, buyer: Any, now: Any) -> NoticeRow:
    """The buyer's row of a notice that it was told of."""
    received.take(buyer.participant_id)
    received.seal()
    notice = opened()
    received.seal()
    while opening.fill(now=now):
        pass
    sending.send_due(now=now)
    return queries.to_answer_visible_to(buyer).get(notice=notice)


def states(row: NoticeRow) -> tuple[str, str]:
    row.refresh_from_db()
    row.notice.refresh_from_db()
    return row.state, row.notice.state


def test_from_reading_to_done(asked: NoticeRow, buyer: Any, outsider: Any, seller: Any, officer: Any) -> None:
    answers.read(asked, by=officer)
    assert states(asked) == (State.SENT, "open")  # an officer's look is not the recipient's
    answers.read(asked, by=buyer)
    answers.read(asked, by=buyer)
    assert states(asked) == (State.READ, "open")
    answers.answer(asked, action="acknowledged", by=buyer)
    assert states(asked) == (State.ACKNOWLEDGED, "open")
    answers.answer(asked, action="deleted", copies=3, passed_on="Ada Ltd, told on Monday", by=buyer)
    assert states(asked) == (State.DONE, "settled") and notices.is_settled(asked.notice.occasion)
    answers.answer(asked, action="deleted", copies=4, remark="We found one more.", by=buyer)
    assert [one.copies for one in NoticeAnswer.objects.order_by("pk")] == [None, 3, 4]
    assert states(asked) == (State.DONE, "settled")
    told = Event.objects.filter(subject=f"noticerow:{asked.pk}", name="noticerow.answered")
    assert not any(b"Ada" in bytes(one.leaf) for one in told)

    assert queries.to_answer_visible_to(outsider).count() == 0
    with pytest.raises(NotFound):
        queries.one_to_answer_visible_to(outsider, asked.pk)
    assert queries.rows_visible_to(seller).count() == queries.rows_visible_to(officer).count() == 1
    assert queries.rows_visible_to(outsider).count() == queries.rows_visible_to(buyer).count() == 0


def test_what_is_no_answer_is_refused_and_changes_nothing(
    asked: NoticeRow, buyer: Any, outsider: Any, seller: Any
) -> None:
    for by, changed, kind in (
        (outsider, {"action": "deleted"}, Forbidden),
        (seller, {"action": "deleted"}, Forbidden),
        (buyer, {"action": "eaten"}, Invalid),
        (buyer, {"action": "restricted"}, Invalid),  # an erasure is not done by keeping
        (buyer, {"action": "refused"}, Invalid),  # without a word
        (buyer, {"action": "deleted", "copies": -1}, Invalid),
    ):
        with pytest.raises(kind):
            answers.answer(asked, **changed, by=by)
    assert not NoticeAnswer.objects.exists() and states(asked) == (State.SENT, "open")
    NoticeRow.objects.filter(pk=asked.pk).update(closed_at=None)


def test_who_never_received_it_by_its_own_word_is_held_against_the_log(asked: NoticeRow, buyer: Any) -> None:
    answers.answer(asked, action="never_received", remark="We know of no such data.", by=buyer)
    assert states(asked) == (State.READ, "open") and asked.contradiction == answers.LOG_SAYS_RECEIVED
    answers.answer(asked, action="refused", remark="We will not look for it.", by=buyer)
    assert states(asked) == (State.REFUSED, "open")
    answers.answer(asked, action="deleted", copies=1, by=buyer)
    assert states(asked) == (State.DONE, "settled") and asked.contradiction == ""
    answers.answer(asked, action="cannot", remark="A copy turned up on a tape.", by=buyer)
    assert states(asked) == (State.READ, "open") and asked.contradiction == answers.ANSWERS_DIFFER
    assert NoticeAnswer.objects.count() == 4 and not notices.is_settled(asked.notice.occasion)


def test_who_takes_it_again_after_saying_that_it_is_deleted_answers_anew(
    received: Any, asked: NoticeRow, buyer: Any, now: Any
) -> None:
    answers.answer(asked, action="deleted", copies=1, by=buyer)
    assert states(asked) == (State.DONE, "settled")
    received.take(buyer.participant_id, 10, minutes=-30)  # known late, but begun before: no contradiction
    received.seal()
    assert answers.look_again(now=now) == 0 and states(asked) == (State.DONE, "settled")
    received.take(buyer.participant_id, 10, minutes=24 * 60)
    received.seal()
    later = now + timedelta(days=1, hours=1)
    assert answers.look_again(now=later) == 1 and answers.look_again(now=later) == 0
    assert states(asked) == (State.READ, "open") and asked.contradiction == answers.RECEIVED_AGAIN
    assert asked.next_step_at is not None and asked.next_step_at > later
    assert RecipientNotice.objects.get().settled_at is None


def test_an_excused_recipient_has_nothing_to_answer(asked: NoticeRow, buyer: Any, officer: Any) -> None:
    from compliance.notices import by_hand

    by_hand.excuse(asked, "The effort would be out of all proportion.", by=officer)
    assert states(asked) == (State.IMPOSSIBLE, "settled")
    with pytest.raises(Conflict):
        answers.answer(asked, action="deleted", by=buyer)
    assert not NoticeAnswer.objects.exists()
