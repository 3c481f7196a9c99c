"""Who does not answer is reminded twice and then loses the rights to that dataset, until it answers: over a real right
and a real transfer."""

from datetime import timedelta
from typing import Any

import pytest

from compliance import notices
from compliance.models import NoticeRow, RecipientNotice
from compliance.notices import answers, by_hand, chasing, opening, queries, sending
from contracts.entitlements import entitlements, notice_rights, reasons
from contracts.models import Entitlement
from datasets.revisions import revisions
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.models import Event
from exchange.participants.models import Notice
from payments.models import Charge
from tests import dataset_makers, makers, sales
from tests.contracts.test_returns import end_dispute, open_dispute

pytestmark = pytest.mark.django_db


def told(name: str) -> int:
    return Event.objects.filter(name=name).count()


@pytest.fixture
def right(seller: Any, buyer: Any, now: Any, public_log: Any, react: Any) -> Entitlement:
    """A right under which a file was taken."""
    found = sales.entitled(seller, buyer)
    sales.start(sales.link(found, buyer), now)
    react(now)
    public_log.seal()
    return found


def tell(log: Any, notice: Any, now: Any) -> NoticeRow:
    log.seal()
    while opening.fill(now=now):
        pass
    sending.send_due(now=now)
    return NoticeRow.objects.select_related("notice").get(notice=notice)


def test_two_reminders_then_the_rights_are_suspended_until_it_answers(
    right: Entitlement,
    opened: Any,
    public_log: Any,
    buyer: Any,
    officer: Any,
    operator: Any,
    now: Any,
    react: Any,
) -> None:
    makers.member(makers.operators_organisation(now), "operator", now)
    notice = opened(dataset_id=right.dataset_id, revision_ids=[right.revision_id])
    row = tell(public_log, notice, now)
    assert chasing.chase(now=now + timedelta(days=5)) == 0
    for days, reminders in ((9, 1), (16, 2)):
        assert chasing.chase(now=now + timedelta(days=days)) == 1
        assert chasing.chase(now=now + timedelta(days=days)) == 0  # each step once
        row.refresh_from_db()
        assert row.reminders == reminders and row.escalated_at is None
    answers.read(row, by=buyer)  # to read is not to answer
    late = now + timedelta(days=23)
    assert chasing.chase(now=late) == 1 and chasing.chase(now=late) == 0
    react(late)
    right.refresh_from_db()
    assert (right.state, right.reason) == ("suspended", reasons.UNANSWERED)
    assert (told("noticerow.reminded"), told("noticerow.escalated")) == (2, 1)
    assert Notice.objects.filter(news="noticerow.escalated/exchange").exists()  # the operators consider more
    notice_rights.follow(row.pk, by=operator)  # delivered twice, it changes nothing
    assert Event.objects.filter(name="entitlement.suspended").count() == 1

    other = opened(dataset_id=right.dataset_id, revision_ids=[right.revision_id])
    second = tell(public_log, other, late)
    by_hand.escalate(second, by=officer)
    answers.answer(row, action="deleted", copies=1, by=buyer.moved_to(late))
    react(late)
    right.refresh_from_db()
    assert right.state == "suspended"  # the other notice still waits
    answers.answer(second, action="deleted", copies=1, by=buyer.moved_to(late))
    react(late)
    right.refresh_from_db()
    assert right.state == "active" and notices.is_settled(notice.occasion)
    with pytest.raises(Conflict):
        by_hand.chase(NoticeRow.objects.get(pk=row.pk), by=officer)


def test_a_right_that_is_suspended_for_another_reason_stays_so(
    right: Entitlement,
    opened: Any,
    public_log: Any,
    seller: Any,
    buyer: Any,
    officer: Any,
    now: Any,
    react: Any,
) -> None:
    entitlements.suspend(right, reason="A question of our own.", by=seller)
    row = tell(public_log, opened(dataset_id=right.dataset_id, revision_ids=[right.revision_id]), now)
    with pytest.raises(Forbidden):
        by_hand.escalate(row, by=buyer)
    by_hand.escalate(row, by=officer)
    with pytest.raises(Conflict):
        by_hand.escalate(row, by=officer)
    answers.answer(row, action="deleted", copies=1, by=buyer)
    react(now)
    right.refresh_from_db()
    assert (right.state, right.reason) == ("suspended", "A question of our own.")


@pytest.mark.parametrize("first", ["the notice", "the dispute"])
def test_what_ends_one_reason_gives_nothing_back_while_another_stands(
    opened: Any, public_log: Any, seller: Any, buyer: Any, officer: Any, now: Any, react: Any, first: str
) -> None:
    right = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    sales.start(sales.link(right, buyer), now)
    charge = Charge.objects.get(reference=f"agreement:{right.agreement_id}")
    row = tell(public_log, opened(dataset_id=right.dataset_id, revision_ids=[right.revision_id]), now)

    def standing() -> tuple[str, str]:
        react(now)
        right.refresh_from_db()
        return right.state, right.reason

    if first == "the notice":
        by_hand.escalate(row, by=officer)
        assert standing() == ("suspended", reasons.UNANSWERED)
        open_dispute(charge, now)
        assert standing() == ("suspended", reasons.UNANSWERED)
        answers.answer(row, action="deleted", copies=1, by=buyer)
        assert standing() == ("suspended", reasons.DISPUTED)
        end_dispute(charge, now, is_won=True)
    else:
        open_dispute(charge, now)
        assert standing() == ("suspended", reasons.DISPUTED)
        by_hand.escalate(row, by=officer)
        end_dispute(charge, now, is_won=True)
        assert standing() == ("suspended", reasons.UNANSWERED)
        with pytest.raises(Conflict) as refusal:
            entitlements.resume(right, reason="The buyer asked for it.", by=seller)
        assert refusal.value.code == "entitlement_kept_back"
        answers.answer(row, action="deleted", copies=1, by=buyer)
    assert standing()[0] == "active"


def test_after_a_long_halt_each_step_still_takes_its_time(
    right: Entitlement, opened: Any, public_log: Any, now: Any
) -> None:
    row = tell(public_log, opened(dataset_id=right.dataset_id, revision_ids=[right.revision_id]), now)
    back = now + timedelta(days=90)
    while chasing.chase(now=back):
        pass
    row.refresh_from_db()
    assert row.reminders == 1 and row.next_step_at is not None and row.next_step_at > back + timedelta(days=6)
    while chasing.chase(now=back + timedelta(days=10)):
        pass
    row.refresh_from_db()
    assert row.reminders == 2 and row.answer_by == row.next_step_at and row.escalated_at is None


def test_a_revoked_revision_opens_a_notice_by_itself_and_names_what_replaces_it(
    right: Entitlement, opened: Any, public_log: Any, seller: Any, buyer: Any, now: Any, react: Any
) -> None:
    revisions.revoke(right.revision, "Two columns were swapped.", seller)
    react(now)  # the desk has not read the log to here yet: the reaction comes again
    assert not RecipientNotice.objects.exists()
    public_log.seal()
    react_again(now)
    notice = RecipientNotice.objects.get()
    assert (notice.kind, notice.occasion) == ("revocation", f"revision:{right.revision_id}")
    assert notice.message == "Two columns were swapped." and notice.revisions == [str(right.revision_id)]
    react_again(now)
    assert RecipientNotice.objects.count() == 1

    later = dataset_makers.sealed(right.dataset, seller)
    react(now)
    dataset_makers.sealed(right.dataset, seller)
    react(now)
    notice.refresh_from_db()
    assert notice.replaced_by_id == later.pk and told("recipientnotice.replaced") == 1
    public_log.seal()
    also = opened(dataset_id=right.dataset_id, revision_ids=[right.revision_id], kind="correction")
    assert also.replaced_by_id == later.pk  # it was sealed before the notice
    row = tell(public_log, notice, now)
    answers.answer(row, action="stopped", by=buyer)
    assert notices.is_settled(notice.occasion)
    assert set(queries.notices_visible_to(seller)) == {notice, also}


def react_again(now: Any) -> None:
    """As the sweep does, once the backoff is over."""
    from exchange.kernel import events
    from exchange.kernel.models import Delivery

    for delivery_id in Delivery.objects.filter(done_at=None).values_list("pk", flat=True):
        events.react(delivery_id, now=now + timedelta(hours=1))
