"""Who holds what: whole or which byte ranges, still licensed or overdue to delete; each for its own part."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.entitlements import entitlements
from contracts.holdings import holdings
from contracts.models import CopyCount, Transfer
from contracts.transfers import copies, transfers
from datasets.revisions import revisions
from exchange.kernel.errors import Forbidden, NotFound
from tests import makers, sales

REASON = "the buyer's report shows another purpose"
SIZE = len(sales.dataset_makers.SMALL_CSV)
MANY = ({"kind": "purpose", "any_of": ["research"]}, {"kind": "copies", "max": 50})
TO_DELETE = (*MANY, {"kind": "duration", "days": 30}, {"kind": "deletion", "days": 10})


@pytest.fixture
def entitlement(seller: Any, buyer: Any) -> Any:
    return sales.entitled(seller, buyer, terms=list(MANY))


def take(entitlement: Any, buyer: Any, at: Any, ranges: Any = ((0, SIZE),), **which: Any) -> Transfer:
    started = sales.start(sales.link(entitlement, buyer, **which), at).transfer_id
    assert started is not None
    return transfers.progress(started, ranges, now=at) if ranges else Transfer.objects.get(pk=started)


def held(actor: Any, entitlement: Any) -> list[holdings.Holding]:
    return holdings.of_revision(actor, entitlement.revision_id).items


def test_nobody_holds_what_was_only_licensed(entitlement: Any, seller: Any, buyer: Any, now: Any) -> None:
    sales.link(entitlement, buyer)
    assert held(seller, entitlement) == [] == held(buyer, entitlement)
    assert holdings.of_participant(buyer, buyer.participant_id).items == []


def test_a_whole_copy_is_held_complete_and_licensed(
    entitlement: Any, seller: Any, buyer: Any, officer: Any, now: Any
) -> None:
    take(entitlement, buyer, now)
    for actor in (seller, buyer, officer):
        [one] = held(actor, entitlement)
        assert (one.is_whole, one.is_open, one.keeping, one.delete_by) == (True, False, "licensed", None)
        assert (one.whole_files, one.of_files, one.sent_bytes, one.of_bytes) == (1, 1, SIZE, SIZE)
        [file] = one.files
        assert (file.ranges, file.copies, file.last_at) == ([(0, SIZE)], 1, now)


def test_parts_of_several_transfers_are_held_together(
    entitlement: Any, seller: Any, buyer: Any, now: Any
) -> None:
    """Two halves under two copies are the whole file, whatever each transfer came to."""
    take(entitlement, buyer, now, [(0, 10), (20, 25)])
    take(entitlement, buyer, now, [(8, 12)])
    [one] = held(seller, entitlement)
    assert (one.is_whole, one.files[0].ranges, one.sent_bytes) == (False, [(0, 12), (20, 25)], 17)
    take(entitlement, buyer, now, [(11, SIZE)])
    [one] = held(seller, entitlement)
    assert one.is_whole and one.files[0].ranges == [(0, SIZE)] and one.files[0].copies == 3


def test_what_runs_may_be_more_than_is_noted(entitlement: Any, seller: Any, buyer: Any, now: Any) -> None:
    take(entitlement, buyer, now, [])
    [one] = held(seller, entitlement)
    assert (one.is_open, one.is_whole, one.sent_bytes) == (True, False, 0)
    transfer = Transfer.objects.get()
    transfers.end_unsent(transfer.pk, now=now)
    assert held(seller, entitlement) == [], "its gateway said that no byte left"


@pytest.mark.parametrize(
    "end",
    [
        lambda e, s: entitlements.revoke(e, reason=REASON, by=s),
        lambda e, s: revisions.revoke(e.revision, REASON, s),
        lambda e, s: copies.give_back(Transfer.objects.get(), reason=REASON, by=s),
    ],
)
def test_what_was_received_stays_held_whatever_ends(
    end: Any, entitlement: Any, seller: Any, buyer: Any, now: Any
) -> None:
    take(entitlement, buyer, now)
    end(entitlement, seller)
    [one] = held(seller, entitlement)
    assert one.is_whole


def test_a_deadline_to_delete_follows_the_end_of_the_term(seller: Any, buyer: Any, now: Any) -> None:
    right = sales.entitled(seller, buyer, terms=list(TO_DELETE))
    take(right, buyer, now, [(0, 5)])
    ends, due = now + timedelta(days=30), now + timedelta(days=40)

    def keeping(at: Any) -> Any:
        [one] = held(seller.moved_to(at), right)
        assert one.delete_by == due
        return one.keeping

    assert keeping(ends - timedelta(seconds=1)) == "licensed"
    assert keeping(ends) == "to_delete"
    entitlements.expire_due(now=ends)
    assert keeping(due - timedelta(seconds=1)) == "to_delete"
    assert keeping(due) == "overdue"


def test_a_revocation_starts_the_deadline_at_once(seller: Any, buyer: Any, now: Any) -> None:
    right = sales.entitled(seller, buyer, terms=list(TO_DELETE))
    take(right, buyer, now)
    entitlements.revoke(right, reason=REASON, by=seller.moved_to(now + timedelta(days=3)))
    [one] = held(seller.moved_to(now + timedelta(days=4)), right)
    assert (one.keeping, one.delete_by) == ("to_delete", now + timedelta(days=13))
    [one] = held(seller.moved_to(now + timedelta(days=14)), right)
    assert one.keeping == "overdue"


def test_without_a_duty_to_delete_nothing_is_overdue(seller: Any, buyer: Any, now: Any) -> None:
    right = sales.entitled(seller, buyer)
    take(right, buyer, now)
    [one] = held(seller.moved_to(now + timedelta(days=800)), right)
    assert (one.keeping, one.delete_by) == ("ended", None)


def test_a_suspended_right_is_still_a_licence(entitlement: Any, seller: Any, buyer: Any, now: Any) -> None:
    take(entitlement, buyer, now)
    entitlements.suspend(entitlement, reason=REASON, by=seller)
    assert held(seller, entitlement)[0].keeping == "licensed"


def test_each_side_sees_its_own_part_and_the_outsider_nothing(
    seller: Any, buyer: Any, outsider: Any, officer: Any, operator: Any, now: Any
) -> None:
    other = makers.trader("Other Buyer AG", "AT", now)
    dataset = sales.dataset_makers.published(seller)
    offer = sales.offer(dataset, seller, terms=list(MANY))
    rights = []
    for one, country in ((buyer, "DE"), (other, "AT")):
        right = sales.sold(offer, one, seller, country=country)
        take(right, one, now)
        rights.append(right)
    elsewhere = sales.entitled(other, buyer, terms=list(MANY))
    take(elsewhere, buyer, now)

    def buyers(actor: Any) -> list[Any]:
        return [one.entitlement.buyer_id for one in held(actor, rights[0])]

    assert buyers(seller) == buyers(officer) == [other.participant_id, buyer.participant_id]
    assert buyers(buyer) == [buyer.participant_id] and buyers(other) == [other.participant_id]

    def of_buyer(actor: Any) -> list[Any]:
        found = holdings.of_participant(actor, buyer.participant_id).items
        return [one.entitlement.pk for one in found]

    assert of_buyer(buyer) == of_buyer(officer) == [elsewhere.pk, rights[0].pk]
    assert of_buyer(seller) == [rights[0].pk] and of_buyer(other) == [elsewhere.pk]
    for actor in (outsider, operator):
        with pytest.raises(NotFound):
            held(actor, rights[0])
        with pytest.raises(NotFound):
            holdings.of_participant(actor, buyer.participant_id)
    assert holdings.of_participant(outsider, outsider.participant_id).items == []
    blind = makers.client(makers.participant_of(seller), now, ("sell",))
    with pytest.raises(Forbidden):
        held(blind, rights[0])


def test_many_files_are_answered_in_as_many_questions_as_one(seller: Any, buyer: Any, now: Any) -> None:
    def counted(files: dict[str, bytes]) -> int:
        right = sales.entitled(seller, buyer, terms=list(MANY), files=files)
        for asset in right.revision.assets.all():
            take(right, buyer, now, [(0, 4)], asset=asset)
            take(right, buyer, now, [(2, 6)], asset=asset)
        with CaptureQueriesContext(connection) as asked:
            [one] = held(seller, right)
        assert [file.asset.name for file in one.files] == sorted(files)
        assert all(file.ranges == [(0, 6)] for file in one.files)
        return len(asked)

    few = counted({"a.csv": b"a,b\n1,2\n"})
    assert counted({f"{n}.csv": b"a,b\n1,2\n" for n in range(6)}) == few
    assert CopyCount.objects.count() == 7


def test_pages_follow_each_other(seller: Any, buyer: Any, now: Any) -> None:
    for _ in range(3):
        take(sales.entitled(seller, buyer, terms=list(MANY)), buyer, now)
    first = holdings.of_participant(buyer, buyer.participant_id, limit=2)
    last = holdings.of_participant(buyer, buyer.participant_id, cursor=first.next_cursor, limit=2)
    found = [one.entitlement.pk for one in [*first.items, *last.items]]
    assert len(first.items) == 2 and found == sorted(found, reverse=True) and len(set(found)) == 3
    assert last.next_cursor is None


def test_the_api_answers_both_questions(
    entitlement: Any, seller: Any, buyer: Any, outsider: Any, officer: Any, door: Any
) -> None:
    transfer = take(entitlement, buyer, buyer.at, [(0, 7)])
    of_revision = f"/api/v1/revisions/{entitlement.revision_id}/holdings"
    of_buyer = f"/api/v1/participants/{buyer.participant_id}/holdings"
    answers = [
        door(actor).get(path).json() for actor in (seller, buyer, officer) for path in (of_revision, of_buyer)
    ]
    assert all(answer == answers[0] for answer in answers)
    [one] = answers[0]["items"]
    assert (one["extent"], one["keeping"], one["sent_bytes"], one["of_bytes"]) == (
        "partial",
        "licensed",
        7,
        SIZE,
    )
    assert one["files"][0]["sent_ranges"] == [[0, 7]] and one["files"][0]["is_open"]
    for path in (of_revision, of_buyer):
        assert door(outsider).get(path).status_code == 404
    given = f"/api/v1/transfers/{transfer.pk}/give-copy-back"
    transfers.sweep_idle(now=sales.later(buyer.at, minutes=1))
    assert door(outsider).post(given, {"reason": REASON}).status_code == 404
    assert door(buyer).post(given, {"reason": REASON}).status_code == 403
    answer = door(seller).post(given, {"reason": REASON}).json()
    assert (answer["state"], answer["evidence"]) == ("aborted", "gateway") and answer["copy_given_back_at"]
    assert CopyCount.objects.get().used == 0
