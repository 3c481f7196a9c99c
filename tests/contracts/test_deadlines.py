"""Deadlines: the verb itself looks at its moment, to the second and in UTC, however late the clock's sweep comes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.models import Negotiation
from contracts.negotiations import negotiations
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.models import Event
from tests import dataset_makers, sales

ONE_COPY = [{"kind": "copies", "set": {"max": 1}}]
SECOND = timedelta(seconds=1)


@pytest.fixture
def offer(seller: Any) -> Any:
    return sales.offer(dataset_makers.published(seller), seller)


@pytest.fixture
def asked(offer: Any, buyer: Any) -> Negotiation:
    return sales.request(offer, buyer)


def test_a_seller_decides_before_its_deadline_and_not_at_it(
    asked: Negotiation, seller: Any, refused: Any
) -> None:
    due = asked.decide_by
    assert due == sales.later(seller.at, days=45)
    for late in (due, due + SECOND):
        with refused(Conflict, "deadline_passed"):
            negotiations.approve(asked, by=seller.moved_to(late))
        with refused(Conflict, "deadline_passed"):
            negotiations.counter(asked, changes=ONE_COPY, by=seller.moved_to(late))
    approved = negotiations.approve(asked, by=seller.moved_to(due - SECOND))
    assert approved.accept_by == due - SECOND + timedelta(days=30)


@pytest.mark.parametrize(
    "due",
    [
        datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC),
        datetime.fromisoformat("2027-03-28T03:00:00+02:00"),  # the hour that is left out in Paris
        datetime.fromisoformat("2027-10-31T02:30:00+01:00"),  # the second of two, a year ahead less three weeks
        datetime(2027, 2, 28, 23, 59, 59, 999_000, tzinfo=UTC),
    ],
)
def test_a_buyer_signs_before_the_deadline_that_the_seller_set(
    due: datetime, asked: Negotiation, seller: Any, buyer: Any, refused: Any
) -> None:
    negotiations.counter(asked, changes=ONE_COPY, accept_by=due, by=seller)
    assert asked.accept_by == due
    with refused(Conflict, "deadline_passed"):
        negotiations.accept(asked, shown=asked.proposal, by=buyer.moved_to(due))
    with refused(Conflict, "deadline_passed"):
        negotiations.counter(asked, on=asked.proposal, plan=sales.PAID, by=buyer.moved_to(due + SECOND))
    accepted = negotiations.accept(asked, shown=asked.proposal, by=buyer.moved_to(due - SECOND))
    assert accepted.agreement is not None


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_a_deadline_lies_ahead_and_not_beyond_a_year(
    days: int, asked: Negotiation, seller: Any, refused: Any
) -> None:
    with refused(Invalid, "invalid_deadline"):
        negotiations.counter(asked, changes=ONE_COPY, accept_by=sales.later(seller.at, days=days), by=seller)


def test_a_buyer_sets_no_deadline(asked: Negotiation, buyer: Any, refused: Any) -> None:
    with refused(Invalid, "invalid_deadline"):
        negotiations.counter(asked, changes=ONE_COPY, accept_by=sales.later(buyer.at, days=5), by=buyer)


def test_the_clock_ends_what_nobody_decided_and_only_that(
    asked: Negotiation, seller: Any, buyer: Any, outsider: Any
) -> None:
    other = sales.request(asked.offer, outsider)
    negotiations.approve(other, by=seller.moved_to(sales.later(seller.at, days=44)))
    due = asked.decide_by
    assert due is not None
    assert negotiations.lapse_due(now=due - SECOND) == 0
    assert negotiations.lapse_due(now=due) == 1
    assert negotiations.lapse_due(now=due) == 0
    asked.refresh_from_db()
    other.refresh_from_db()
    assert (asked.state, other.state) == ("terminated", "approved")
    assert Event.objects.filter(name="negotiation.lapsed").count() == 1
    assert negotiations.lapse_due(now=sales.later(due, days=30)) == 1


def test_what_is_overdue_does_not_hinder_the_next_request(asked: Negotiation, offer: Any, buyer: Any) -> None:
    due = asked.decide_by
    assert due is not None
    again = sales.request(offer, buyer.moved_to(due))
    asked.refresh_from_db()
    assert (asked.state, again.state) == ("terminated", "requested")


def test_a_contract_without_a_day_left_is_neither_asked_for_nor_signed(
    seller: Any, buyer: Any, refused: Any
) -> None:
    terms = [{"kind": "end_date", "on": "2026-11-30"}]
    offer = sales.offer(dataset_makers.published(seller), seller, terms=terms)
    on_the_day = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    asked = negotiations.approve(sales.request(offer, buyer.moved_to(on_the_day)), by=seller)
    with refused(Conflict, "end_passed"):
        negotiations.accept(asked, by=buyer.moved_to(on_the_day + SECOND))
    with refused(Conflict, "end_passed"):
        sales.request(offer, buyer.moved_to(on_the_day + SECOND))
    assert negotiations.accept(asked, by=buyer.moved_to(on_the_day)).agreement is not None
