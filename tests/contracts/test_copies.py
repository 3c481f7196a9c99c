"""When a copy is taken, when it belongs to its transfer, and when it comes back."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from contracts.models import CopyCount, Transfer
from contracts.transfers import copies, transfers
from contracts.transfers.ranges import Wish
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event, EventDetail
from exchange.participants.members import members
from exchange.participants.models import Notice
from exchange.participants.notices import mails as notice_mails
from exchange.participants.notices import rows as notice_rows
from tests import makers, sales

REASON = "their disk broke while they were copying"
SIZE = len(sales.dataset_makers.SMALL_CSV)


@pytest.fixture
def entitlement(seller: Any, buyer: Any) -> Any:
    return sales.entitled(seller, buyer)


@pytest.fixture
def taken(entitlement: Any, buyer: Any, now: Any) -> Transfer:
    """A copy that arrived whole."""
    return sent(entitlement, buyer, now, [(0, SIZE)])


def sent(entitlement: Any, buyer: Any, at: Any, ranges: Any) -> Transfer:
    started = sales.start(sales.link(entitlement, buyer), at).transfer_id
    assert started is not None
    return transfers.progress(started, ranges, now=at)


def used() -> int:
    return CopyCount.objects.get().used


def test_the_seller_gives_a_copy_back_once(
    entitlement: Any, taken: Transfer, seller: Any, buyer: Any, now: Any, refused: Any
) -> None:
    sent(entitlement, buyer, now, [(0, SIZE)])
    with pytest.raises(Forbidden, match="every licensed copy"):
        sales.link(entitlement, buyer)
    given = copies.give_back(taken, reason=REASON, by=seller)
    assert (used(), given.state, given.copy_given_back_at) == (1, "completed", now)
    leaf = json.loads(bytes(Event.objects.get(name="copy.given_back").leaf))
    assert leaf["subject"] == f"transfer:{taken.pk}" and leaf["facts"]["copies_used"] == 1
    assert REASON not in json.dumps(leaf)
    assert EventDetail.objects.get(event__name="copy.given_back").body == {"reason": REASON}
    with refused(Conflict, "copy_is_back"):
        copies.give_back(taken, reason=REASON, by=seller)
    assert sales.start(sales.link(entitlement, buyer), now).code is None and used() == 2
    with pytest.raises(Forbidden):
        sales.link(entitlement, buyer)


@pytest.mark.parametrize("ranges", [[(0, SIZE)], [(0, SIZE - 1)]])
def test_a_transfer_whose_copy_was_given_back_is_over(
    ranges: Any, entitlement: Any, seller: Any, buyer: Any, now: Any
) -> None:
    link = sales.link(entitlement, buyer)
    started = sales.start(link, now).transfer_id
    assert started is not None
    transfers.progress(started, ranges, now=now)
    transfers.sweep_idle(now=sales.later(now, seconds=60))
    copies.give_back(Transfer.objects.get(), reason=REASON, by=seller)
    assert sales.start(link, now).code == "transfer_over"
    with pytest.raises(Conflict) as refusal:
        sales.link(entitlement, buyer, transfer=Transfer.objects.get())
    assert refusal.value.code == "transfer_over"
    assert transfers.sweep_idle(now=sales.later(now, days=1)) == 0
    assert used() == 0


def test_a_copy_that_came_back_by_itself_is_not_given_back_again(
    entitlement: Any, seller: Any, buyer: Any, now: Any, refused: Any
) -> None:
    sent(entitlement, buyer, now, [(0, SIZE)])
    started = sales.start(sales.link(entitlement, buyer), now).transfer_id
    assert started is not None
    transfers.end_unsent(started, now=now)
    transfers.sweep_idle(now=sales.later(now, seconds=60))
    assert used() == 1
    with refused(Conflict, "copy_is_back"):
        copies.give_back(Transfer.objects.get(pk=started), reason=REASON, by=seller)


def test_what_gave_its_copy_back_before_it_was_swept_is_swept_no_more(
    entitlement: Any, seller: Any, buyer: Any, now: Any
) -> None:
    sent(entitlement, buyer, now, [(0, SIZE)])
    started = sales.start(sales.link(entitlement, buyer), now).transfer_id
    assert started is not None
    transfers.end_unsent(started, now=now)
    copies.give_back(Transfer.objects.get(pk=started), reason=REASON, by=seller)
    assert transfers.sweep_idle(now=sales.later(now, seconds=60)) == 0
    assert used() == 1


def test_only_the_verified_seller_gives_back_and_says_why(
    entitlement: Any,
    taken: Transfer,
    seller: Any,
    buyer: Any,
    outsider: Any,
    operator: Any,
    officer: Any,
    participant_of: Any,
    refused: Any,
) -> None:
    for actor in (buyer, outsider):
        with refused(Forbidden, "other_organisation"):
            copies.give_back(taken, reason=REASON, by=actor)
    for actor in (operator, officer):
        with refused(Forbidden, "scope_missing"):
            copies.give_back(taken, reason=REASON, by=actor)
    with refused(Invalid, "invalid"):
        copies.give_back(taken, reason="short", by=seller)
    members.suspend(participant_of(seller), reason=REASON, by=operator)
    with refused(Forbidden, "participant_not_verified"):
        copies.give_back(taken, reason=REASON, by=seller)


def test_a_running_transfer_keeps_its_copy(
    entitlement: Any, seller: Any, buyer: Any, now: Any, refused: Any
) -> None:
    running = sent(entitlement, buyer, now, [(0, 5)])
    with refused(Conflict, "transfer_running"):
        copies.give_back(running, reason=REASON, by=seller)


def test_a_given_back_copy_is_still_held(entitlement: Any, taken: Transfer, seller: Any, now: Any) -> None:
    from contracts.holdings import holdings

    copies.give_back(taken, reason=REASON, by=seller)
    [held] = holdings.of_revision(seller, entitlement.revision_id).items
    assert held.is_whole and held.files[0].copies == 0


def test_all_but_the_last_byte_by_every_way_on_is_one_copy(
    entitlement: Any, buyer: Any, now: Any, settings: Any
) -> None:
    """The same link, a new one, after a break, in parallel, a day later: whatever leaves belongs to the one copy,
    and when its allowance or its time is spent nothing more leaves."""
    settings.EXCHANGE_TRANSFER_RESENDS = 4
    first = sales.link(entitlement, buyer)
    transfer_id = sales.start(first, now).transfer_id
    assert transfer_id is not None
    left, at = 0, now
    for turn in range(12):
        at = sales.later(at, hours=6)
        transfer = Transfer.objects.get(pk=transfer_id)
        try:
            link = first if turn < 1 else sales.link(entitlement, buyer.moved_to(at), transfer=transfer)
        except Conflict as refusal:
            assert refusal.code == "transfer_spent"
            break
        begun = sales.start(link, now if turn < 1 else at, Wish(range=f"bytes=0-{SIZE - 2}"))
        assert (begun.code, begun.transfer_id) == (None, transfer_id)
        transfers.progress(transfer_id, [(0, SIZE - 1)], now=at)
        left += SIZE - 1
        transfers.sweep_idle(now=sales.later(at, minutes=1))
    assert left <= settings.EXCHANGE_TRANSFER_RESENDS * SIZE + SIZE
    assert used() == 1 and Transfer.objects.count() == 1
    assert Transfer.objects.get().sent_ranges == [[0, SIZE - 1]]


def test_the_buyer_is_told_that_a_copy_came_back_on_the_site_and_by_mail(
    entitlement: Any, taken: Transfer, seller: Any, buyer: Any, now: Any, react: Any
) -> None:
    sells, buys = (
        makers.member(makers.participant_of(actor), "trader", now, f"{side}@example.org")
        for side, actor in (("sells", seller), ("buys", buyer))
    )
    react()
    Notice.objects.all().delete()
    copies.give_back(taken, reason=REASON, by=seller)
    react()
    assert not Notice.objects.filter(member=sells).exists(), "who gave it back knows"
    notice = Notice.objects.get(member=buys)
    [told] = notice_rows.rows_of([notice])
    assert told.title == f"Seller SA gives you a copy of “{entitlement.dataset.title}” back"
    assert str(entitlement.pk) in str(notice_rows.place_of(notice))
    notice_mails.send_due(now=now + timedelta(days=1))
    [letter] = [one for one in mail.outbox if one.to == [buys.user.email]]
    assert told.title in letter.body and REASON not in letter.body
