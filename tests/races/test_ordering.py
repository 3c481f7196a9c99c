"""Many who order at the same moment: each of them once, no more of them than there is to be had, and nothing of an
order whose writing was cut."""

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection

from contracts.models import Agreement, Entitlement, Negotiation
from contracts.orders import orders
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from payments.charges import coupons
from payments.ledger import ledger
from payments.models import Charge, CouponUse, Hold, Posting
from tests import makers
from tests.ordering import instant, wish
from tests.rivals import codes, race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

CROWD, PLACES = 24, 10


def whole() -> tuple[int, ...]:
    """How many orders are whole, by each of the rows that make one so."""
    assert ledger.trial_balance().is_sound
    paid = Charge.objects.filter(state=Charge.State.PAID)
    active = Entitlement.objects.filter(state=Entitlement.State.ACTIVE)
    done = Negotiation.objects.filter(state=Negotiation.State.FINALIZED)
    booked = Posting.objects.filter(kind__startswith="charge.paid")
    return tuple(rows.count() for rows in (paid, active, done, booked, Hold.objects, Agreement.objects))


def test_of_a_crowd_at_a_coupon_as_many_order_as_it_is_for(seller: Actor, now: datetime) -> None:
    offer = instant(seller)
    coupons.create(code="TEN-10", label="For ten", amount=Money(1_000, "EUR"), most_uses=PLACES, by=seller)
    crowd = [makers.trader(f"Buyer {n}", "DE", now) for n in range(CROWD)]

    outcomes = race([partial(orders.place, wish(offer, one, coupon="TEN-10")) for one in crowd])

    assert Counter(codes(outcomes)) == {"won": PLACES, "coupon_spent": CROWD - PLACES}
    assert set(whole()) == {PLACES} and CouponUse.objects.count() == PLACES
    assert Negotiation.objects.count() == PLACES


class Cut:
    """The database goes away at one statement, once."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, execute: Any, *given: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise OperationalError("the connection was cut")
        return execute(*given)


def test_an_order_that_is_cut_at_any_statement_leaves_nothing_and_may_be_sent_again(
    seller: Actor, buyer: Actor
) -> None:
    offer, untouched, cuts = instant(seller), Event.objects.count(), 0
    while True:
        cut = Cut(cuts + 1)
        with connection.execute_wrapper(cut):
            [placed] = orders.place_many([wish(offer, buyer)])
        if cut.left > 0:
            break
        cuts += 1
        assert isinstance(placed.error, OperationalError)
        assert Event.objects.count() == untouched and set(whole()) == {0}
    assert cuts > 20 and placed.error is None
    assert set(whole()) == {1}


def test_a_group_that_is_cut_is_whole_one_by_one(seller: Actor, buyer: Actor, now: datetime) -> None:
    offer, other = instant(seller), makers.trader("Other", "AT", now)
    for place, at in enumerate((3, 14, 25), start=1):
        with connection.execute_wrapper(Cut(at)):
            placed = orders.place_many([wish(offer, buyer), wish(offer, other)])
        assert [one.error for one in placed] == [None, None]
        assert set(whole()) == {2 * place}
