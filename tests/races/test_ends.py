"""The end of a licence and of an offer, by two at the same moment: one word is given, and nothing is signed on an offer
that is gone."""

from datetime import timedelta

import pytest

from contracts.deletions import deletions
from contracts.entitlements import entitlements
from contracts.models import Agreement, DeletionStatement, Entitlement, Negotiation, Offer
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.transfers import transfers
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import dataset_makers, sales
from tests.rivals import codes, race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

REASON = "the buyer's report shows another purpose"


def test_of_two_statements_one_is_given(seller: Actor, buyer: Actor) -> None:
    right = sales.entitled(seller, buyer)
    started = sales.start(sales.link(right, buyer), buyer.at).transfer_id
    assert started is not None
    transfers.progress(started, [(0, sales.asset_of(right).size_bytes)], now=buyer.at)
    entitlements.revoke(right, reason=REASON, by=seller)
    copies = [Entitlement.objects.get(pk=right.pk) for _ in range(4)]
    outcomes = race([lambda row=row: deletions.state(row, by=buyer) for row in copies])
    assert sorted(codes(outcomes)) == ["statement_exists"] * 3 + ["won"]
    assert DeletionStatement.objects.count() == Event.objects.filter(name="deletion.stated").count() == 1


def test_a_signed_offer_is_withdrawn_or_accepted(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.published(seller)
    for _ in range(3):
        offer = sales.offer(
            dataset,
            seller,
            named=[buyer.participant_id],
            sale="signed",
            valid_until=seller.at + timedelta(days=1),
        )
        asked = sales.request(offer, buyer)
        mine, its = Negotiation.objects.get(pk=asked.pk), Offer.objects.get(pk=offer.pk)
        outcomes = race(
            [
                lambda row=mine: negotiations.accept(row, by=buyer),
                lambda row=its: offers.withdraw(row, by=seller),
            ]
        )
        accepted, withdrawn = codes(outcomes)
        assert withdrawn == "won" and accepted in ("won", "offer_not_published")
        assert Agreement.objects.filter(negotiation=asked).exists() is (accepted == "won")
