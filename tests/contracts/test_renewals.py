"""Renewals: the difference clause by clause, consent to each item that is worse, and a right that begins when the term
before it ends."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.agreements import agreements
from contracts.entitlements import entitlements, successions
from contracts.models import Agreement, Entitlement, Negotiation, Offer, Succession
from contracts.negotiations import negotiations, signings
from contracts.renewals import renewals
from contracts.transfers import transfers
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from tests import dataset_makers, sales

pytestmark = pytest.mark.django_db
Refused = Callable[..., Any]

WORSE: Sequence[dict[str, Any]] = (
    {"kind": "purpose", "any_of": ["research"]},
    {"kind": "copies", "max": 1},
    {"kind": "duration", "days": 365},
    {"kind": "attribution", "text": "Source: the test"},
)
DELETING = [*sales.TERMS, {"kind": "deletion", "days": 30}]


@pytest.fixture
def right(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


def offered(right: Entitlement, seller: Actor, **changes: Any) -> Offer:
    return sales.offer(right.dataset, seller, **{"sale": "instant", **changes})


def renewed(right: Entitlement, offer: Offer, buyer: Actor, *consents: str) -> signings.Accepted:
    shown = renewals.proposal(right, offer).digest
    return renewals.renew(right, offer, consents=consents, shown=shown, by=buyer)


def at_end(right: Entitlement, **more: float) -> datetime:
    assert right.ends_at is not None
    return right.ends_at + timedelta(**more)


def end(right: Entitlement) -> None:
    entitlements.expire_due(now=at_end(right))
    right.refresh_from_db()


def test_the_difference_says_what_is_worse_and_what_it_costs(right: Entitlement, seller: Actor) -> None:
    found = renewals.proposal(right, offered(right, seller, terms=list(WORSE), plan=dict(sales.PAID)))
    told = {change.kind: str(change.direction) for change in found.changes if change.direction != "same"}
    assert told == {"copies": "worse", "attribution": "worse", "price": "worse"}
    assert found.worse == ("copies", "attribution", "price")
    assert found.price_before.is_free and found.price_after.price is not None


@pytest.mark.parametrize("consents", [(), ("copies",), ("copies", "price")])
def test_a_renewal_with_a_worse_item_is_refused_without_consent_to_it(
    consents: tuple[str, ...], right: Entitlement, seller: Actor, buyer: Actor, refused: Refused
) -> None:
    offer = offered(right, seller, terms=list(WORSE), plan=dict(sales.PAID))
    with refused(Conflict, "renewal_worse") as refusal:
        renewed(right, offer, buyer, *consents)
    assert refusal is None and not Succession.objects.exists()


def test_with_consent_by_name_it_is_signed_and_the_contract_and_the_log_hold_it(
    right: Entitlement, seller: Actor, buyer: Actor
) -> None:
    offer = offered(right, seller, terms=list(WORSE))
    accepted = renewed(right, offer, buyer, "copies", "attribution")
    assert accepted.agreement is not None
    assert agreements.document(accepted.agreement)["follows"] == {
        "kind": "renewal",
        "agreement": str(right.agreement_id),
        "consents": ["attribution", "copies"],
    }
    event = Event.objects.get(name="negotiation.consented")
    assert b'"worse":["attribution","copies"]' in bytes(event.leaf)


def test_an_equal_renewal_needs_no_consent_and_begins_when_the_term_ends(
    right: Entitlement, seller: Actor, buyer: Actor
) -> None:
    accepted = renewed(right, offered(right, seller), buyer)
    assert accepted.agreement is not None
    following = accepted.agreement.entitlement
    assert (following.state, following.follows_id) == ("pending", right.pk)
    assert renewals.begin_due(now=at_end(right, seconds=-1)) == 0
    end(right)
    assert renewals.begin_due(now=at_end(right)) == 1
    following.refresh_from_db()
    assert following.state == "active" and following.activated_at == at_end(right)
    assert following.ends_at == at_end(right, days=365)
    assert renewals.begin_due(now=at_end(right)) == 0


def test_a_paid_renewal_waits_for_its_money_and_then_for_its_turn(
    right: Entitlement, seller: Actor, buyer: Actor
) -> None:
    accepted = renewed(right, offered(right, seller, plan=dict(sales.PAID)), buyer, "price")
    assert accepted.agreement is not None and accepted.charge is not None
    following = accepted.agreement.entitlement
    end(right)
    assert renewals.begin_due(now=at_end(right)) == 0, "not paid yet"
    sales.pay(accepted.charge.pk, buyer.moved_to(at_end(right, days=1)))
    following.refresh_from_db()
    assert following.state == "active" and following.activated_at == at_end(right, days=1)


def test_money_that_comes_early_opens_nothing_early(right: Entitlement, seller: Actor, buyer: Actor) -> None:
    accepted = renewed(right, offered(right, seller, plan=dict(sales.PAID)), buyer, "price")
    assert accepted.agreement is not None and accepted.charge is not None
    sales.pay(accepted.charge.pk, buyer)
    following = Entitlement.objects.get(agreement=accepted.agreement)
    assert following.state == "pending"
    assert Negotiation.objects.get(agreement=accepted.agreement).state == "finalized"


def test_copies_are_kept_under_the_right_that_follows(seller: Actor, buyer: Actor) -> None:
    right, other = (sales.entitled(seller, buyer, terms=DELETING) for _ in range(2))
    renewed(right, offered(right, seller, terms=DELETING), buyer)
    end(right)
    other.refresh_from_db()
    assert right.delete_by is None and successions.is_carried_over(right)
    assert other.delete_by == at_end(other, days=30)


@pytest.mark.parametrize(("is_included", "is_owed"), [(True, False), (False, True)])
def test_copies_of_later_revisions_are_kept_only_where_the_next_right_includes_them(
    is_included: bool, is_owed: bool, seller: Actor, buyer: Actor
) -> None:
    """Sold and renewed at the same revision; of another, taken meanwhile, a copy is here."""
    window = {"kind": "revisions", "includes_future": True}
    right = sales.entitled(seller, buyer, terms=[*DELETING, window])
    offer = offered(right, seller, terms=[*DELETING, {**window, "includes_future": is_included}])
    renewed(right, offer, buyer, *([] if is_included else ["revisions"]))
    later = dataset_makers.measured(right.dataset, seller).assets.get()
    started = sales.start(sales.link(right, buyer, asset=later), buyer.at).transfer_id
    assert started is not None
    transfers.progress(started, [(0, later.size_bytes)], now=buyer.at)
    end(right)
    assert (right.delete_by is not None) == is_owed


def test_after_a_revocation_the_next_term_does_not_begin_early(
    right: Entitlement, seller: Actor, buyer: Actor, now: datetime
) -> None:
    renewed(right, offered(right, seller), buyer)
    entitlements.revoke(right, reason="the buyer's report shows another purpose", by=seller)
    assert renewals.begin_due(now=now + timedelta(days=1)) == 0


def test_an_offer_that_changed_since_it_was_read_is_not_signed(
    right: Entitlement, seller: Actor, buyer: Actor, refused: Refused
) -> None:
    shown = renewals.proposal(right, offered(right, seller, title="Another")).digest
    offer = offered(right, seller)
    with refused(Conflict, "renewal_changed"):
        renewals.renew(right, offer, consents=(), shown=shown, by=buyer)


def test_nobody_but_the_buyer_renews_and_only_its_running_right_once(
    right: Entitlement, seller: Actor, buyer: Actor, outsider: Actor, refused: Refused
) -> None:
    offer = offered(right, seller)
    for actor in (seller, outsider):
        with refused(Forbidden, "forbidden"):
            renewed(right, offer, actor)
    other = offered(sales.entitled(seller, buyer), seller)
    with refused(Conflict, "other_dataset"):
        renewed(right, other, buyer)
    with refused(Conflict, "not_renewable"):
        renewed(right, offer, buyer.moved_to(at_end(right)))
    renewed(right, offer, buyer)
    with refused(Conflict, "already_followed"):
        renewed(right, offer, buyer)


def test_what_the_seller_makes_worse_in_the_talk_needs_consent_anew(
    right: Entitlement, seller: Actor, buyer: Actor, refused: Refused
) -> None:
    offer = offered(right, seller, sale="validation", plan=dict(sales.PAID))
    talk = renewed(right, offer, buyer, "price").negotiation
    assert talk.state == "requested"
    dearer = {"kind": "one_off", "price": {"amount_minor": 20_000, "currency": "EUR"}}
    talk = negotiations.counter(talk, on=talk.proposal, plan=dearer, by=seller)
    with refused(Conflict, "renewal_worse"):
        negotiations.accept(talk, shown=talk.proposal, by=buyer)
    with refused(Invalid, "invalid_consent"):
        renewals.consent(talk, ["copies"], shown=talk.proposal, by=buyer)
    with refused(Conflict, "stale_round"):
        renewals.consent(talk, ["price"], shown="0" * 64, by=buyer)
    with refused(Forbidden, "forbidden"):
        renewals.consent(talk, ["price"], shown=talk.proposal, by=seller)
    renewals.consent(talk, ["price"], shown=talk.proposal, by=buyer)
    accepted = negotiations.accept(talk, shown=talk.proposal, by=buyer)
    assert Agreement.objects.filter(pk=getattr(accepted.agreement, "pk", None)).exists()


def test_a_renewal_may_be_signed_after_the_term_before_it_and_begins_then(
    right: Entitlement, seller: Actor, buyer: Actor
) -> None:
    before = at_end(right, days=-1)
    talk = renewed(right, offered(right, seller, sale="validation"), buyer.moved_to(before)).negotiation
    talk = negotiations.approve(talk, shown=talk.proposal, by=seller.moved_to(before))
    end(right)
    later = buyer.moved_to(at_end(right, days=1))
    accepted = negotiations.accept(talk, shown=talk.proposal, by=later)
    assert accepted.agreement is not None
    following = Entitlement.objects.get(agreement=accepted.agreement)
    assert (following.state, following.activated_at) == ("active", later.at)


def test_a_revoked_right_is_not_followed(
    right: Entitlement, seller: Actor, buyer: Actor, refused: Refused
) -> None:
    talk = renewed(right, offered(right, seller, sale="validation"), buyer).negotiation
    talk = negotiations.approve(talk, shown=talk.proposal, by=seller)
    entitlements.revoke(right, reason="the buyer's report shows another purpose", by=seller)
    with refused(Conflict, "wrong_state"):
        negotiations.accept(talk, shown=talk.proposal, by=buyer)
