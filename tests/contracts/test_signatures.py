"""Two members sign where an organisation asks for it: another person, never the same under another role, never a
program; and a new round begins anew."""

from typing import Any

import pytest

from contracts.models import Agreement, Negotiation, Signature
from contracts.negotiations import negotiations
from exchange.kernel.errors import Conflict, Forbidden
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.members import members
from tests import dataset_makers, makers, sales

ONE_COPY = [{"kind": "copies", "set": {"max": 1}}]


@pytest.fixture
def asked(seller: Any, buyer: Any) -> Negotiation:
    return sales.request(sales.offer(dataset_makers.published(seller), seller), buyer)


def people(actor: Any, count: int = 2) -> list[Any]:
    """Traders of an actor's organisation, which has two of them sign from now on."""
    own = makers.participant_of(actor)
    if not own.asks_second_member:
        members.ask_for_second_member(own, wanted=True, by=actor)
    return [actor_of_member(makers.member(own, "trader", actor.at), actor.at) for _ in range(count)]


def signed(negotiation: Negotiation) -> list[tuple[str, int, int]]:
    rows = Signature.objects.filter(negotiation=negotiation, proposal=negotiation.proposal).order_by("pk")
    return [(row.side, row.place, row.needed) for row in rows]


def test_an_approval_stands_once_a_second_member_has_signed(
    asked: Negotiation, seller: Any, buyer: Any, refused: Any
) -> None:
    first, second = people(seller)
    assert negotiations.approve(asked, by=first).state == "requested"
    with refused(Conflict, "wrong_state"):
        negotiations.accept(asked, by=buyer)
    assert negotiations.approve(asked, by=second).state == "approved"
    assert signed(asked) == [("seller", 1, 2), ("seller", 2, 2)]


def test_an_acceptance_leads_to_the_contract_once_a_second_member_has_signed(
    asked: Negotiation, seller: Any, buyer: Any
) -> None:
    negotiations.approve(asked, by=seller)
    first, second = people(buyer)
    half = negotiations.accept(asked, by=first)
    assert (half.agreement, half.charge, half.negotiation.state) == (None, None, "approved")
    assert not Agreement.objects.exists()
    whole = negotiations.accept(asked, by=second)
    assert whole.agreement is not None and Agreement.objects.count() == 1
    assert signed(asked) == [("seller", 1, 1), ("buyer", 1, 2), ("buyer", 2, 2)]


def test_nobody_is_a_second_member_to_themselves(asked: Negotiation, seller: Any, refused: Any) -> None:
    own = makers.participant_of(seller)
    first, _ = people(seller)
    negotiations.approve(asked, by=first)
    person = members.member_behind(first)
    assert person is not None
    with refused(Conflict, "same_member"):
        negotiations.approve(asked, by=first)
    with refused(Conflict, "same_member"):  # under next year's name
        negotiations.approve(asked, by=actor_of_member(person, sales.later(seller.at, days=40)))
    promoted = members.change_role(person, role="manager", by=makers.client(own, seller.at))
    with refused(Conflict, "same_member"):
        negotiations.approve(asked, by=actor_of_member(promoted, seller.at))


def test_a_program_does_not_sign_for_members(asked: Negotiation, seller: Any, buyer: Any, refused: Any) -> None:
    first, _ = people(seller)
    for attempt in (negotiations.approve, lambda row, by: negotiations.counter(row, changes=ONE_COPY, by=by)):
        with refused(Forbidden, "second_member_needed"):
            attempt(asked, by=seller)
    negotiations.approve(asked, by=first)
    with refused(Forbidden, "second_member_needed"):
        negotiations.approve(asked, by=seller)


def test_a_counter_offer_waits_for_the_second_member_too(
    asked: Negotiation, seller: Any, buyer: Any, refused: Any
) -> None:
    first, second = people(seller)
    negotiations.counter(asked, changes=ONE_COPY, by=first)
    assert (asked.state, asked.approved_by) == ("requested", "")
    with refused(Conflict, "wrong_state"):
        negotiations.accept(asked, shown=asked.proposal, by=buyer)
    negotiations.approve(asked, shown=asked.proposal, by=second)
    assert asked.state == "approved"
    assert negotiations.accept(asked, shown=asked.proposal, by=buyer).agreement is not None


def test_a_new_round_has_no_signatures(asked: Negotiation, seller: Any, buyer: Any) -> None:
    first, second = people(seller)
    negotiations.approve(asked, by=first)
    negotiations.counter(asked, changes=ONE_COPY, by=buyer)
    assert signed(asked) == []
    assert negotiations.approve(asked, shown=asked.proposal, by=second).state == "requested"
    assert negotiations.approve(asked, shown=asked.proposal, by=first).state == "approved"


def test_what_is_half_signed_under_the_rule_waits_though_the_rule_goes(
    asked: Negotiation, seller: Any, refused: Any
) -> None:
    own = makers.participant_of(seller)
    first, second = people(seller)
    negotiations.approve(asked, by=first)
    own.refresh_from_db()
    members.ask_for_second_member(own, wanted=False, by=seller)
    with refused(Forbidden, "second_member_needed"):
        negotiations.approve(asked, by=seller)
    assert negotiations.approve(asked, by=second).state == "approved"


def test_an_instant_offer_is_signed_by_the_exchange_alone(seller: Any, buyer: Any) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, sale="instant")
    people(seller)
    asked = sales.request(offer, buyer)
    assert (asked.state, signed(asked)) == ("approved", [("seller", 1, 1)])


def test_a_manager_alone_makes_the_rule_and_once(seller: Any, buyer: Any, now: Any, refused: Any) -> None:
    own = makers.participant_of(seller)
    trader = actor_of_member(makers.member(own, "trader", now), now)
    with refused(Forbidden, "scope_missing"):
        members.ask_for_second_member(own, wanted=True, by=trader)
    with refused(Forbidden, "other_organisation"):
        members.ask_for_second_member(own, wanted=True, by=buyer)
    with refused(Conflict, "same_rule"):
        members.ask_for_second_member(own, wanted=False, by=seller)
    assert members.ask_for_second_member(own, wanted=True, by=seller).asks_second_member
