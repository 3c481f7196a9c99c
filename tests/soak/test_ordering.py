"""A thousand buyers at a coupon for ten, in threads, and ten thousand repeats of one order."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connections

from contracts.choices import choices
from contracts.models import Agreement
from contracts.orders import orders
from contracts.orders.orders import Wish
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from exchange.kernel.money import Money
from payments.charges import coupons
from payments.models import Posting
from tests import makers, sales
from tests.ordering import instant, wish
from tests.races.test_ordering import whole

pytestmark = [
    pytest.mark.slow,
    pytest.mark.transactional,
    pytest.mark.usefixtures("own_database"),
    pytest.mark.timeout(1_800),
]

THREADS, CROWD, PLACES, REPEATS = 16, 1_000, 10, 10_000


def placed(one: Wish) -> str:
    try:
        orders.place(one)
    except ExchangeError as refusal:
        return refusal.code
    finally:
        connections.close_all()
    return "placed"


def test_of_a_thousand_at_a_coupon_for_ten_ten_order(seller: Actor, now: datetime) -> None:
    offer = instant(seller)
    coupons.create(code="TEN-10", label="For ten", amount=Money(1_000, "EUR"), most_uses=PLACES, by=seller)
    crowd = [wish(offer, makers.trader(f"Buyer {n}", "DE", now), coupon="TEN-10") for n in range(CROWD)]

    with ThreadPoolExecutor(THREADS) as threads:
        outcomes = Counter(threads.map(placed, crowd))

    assert outcomes == {"placed": PLACES, "coupon_spent": CROWD - PLACES}
    assert set(whole()) == {PLACES}


def test_of_ten_thousand_repeats_of_one_order_one_has_an_effect(seller: Actor, buyer: Actor) -> None:
    door, offer = makers.Door(buyer), instant(seller)
    shown = choices.digest(offer, choices.chosen(offer, None))
    body = {
        "offer_id": str(offer.pk),
        "digest": shown,
        "purpose": "research",
        "country": "DE",
        "use": sales.USE,
    }

    def answered(_: int) -> tuple[int, bytes]:
        answer = door.post("/api/v1/orders", body, headers={"Idempotency-Key": "the-same"})
        return answer.status_code, answer.content

    answers = {answered(number) for number in range(REPEATS)}

    assert [status for status, _ in answers] == [201]
    assert Agreement.objects.count() == Posting.objects.filter(kind__startswith="charge.paid").count() == 1
