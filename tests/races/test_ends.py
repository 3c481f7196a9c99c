"""The end of a licence and of an offer, by two at the same moment: one word is given, and nothing is signed on an offer
that is gone."""

from datetime import timedelta
from functools import partial

import pytest

from contracts.deletions import deletions
from contracts.entitlements import entitlements, reasons, returns
from contracts.models import Agreement, DeletionStatement, Entitlement, Negotiation, Offer
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.transfers import transfers
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from payments.models import Charge
from tests import dataset_makers, makers, sales
from tests.contracts.test_returns import open_dispute
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


def test_a_right_given_back_while_its_money_leaves_is_suspended_in_the_end(seller: Actor, buyer: Actor) -> None:
    came_to = set()
    for _ in range(8):
        right = sales.entitled(seller, buyer, plan=dict(sales.PAID))
        entitlements.suspend(right, reason=REASON, by=seller)
        charge = Charge.objects.get(reference=f"agreement:{right.agreement_id}")
        mine = Entitlement.objects.get(pk=right.pk)

        def lose(charge: Charge = charge) -> None:
            open_dispute(charge, buyer.at)
            returns.follow(charge.pk, by=makers.system(buyer.at))

        given = partial(entitlements.resume, mine, reason=REASON, by=seller)
        resumed, _followed = codes(race([given, lose]))
        right.refresh_from_db()
        assert right.state == "suspended"
        assert right.reason == (reasons.DISPUTED if resumed == "won" else REASON)
        came_to.add(resumed)
    assert came_to <= {"won", "entitlement_kept_back"}
