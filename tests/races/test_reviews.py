"""Two officers at one review, at the same moment: one outcome, each officer's word kept once."""

from functools import partial
from typing import Any

import pytest

from compliance import gates
from compliance.classification.classification import classify
from compliance.models import Review, Verdict
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.participants.actors.actors import actor_of_member
from tests import makers
from tests.rivals import codes, race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

REASON = "Looked at with the seller, column by column."


def held(seller: Actor, version: str) -> Review:
    assert seller.participant_id is not None
    made = gates.examine(
        subject=f"dataset:{seller.participant_id}",
        version=version,
        seller_id=seller.participant_id,
        declared={},
        default="none",
        findings=classify({"email": ["ada@example.org"] * 12}),
        by=seller,
    )
    assert made is not None
    return made


def told(review: Review) -> list[str]:
    found = Event.objects.filter(subject=f"review:{review.pk}").order_by("id")
    return [name for name in found.values_list("name", flat=True) if name != "review.opened"]


def test_of_two_who_decide_at_once_one_decides(seller: Actor, settings: Any) -> None:
    house = makers.operators_organisation(seller.at)
    officers = [
        actor_of_member(makers.member(house, "officer", seller.at), seller.at, has_second_factor=True)
        for _ in range(2)
    ]
    first, second = officers
    for number, rival in enumerate((gates.approve, gates.refuse)):
        review = held(seller, f"r{number}")
        outcomes = race([partial(gates.approve, review, REASON, first), partial(rival, review, REASON, second)])
        assert sorted(codes(outcomes)) == ["won", "wrong_state"]
        review.refresh_from_db()
        assert told(review) == [f"review.{review.state}"]
        assert Verdict.objects.filter(review=review).count() == 1
    settings.EXCHANGE_REVIEWERS = 2
    review = held(seller, "two")
    outcomes = race([partial(gates.approve, review, REASON, one) for one in officers])
    assert codes(outcomes) == ["won", "won"]
    review.refresh_from_db()
    assert (review.state, told(review)) == ("approved", ["review.endorsed", "review.approved"])
    review = held(seller, "same")
    outcomes = race([partial(gates.approve, review, REASON, first)] * 2)
    assert sorted(codes(outcomes)) == ["same_person", "won"]
    review.refresh_from_db()
    assert (review.state, told(review)) == ("open", ["review.endorsed"])
