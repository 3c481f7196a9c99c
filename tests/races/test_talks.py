"""Two who act on one talk at the same moment: exactly one wins, and the other's code says why."""

from typing import Any

import pytest

from contracts import negotiations, offers, rounds
from contracts.models import Agreement, Negotiation, Round, Signature
from exchange.kernel.actors import Actor
from exchange.participants import members
from exchange.participants.actors import actor_of_member
from tests import dataset_makers, makers, sales
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
