"""Amendments: single clauses of a signed contract changed by a new one that takes its place, within the same term."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.agreements import agreements
from contracts.entitlements import entitlements
from contracts.models import CopyCount, Entitlement
from contracts.negotiations import negotiations
from contracts.renewals import amendments, renewals
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from payments.models import Hold
from tests import dataset_makers, sales

pytestmark = pytest.mark.django_db
Refused = Callable[..., Any]
MORE = [{"kind": "copies", "set": {"max": 5}}]
LESS = [{"kind": "copies", "set": {"max": 1}}]


@pytest.fixture
def right(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


def amended(right: Entitlement, changes: object, seller: Actor, buyer: Actor, *consents: str) -> Entitlement:
    """Proposed by the seller, accepted by the buyer a day later."""
    talk = amendments.propose(right.agreement, changes=changes, by=seller)
    later = buyer.moved_to(buyer.at + timedelta(days=1))
    if consents:
        renewals.consent(talk, consents, shown=talk.proposal, by=later)
    accepted = negotiations.accept(talk, shown=talk.proposal, by=later)
    assert accepted.agreement is not None
    right.refresh_from_db()
    return Entitlement.objects.get(agreement=accepted.agreement)


def test_an_amendment_supersedes_contract_and_right_and_keeps_the_term(
    right: Entitlement, seller: Actor, buyer: Actor
) -> None:
    path = sales.link(right, buyer)
    assert sales.start(path, buyer.at).transfer_id is not None
    new = amended(right, MORE, seller, buyer)
    assert (right.state, new.state) == ("expired", "active")
    assert (new.activated_at, new.ends_at) == (right.activated_at, right.ends_at)
    assert (new.copies_max, new.revision_id) == (5, right.revision_id)
    right.agreement.refresh_from_db()
    assert (right.agreement.state, new.agreement.state) == ("terminated", "signed")
    assert agreements.document(new.agreement)["follows"]["agreement"] == str(right.agreement_id)
    assert {"entitlement.superseded", "agreement.superseded"} <= set(
        Event.objects.values_list("name", flat=True)
    )
    assert CopyCount.objects.get(entitlement=new).used == 1, "what was taken stays taken"


def test_the_old_contract_stays_as_it_was_signed(right: Entitlement, seller: Actor, buyer: Actor) -> None:
    before = bytes(right.agreement.document)
    amended(right, MORE, seller, buyer)
    right.agreement.refresh_from_db()
    assert bytes(right.agreement.document) == before and agreements.is_intact(right.agreement)


def test_a_buyer_asks_for_an_amendment_and_the_seller_signs_first(
    right: Entitlement, seller: Actor, buyer: Actor
) -> None:
    talk = amendments.propose(right.agreement, changes=MORE, note="We need it on two machines more.", by=buyer)
    assert talk.state == "requested"
    talk = negotiations.approve(talk, shown=talk.proposal, by=seller)
    assert negotiations.accept(talk, shown=talk.proposal, by=buyer).agreement is not None
    event = Event.objects.get(name="negotiation.requested", subject=f"negotiation:{talk.pk}")
    assert b"machines" not in bytes(event.leaf)


def test_what_an_amendment_makes_worse_needs_the_buyers_consent(
    right: Entitlement, seller: Actor, buyer: Actor, refused: Refused
) -> None:
    talk = amendments.propose(right.agreement, changes=LESS, by=seller)
    with refused(Conflict, "renewal_worse"):
        negotiations.accept(talk, shown=talk.proposal, by=buyer)
    renewals.consent(talk, ["copies"], shown=talk.proposal, by=buyer)
    assert negotiations.accept(talk, shown=talk.proposal, by=buyer).agreement is not None


def test_only_its_two_sides_amend_a_contract_and_only_while_its_right_is_active(
    right: Entitlement, seller: Actor, buyer: Actor, outsider: Actor, refused: Refused
) -> None:
    with refused(Forbidden, "forbidden"):
        amendments.propose(right.agreement, changes=MORE, by=outsider)
    with refused(Invalid, "empty_change"):
        amendments.propose(right.agreement, by=seller)
    with refused(Invalid, "empty_change"):
        amendments.propose(right.agreement, changes=[{"kind": "copies", "set": {"max": 2}}], by=seller)
    amendments.propose(right.agreement, changes=MORE, by=seller)
    with refused(Conflict, "already_requested"):
        amendments.propose(right.agreement, changes=LESS, by=buyer)
    entitlements.suspend(right, reason="A question about the bill.", by=seller)
    with refused(Conflict, "wrong_state"):
        amendments.propose(right.agreement, changes=MORE, by=seller)


def test_an_amendment_accepted_after_the_end_is_refused(
    right: Entitlement, seller: Actor, buyer: Actor, now: datetime, refused: Refused
) -> None:
    talk = amendments.propose(right.agreement, changes=MORE, by=seller)
    assert talk.accept_by is not None and right.ends_at is not None
    last = seller.moved_to(right.ends_at - timedelta(days=1))
    other = sales.entitled(seller, buyer)
    late = amendments.propose(other.agreement, changes=MORE, by=last)
    with refused(Conflict, "entitlement_expired"):
        negotiations.accept(late, shown=late.proposal, by=buyer.moved_to(right.ends_at))
    entitlements.revoke(right, reason="the buyer's report shows another purpose", by=seller)
    with refused(Conflict, "wrong_state"):
        negotiations.accept(talk, shown=talk.proposal, by=buyer)


def test_a_price_on_top_is_paid_before_the_change_holds(
    right: Entitlement, seller: Actor, buyer: Actor
) -> None:
    talk = amendments.propose(right.agreement, changes=MORE, plan=dict(sales.PAID), by=seller)
    renewals.consent(talk, ["price"], shown=talk.proposal, by=buyer)
    accepted = negotiations.accept(talk, shown=talk.proposal, by=buyer)
    assert accepted.charge is not None and accepted.agreement is not None
    right.refresh_from_db()
    assert (right.state, accepted.agreement.entitlement.state) == ("active", "pending")
    sales.pay(accepted.charge.pk, buyer)
    right.refresh_from_db()
    assert right.state == "expired"
    assert Entitlement.objects.get(agreement=accepted.agreement).state == "active"


def test_money_for_a_change_that_comes_after_the_right_has_ended_is_kept_for_the_operator(
    right: Entitlement, seller: Actor, buyer: Actor
) -> None:
    talk = amendments.propose(right.agreement, changes=MORE, plan=dict(sales.PAID), by=seller)
    renewals.consent(talk, ["price"], shown=talk.proposal, by=buyer)
    charge = negotiations.accept(talk, shown=talk.proposal, by=buyer).charge
    assert charge is not None
    entitlements.revoke(right, reason="the buyer's report shows another purpose", by=seller)
    sales.pay(charge.pk, buyer)
    assert (Hold.objects.get().state, Entitlement.objects.get(follows=right).state) == ("contested", "pending")


def test_an_amendment_of_an_offer_signed_in_advance_outlives_the_offer(seller: Actor, buyer: Actor) -> None:
    day = timedelta(days=1)
    offer = sales.offer(
        dataset_makers.published(seller),
        seller,
        sale="signed",
        named=[buyer.participant_id],
        valid_until=seller.at + day,
    )
    accepted = negotiations.accept(sales.request(offer, buyer), by=buyer)
    assert accepted.agreement is not None
    later = [actor.moved_to(actor.at + 2 * day) for actor in (seller, buyer)]
    talk = amendments.propose(accepted.agreement, changes=MORE, by=later[0])
    assert negotiations.accept(talk, shown=talk.proposal, by=later[1]).agreement is not None
