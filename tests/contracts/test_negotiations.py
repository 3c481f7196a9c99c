"""Request, approve, counter, refuse, accept: two signatures, frozen terms, one agreement."""

from typing import Any

import pytest

from contracts.models import Agreement, Entitlement, Negotiation
from contracts.negotiations import negotiations
from contracts.offers import offers
from datasets import datasets
from datasets.revisions import revisions
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from exchange.participants.members import members
from payments.models import Charge
from tests import dataset_makers, makers, sales


@pytest.fixture
def offer(seller: Any) -> Any:
    return sales.offer(dataset_makers.published(seller), seller)


def personal_offer(seller: Any, **changes: Any) -> Any:
    dataset = dataset_makers.draft(seller)
    datasets.declare(dataset, **dataset_makers.PERSONAL, by=seller)
    dataset_makers.measured(dataset, seller)
    return sales.offer(datasets.publish(dataset, by=seller), seller, **changes)


def test_a_free_sale_is_complete_at_acceptance(offer: Any, seller: Any, buyer: Any) -> None:
    negotiation = sales.request(offer, buyer)
    assert negotiation.state == "requested"
    accepted = negotiations.accept(negotiations.approve(negotiation, by=seller), by=buyer)
    assert accepted.charge is None
    assert Negotiation.objects.get().state == "finalized"
    entitlement = Entitlement.objects.get()
    assert (entitlement.state, entitlement.copies_max) == ("active", 2)
    assert entitlement.ends_at == sales.later(buyer.at, days=365)
    names = list(Event.objects.filter(subject__contains=str(negotiation.pk)).values_list("name", flat=True))
    assert sorted(names) == [
        "negotiation.accepted",
        "negotiation.approved",
        "negotiation.finalized",
        "negotiation.requested",
        "negotiation.signed",
        "negotiation.signed",
    ]


def test_a_paid_sale_waits_for_its_money(seller: Any, buyer: Any, react: Any) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    accepted = negotiations.accept(negotiations.approve(sales.request(offer, buyer), by=seller), by=buyer)
    assert accepted.charge is not None
    assert Entitlement.objects.get().state == "pending"
    sales.pay(accepted.charge.pk, buyer)
    react()
    assert Charge.objects.get().state == "paid"
    assert Entitlement.objects.get().state == "active"
    assert Negotiation.objects.get().state == "finalized"


def test_an_instant_offer_needs_no_approval(seller: Any, buyer: Any) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, sale="instant")
    negotiation = sales.request(offer, buyer)
    assert (negotiation.state, negotiation.approved_by) == ("approved", "system:instant_sale")


def test_a_counter_offer_is_signed_by_the_seller_and_may_be_accepted(
    offer: Any, seller: Any, buyer: Any
) -> None:
    narrower = [{"kind": "copies", "max": 1}, {"kind": "purpose", "any_of": ["research"]}]
    negotiation = negotiations.counter(sales.request(offer, buyer), terms=narrower, plan=sales.FREE, by=seller)
    assert negotiation.state == "offered"
    negotiations.accept(negotiation, shown=negotiation.proposal, by=buyer)
    assert Entitlement.objects.get().copies_max == 1


def test_terms_of_a_request_in_flight_are_frozen(offer: Any, seller: Any, buyer: Any) -> None:
    negotiation = sales.request(offer, buyer)
    offers.withdraw(offer, by=seller)
    accepted = negotiations.accept(negotiations.approve(negotiation, by=seller), by=buyer)
    assert accepted.agreement.state == "signed"


def test_a_refusal_ends_the_talk(offer: Any, seller: Any, buyer: Any, refused: Any) -> None:
    negotiation = negotiations.refuse(sales.request(offer, buyer), reason="", by=seller)
    assert negotiation.state == "terminated"
    with refused(Conflict, "wrong_state"):
        negotiations.accept(negotiation, by=buyer)


def test_a_buyer_may_take_a_request_back_and_ask_again(offer: Any, buyer: Any) -> None:
    negotiations.terminate(sales.request(offer, buyer), reason="asked by mistake", by=buyer)
    assert sales.request(offer, buyer).state == "requested"


def test_one_open_request_for_an_offer(offer: Any, buyer: Any, refused: Any) -> None:
    sales.request(offer, buyer)
    with refused(Conflict, "already_requested"):
        sales.request(offer, buyer)


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({"purpose": "marketing"}, Forbidden, "purpose_not_allowed"),
        ({"purpose": "nonsense"}, Invalid, "unknown_purpose"),
        ({"country": "XX"}, Invalid, "unknown_country"),
        ({"use": "short"}, Invalid, "invalid"),
        ({"use": "x" * 2_001}, Invalid, "invalid"),
    ],
)
def test_a_request_that_cannot_be_granted_is_refused(
    changes: dict[str, Any], kind: Any, code: str, offer: Any, buyer: Any, refused: Any
) -> None:
    with refused(kind, code):
        sales.request(offer, buyer, **changes)


def test_a_country_clause_binds_the_verified_country(seller: Any, buyer: Any, refused: Any) -> None:
    terms = [{"kind": "country", "any_of": ["FR"]}]
    offer = sales.offer(dataset_makers.published(seller), seller, terms=terms)
    with refused(Forbidden, "country_not_allowed"):
        sales.request(offer, buyer, country="FR")


def test_nobody_licenses_their_own_dataset(offer: Any, seller: Any, refused: Any) -> None:
    with refused(Conflict, "own_offer"):
        sales.request(offer, seller)


def test_nobody_but_the_seller_approves(offer: Any, buyer: Any, outsider: Any, refused: Any) -> None:
    negotiation = sales.request(offer, buyer)
    for actor in (buyer, outsider):
        with refused(Forbidden, "forbidden"):
            negotiations.approve(negotiation, by=actor)


def test_nobody_but_the_buyer_accepts(offer: Any, seller: Any, buyer: Any, outsider: Any, refused: Any) -> None:
    negotiation = negotiations.approve(sales.request(offer, buyer), by=seller)
    for actor in (seller, outsider):
        with refused(Forbidden, "forbidden"):
            negotiations.accept(negotiation, by=actor)


def test_acceptance_needs_an_approval(offer: Any, buyer: Any, refused: Any) -> None:
    negotiation = sales.request(offer, buyer)
    with refused(Conflict, "wrong_state"):
        negotiations.accept(negotiation, by=buyer)


def test_a_stale_copy_cannot_accept_twice(offer: Any, seller: Any, buyer: Any, refused: Any) -> None:
    negotiation = negotiations.approve(sales.request(offer, buyer), by=seller)
    stale = Negotiation.objects.get(pk=negotiation.pk)
    negotiations.accept(negotiation, by=buyer)
    with refused(Conflict, "wrong_state"):
        negotiations.accept(stale, by=buyer)
    assert Agreement.objects.count() == 1


def test_a_participant_who_is_not_verified_buys_nothing(
    offer: Any, buyer: Any, operator: Any, participant_of: Any, refused: Any
) -> None:
    members.suspend(participant_of(buyer), reason="under investigation by the operator", by=operator)
    with refused(Forbidden, "participant_not_verified"):
        sales.request(offer, buyer)


def test_a_new_revision_is_sold_only_once_it_is_measured(
    offer: Any, seller: Any, buyer: Any, refused: Any
) -> None:
    revision = revisions.open_revision(offer.dataset, seller)
    dataset_makers.upload(revision, seller, "new.csv", dataset_makers.SMALL_CSV)
    revisions.seal(revision, seller)
    with refused(Conflict, "not_measured"):
        sales.request(offer, buyer)


@pytest.mark.parametrize(
    ("country", "allowed"), [("DE", True), ("NO", True), ("JP", True), ("US", False), ("IN", False)]
)
def test_personal_data_goes_only_where_the_law_opens_the_way(
    country: str, allowed: bool, seller: Any, now: Any, refused: Any
) -> None:
    offer = personal_offer(seller, terms=[{"kind": "purpose", "any_of": ["research"]}])
    importer = makers.trader("Importer", country, now)
    if allowed:
        assert sales.request(offer, importer, country=country).state == "requested"
        return
    with refused(Forbidden, "condition_not_met:dpf" if country == "US" else "no_adequacy_decision"):
        sales.request(offer, importer, country=country)
