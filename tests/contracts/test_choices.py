"""Offers whose price varies with what they permit: read strictly, found by each choice, bought by one, frozen in it."""

from typing import Any

import pytest

from contracts.catalogue import catalogue, indexing
from contracts.catalogue.catalogue import Search
from contracts.choices import choices
from contracts.models import Negotiation, Offer
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.renewals import renewals
from contracts.terms.terms import parse
from exchange.kernel.errors import Invalid
from exchange.kernel.models import Event
from tests import dataset_makers, sales

BASE = [{"kind": "copies", "max": 2}]


def paid(minor: int, currency: str = "EUR") -> dict[str, Any]:
    return {"kind": "one_off", "price": {"amount_minor": minor, "currency": currency}}


def row(days: int, purpose: str, plan: dict[str, Any]) -> dict[str, Any]:
    clauses = [{"kind": "purpose", "any_of": [purpose]}, {"kind": "duration", "days": days}]
    return {"terms": clauses, "plan": plan}


ROWS = [
    row(365, "commercial_research", paid(90_000)),
    row(365, "academic_research", paid(9_000)),
    row(30, "academic_research", sales.FREE),
]


def written(seller: Any, **changes: Any) -> Offer:
    fields = {"terms": BASE, "plan": None, "choices": ROWS, **changes}
    return sales.offer(dataset_makers.published(seller), seller, **fields)


@pytest.fixture
def offer(seller: Any) -> Any:
    return written(seller)


def test_an_offer_says_what_its_least_priced_choice_does(offer: Offer) -> None:
    assert offer.plan == sales.FREE
    assert offer.terms == parse([*BASE, *ROWS[2]["terms"]]).to_list()
    assert choices.decided_by(offer) == ["purpose", "duration"]
    found = choices.of(offer)
    assert [one.number for one in found] == [1, 2, 3]
    for one, given in zip(found, ROWS, strict=True):
        assert (one.terms, one.plan) == (parse([*BASE, *given["terms"]]).to_list(), given["plan"])


def test_a_choice_becomes_the_terms_and_the_price_of_the_contract(
    offer: Offer, seller: Any, buyer: Any
) -> None:
    asked = sales.request(offer, buyer, purpose="commercial_research", choice=1)
    assert (asked.terms, asked.plan) == (choices.of(offer)[0].terms, paid(90_000))
    leaf = bytes(Event.objects.get(name="negotiation.requested").leaf)
    assert b'"choice":1' in leaf
    accepted = negotiations.accept(negotiations.approve(asked, by=seller), by=buyer)
    assert accepted.agreement is not None and accepted.charge is not None
    assert accepted.charge.net_minor == 90_000
    text = accepted.agreement.document
    assert "commercial research" in str(text) and "365" in str(text)


def test_a_choice_is_asked_for_by_its_number(offer: Offer, seller: Any, buyer: Any, refused: Any) -> None:
    for code, wish in (
        ("choice_missing", {}),
        ("choice_unknown", {"choice": 4}),
        ("choice_unknown", {"choice": 0}),
    ):
        with refused(Invalid, code):
            sales.request(offer, buyer, **wish)
    plain = sales.offer(offer.dataset, seller)
    with refused(Invalid, "choice_unknown"):
        sales.request(plain, buyer, choice=1)


@pytest.mark.parametrize(
    ("code", "changes", "named"),
    [
        ("plan_or_choices", {"plan": sales.FREE}, []),
        ("plan_or_choices", {"choices": None}, []),
        ("invalid_choices", {"choices": ROWS[:1]}, []),
        ("invalid_choices", {"choices": ROWS * 9}, []),
        ("invalid_choices", {"choices": [*ROWS, {"plan": sales.FREE}]}, ["choice 4"]),
        ("invalid_choices", {"choices": [ROWS[0], row(9, "marketing", paid(1, "CHF"))]}, ["1 and 2"]),
        (
            "invalid_choices",
            {"choices": [*ROWS, {"terms": [{"kind": "copies", "max": 1}], "plan": sales.FREE}]},
            ["choice 4"],
        ),
        ("invalid_plan", {"choices": [ROWS[0], row(9, "marketing", {"kind": "barter"})]}, ["choice 2"]),
        ("invalid_terms", {"choices": [ROWS[0], row(0, "marketing", paid(1))]}, ["choice 2", "duration"]),
        (
            "contradictory_choices",
            {"terms": [{"kind": "duration", "days": 9}]},
            ["clause duration", "choice 1"],
        ),
        (
            "contradictory_clauses",
            {"choices": [ROWS[1], row(9, "model_training", paid(1))]},
            ["choice 2", "purpose", "model_training"],
        ),
        ("choice_unreachable", {"choices": [*ROWS, ROWS[1]]}, ["choice 2", "choice 4"]),
        (
            "choice_unreachable",
            {"choices": [ROWS[0], row(30, "commercial_research", paid(90_000))]},
            ["choice 2", "choice 1"],
        ),
        (
            "choice_unreachable",
            {"choices": [row(30, "academic_research", paid(2)), row(30, "research", paid(1))]},
            ["choice 1", "choice 2"],
        ),
    ],
)
def test_what_cannot_be_chosen_between_is_refused_when_it_is_written(
    seller: Any, code: str, changes: dict[str, Any], named: list[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        written(seller, **changes)
    if code != "invalid_terms":  # the library names what is wrong with a clause in its own codes
        assert refusal.value.code == code, refusal.value.detail
    for words in named:
        assert words in refusal.value.detail
    assert not Offer.objects.exists()


def test_an_offer_is_found_by_each_of_its_choices(offer: Offer, buyer: Any) -> None:
    indexing.rebuild()
    for price in ("free", "paid"):
        found = catalogue.search(buyer, Search(price=(price,)), with_facets=True)
        assert [entry.dataset.pk for entry in found.items] == [offer.dataset_id]
        counted = {one.value: one.count for one in (found.facets or {})["price"]}
        assert counted == {"free": 1, "paid": 1}


def test_a_request_in_flight_keeps_its_choice(offer: Offer, seller: Any, buyer: Any) -> None:
    asked = sales.request(offer, buyer, choice=2, purpose="academic_research")
    offers.withdraw(offer, by=seller)
    asked = Negotiation.objects.get(pk=asked.pk)
    cheaper = negotiations.counter(asked, plan=paid(8_000), by=seller)
    assert cheaper.terms == choices.of(offer)[1].terms and cheaper.plan == paid(8_000)
    accepted = negotiations.accept(cheaper, shown=cheaper.proposal, by=buyer)
    assert accepted.agreement is not None


def test_a_renewal_is_by_a_choice_that_keeps_the_terms_first(offer: Offer, seller: Any, buyer: Any) -> None:
    right = sales.sold(offer, buyer, seller, choice=2, purpose="academic_research")
    found = renewals.proposals_visible_to(buyer, right)
    assert [one.choice for one in found] == [2, 3, 1]
    assert found[0].worse == () and found[1].worse == ("duration",)
    first = found[0]
    renewed = renewals.renew(right, offer, consents=(), shown=first.digest, choice=first.choice, by=buyer)
    assert renewed.negotiation.plan == paid(9_000)


def test_choices_over_http(seller: Any, buyer: Any, outsider: Any, door: Any) -> None:
    dataset = dataset_makers.published(seller)
    asked = {"dataset_id": str(dataset.pk), "title": "Research", "terms": BASE, "choices": ROWS}
    made = door(seller).post(
        "/api/v1/offers", {**asked, "audience": {"participants": [str(buyer.participant_id)]}}
    )
    assert made.status_code == 201 and made.json()["plan"] == sales.FREE
    assert [(one["number"], one["plan"]) for one in made.json()["choices"]] == [
        (number, one["plan"]) for number, one in enumerate(ROWS, start=1)
    ]
    path = f"/api/v1/offers/{made.json()['id']}"
    door(seller).post(f"{path}/publish")
    priced = door(buyer).post(f"{path}/price", {"choice": 1}).json()
    assert (priced["choice"], priced["plan"]) == (1, paid(90_000))
    assert "You may use the data only for commercial research." in [row["text"] for row in priced["text"]["en"]]
    assert priced["policy"]["permission"]
    assert door(buyer).post(f"{path}/price", {}).json()["type"].endswith(":choice_missing")
    assert door(outsider).post(f"{path}/price", {"choice": 1}).status_code == 404
    wish = {
        "offer_id": made.json()["id"],
        "purpose": "research",
        "country": "DE",
        "use": sales.USE,
        "choice": 2,
    }
    refused = door(buyer).post("/api/v1/negotiations", wish)
    assert refused.json()["type"].endswith(":purpose_not_allowed"), "the choice is for academic research alone"
    taken = door(buyer).post("/api/v1/negotiations", {**wish, "purpose": "academic_research"})
    assert (taken.status_code, taken.json()["terms"]) == (201, choices.of(Offer.objects.get())[1].terms)
