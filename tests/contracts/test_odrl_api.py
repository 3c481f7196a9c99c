"""Policies over HTTP: given out as JSON-LD to whom the offer or the agreement is visible, and taken as the terms of an
offer."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.agreements import agreements
from contracts.models import Agreement, Offer
from contracts.offers import offers
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Invalid
from tests import dataset_makers, sales

pytestmark = pytest.mark.by_the_clock


@pytest.fixture
def dataset(seller: Actor) -> Any:
    return dataset_makers.published(seller)


def body(dataset: Any, **terms: Any) -> dict[str, Any]:
    return {"dataset_id": str(dataset.pk), "title": "By ODRL", "plan": dict(sales.FREE), **terms}


def test_the_policy_of_an_offer_makes_the_same_offer_again(dataset: Any, seller: Actor, door: Any) -> None:
    offer = sales.offer(dataset, seller)
    answer = door(seller).get(f"/api/v1/offers/{offer.pk}/odrl")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/ld+json")
    policy = answer.json()
    assert (policy["@type"], policy["@id"]) == ("Offer", f"urn:uuid:{offer.pk}")
    again = door(seller).post("/api/v1/offers", body(dataset, policy=policy))
    assert again.status_code == 201, again.content
    assert again.json()["terms"] == offer.terms
    assert Offer.objects.get(pk=again.json()["id"]).terms == offer.terms
    assert again.json()["policy"] == door(seller).get(f"/api/v1/offers/{again.json()['id']}/odrl").json()


def test_the_policy_of_an_agreement_is_the_one_that_was_signed(
    seller: Actor, buyer: Actor, outsider: Actor, door: Any
) -> None:
    right = sales.entitled(seller, buyer)
    path = f"/api/v1/agreements/{right.agreement_id}/odrl"
    for side in (seller, buyer):
        answer = door(side).get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/ld+json")
        policy = answer.json()
        assert policy == agreements.document(Agreement.objects.get(pk=right.agreement_id))["policy"]
        assert (policy["@type"], policy["assignee"]) == ("Agreement", f"urn:uuid:{buyer.participant_id}")
    assert door(outsider).get(path).status_code == 404


def test_an_offer_that_is_not_for_somebody_has_no_policy_for_them(
    dataset: Any, seller: Actor, buyer: Actor, outsider: Actor, door: Any
) -> None:
    offer = sales.offer(dataset, seller, named=[buyer.participant_id])
    path = f"/api/v1/offers/{offer.pk}/odrl"
    assert [door(who).get(path).status_code for who in (seller, buyer, outsider)] == [200, 200, 404]


def test_an_offer_takes_either_terms_or_a_policy(
    dataset: Any, seller: Actor, refused: Callable[..., Any]
) -> None:
    policy = {"permission": [{"action": "use"}]}
    assert offers.draft(dataset, title="A", policy=policy, plan=sales.FREE, by=seller).terms == []
    for given in ({}, {"terms": [], "policy": policy}):
        with refused(Invalid, "terms_or_policy"):
            offers.draft(dataset, title="A", plan=sales.FREE, by=seller, **given)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"target": "urn:uuid:0190aaaa-0000-7000-8000-000000000009"}, "target: "),
        ({"assigner": "urn:uuid:0190aaaa-0000-7000-8000-000000000009"}, "assigner: "),
        ({"assignee": "urn:uuid:0190aaaa-0000-7000-8000-000000000009"}, "assignee: "),
        ({"prohibition": [{"action": "sell"}], "conflict": "prohibit"}, 'prohibition[0]: action "sell"'),
    ],
)
def test_a_policy_about_somebody_or_something_else_is_no_offer(
    dataset: Any, seller: Actor, door: Any, everything: Callable[[], Any], said: dict[str, Any], named: str
) -> None:
    before = everything()
    policy = {"permission": [{"action": "use"}], **said}
    answer = door(seller).post("/api/v1/offers", body(dataset, policy=policy))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:comptoir:problem:unsupported_odrl")
    assert named in answer.json()["detail"]
    assert everything() == before
