"""Two who act on one talk at the same moment: exactly one wins, and the other's code says why."""

from typing import Any

import pytest

from contracts.models import Agreement, Negotiation, Rider, Round, Signature
from contracts.negotiations import negotiations, riders, rounds
from contracts.offers import offers
from exchange.kernel.actors import Actor
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.members import members
from payments.charges import coupons
from payments.models import Coupon, CouponUse
from tests import dataset_makers, makers, sales
from tests.over_time import MONTHLY
from tests.rivals import codes, race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

TRIES = 3
ONE_COPY = [{"kind": "copies", "set": {"max": 1}}]
FIVE_COPIES = [{"kind": "copies", "set": {"max": 5}}]


def asked_for(seller: Actor, buyer: Actor) -> Negotiation:
    return sales.request(sales.offer(dataset_makers.published(seller), seller), buyer)


def copies_of(row: Negotiation) -> list[Negotiation]:
    return [Negotiation.objects.get(pk=row.pk) for _ in range(2)]


def test_of_two_redlines_of_one_round_one_stands(seller: Actor, buyer: Actor) -> None:
    for _ in range(TRIES):
        asked = asked_for(seller, buyer)
        mine, theirs = copies_of(asked)
        said = race(
            [
                lambda row=mine: negotiations.counter(row, on=row.proposal, changes=ONE_COPY, by=seller),
                lambda row=theirs: negotiations.counter(row, on=row.proposal, changes=FIVE_COPIES, by=buyer),
            ]
        )
        assert sorted(codes(said)) == ["stale_round", "won"]
        asked.refresh_from_db()
        assert asked.round == Round.objects.filter(negotiation=asked).count() == 2
        assert rounds.is_unbroken(rounds.of(asked))


def test_a_redline_and_a_signature_cannot_both_stand(seller: Actor, buyer: Actor) -> None:
    for _ in range(TRIES):
        asked = negotiations.approve(asked_for(seller, buyer), by=seller)
        mine, theirs = copies_of(asked)
        said = codes(
            race(
                [
                    lambda row=mine: negotiations.counter(row, on=row.proposal, changes=ONE_COPY, by=seller),
                    lambda row=theirs: negotiations.accept(row, shown=row.proposal, by=buyer),
                ]
            )
        )
        assert said in (["won", "stale_round"], ["wrong_state", "won"])
        signed = Agreement.objects.filter(negotiation=asked).exists()
        assert signed == (said[1] == "won")


def test_an_acceptance_at_the_last_second_and_the_clock_cannot_both_stand(seller: Actor, buyer: Actor) -> None:
    for _ in range(TRIES):
        asked = negotiations.approve(asked_for(seller, buyer), by=seller)
        mine, _ = copies_of(asked)
        due = asked.accept_by
        assert due is not None
        last = buyer.moved_to(due - (due - buyer.at) / 10_000)
        accepted, lapsed = race(
            [
                lambda row=mine, by=last: negotiations.accept(row, shown=row.proposal, by=by),
                lambda now=due: negotiations.lapse_due(now=now),
            ]
        )
        assert isinstance(lapsed, int)
        assert codes([accepted]) == (["won"] if lapsed == 0 else ["wrong_state"])
        assert Agreement.objects.filter(negotiation=asked).exists() == (lapsed == 0)


def test_a_request_comes_before_the_withdrawal_or_not_at_all(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.published(seller)
    for _ in range(TRIES):
        offer = sales.offer(dataset, seller)
        mine, theirs = (type(offer).objects.get(pk=offer.pk) for _ in range(2))
        said = codes(
            race(
                [
                    lambda row=mine: offers.withdraw(row, by=seller),
                    lambda row=theirs: sales.request(row, buyer),
                ]
            )
        )
        assert said[0] == "won" and said[1] in ("won", "offer_not_published")
        assert Negotiation.objects.filter(offer=offer).exists() == (said[1] == "won")


def test_of_two_second_members_one_signs(seller: Actor, buyer: Actor) -> None:
    own = members.ask_for_second_member(makers.participant_of(seller), wanted=True, by=seller)
    people = [actor_of_member(makers.member(own, "trader", seller.at), seller.at) for _ in range(3)]
    for _ in range(TRIES):
        asked = negotiations.approve(asked_for(seller, buyer), by=people[0])
        rows: list[Any] = copies_of(asked)
        said = race(
            [
                lambda row=row, by=by: negotiations.approve(row, shown=row.proposal, by=by)
                for row, by in zip(rows, people[1:], strict=True)
            ]
        )
        assert sorted(codes(said)) == ["won", "wrong_state"]
        places = Signature.objects.filter(negotiation=asked).values_list("place", flat=True)
        assert sorted(places) == [1, 2]


def test_of_two_first_signatures_at_once_the_second_reads_the_other_first(seller: Actor, buyer: Actor) -> None:
    """Each page had been opened before either had signed, so neither had read what the other agreed to."""
    own = makers.participant_of(buyer)
    members.ask_for_second_member(own, wanted=True, by=buyer)
    people = [actor_of_member(makers.member(own, "trader", buyer.at), buyer.at) for _ in range(2)]
    for _ in range(TRIES):
        offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(MONTHLY))
        talk = negotiations.approve(sales.request(offer, buyer), by=seller)
        said = race(
            [
                lambda row=row, by=by: negotiations.accept(row, shown=row.proposal, renews=True, by=by)
                for row, by in zip(copies_of(talk), people, strict=True)
            ]
        )
        assert sorted(codes(said)) == ["rider_unread", "won"]
        assert Rider.objects.filter(signature__negotiation=talk).count() == 1
        assert not Agreement.objects.filter(negotiation=talk).exists()


def test_of_two_half_signed_contracts_one_takes_the_last_place_of_a_coupon(
    seller: Actor, buyer: Actor, operator: Actor
) -> None:
    coupons.create(code="LAST-ONE", label="For one", basis_points=2_500, most_uses=1, by=seller)
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    rivals = []
    for one in (buyer, makers.trader("Rival", "DE", buyer.at)):
        own = makers.participant_of(one)
        members.ask_for_second_member(own, wanted=True, by=one)
        first, second = (actor_of_member(makers.member(own, "trader", one.at), one.at) for _ in range(2))
        talk = negotiations.approve(sales.request(offer, one), by=seller)
        negotiations.accept(talk, coupon="LAST-ONE", by=first)
        shown = riders.to_sign(talk)
        rivals.append(lambda row=talk, shown=shown, by=second: negotiations.accept(row, shown=shown, by=by))
    assert sorted(codes(race(rivals))) == ["coupon_spent", "won"]
    assert (Coupon.objects.get().used, CouponUse.objects.count(), Agreement.objects.count()) == (1, 1, 1)
