"""Offers: drafted, published, withdrawn, and invisible to those they are not for."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from contracts import queries
from contracts.catalogue import catalogue
from contracts.catalogue.catalogue import Search
from contracts.offers import offers
from datasets import datasets
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.participants.members import members
from tests import dataset_makers, sales


@pytest.fixture
def dataset(seller: Any) -> Any:
    return dataset_makers.published(seller)


def test_a_published_offer_is_found_by_every_buyer(
    dataset: Any, seller: Any, buyer: Any, outsider: Any
) -> None:
    offer = sales.offer(dataset, seller)
    assert offer.state == "published"
    for actor in (buyer, outsider, seller):
        assert queries.offer_visible_to(actor, offer.pk) == offer
        assert list(catalogue.datasets_visible_to(actor)) == [dataset]


def test_a_draft_is_nowhere_but_with_its_seller(dataset: Any, seller: Any, buyer: Any) -> None:
    offer = offers.draft(dataset, title="Draft", terms=list(sales.TERMS), plan=sales.FREE, by=seller)
    with pytest.raises(NotFound):
        queries.offer_visible_to(buyer, offer.pk)
    assert not catalogue.datasets_visible_to(buyer).exists()
    assert queries.offer_visible_to(seller, offer.pk) == offer


def test_what_an_audience_may_not_see_is_nowhere(dataset: Any, seller: Any, buyer: Any, outsider: Any) -> None:
    offer = sales.offer(dataset, seller, named=[buyer.participant_id])
    for wanted in (Search(), Search(q="cities")):
        assert [entry.dataset for entry in catalogue.search(buyer, wanted).items] == [dataset]
        assert catalogue.search(outsider, wanted).items == []
    with pytest.raises(NotFound):
        catalogue.dataset_visible_to(outsider, dataset.pk)
    with pytest.raises(NotFound):
        queries.offer_visible_to(outsider, offer.pk)
    assert catalogue.offers_of(outsider, dataset) == []


def test_a_withdrawn_offer_leaves_the_market(dataset: Any, seller: Any, buyer: Any) -> None:
    offer = offers.withdraw(sales.offer(dataset, seller), by=seller)
    assert offer.state == "withdrawn"
    assert not catalogue.datasets_visible_to(buyer).exists()


def test_the_offers_of_a_suspended_seller_are_nowhere(
    dataset: Any, seller: Any, buyer: Any, operator: Any, participant_of: Any
) -> None:
    sales.offer(dataset, seller)
    members.suspend(participant_of(seller), reason="under investigation by the operator", by=operator)
    assert not catalogue.datasets_visible_to(buyer).exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"terms": [{"kind": "teleport"}]}, "unknown_clause"),
        ({"terms": [{"kind": "purpose", "any_of": ["world domination"]}]}, "unknown_purpose"),
        ({"terms": [{"kind": "country", "any_of": ["XX"]}]}, "unknown_country"),
        ({"terms": [{"kind": "copies", "max": -1}]}, "invalid_parameter"),
        ({"plan": {"kind": "one_off", "price": {"amount_minor": 5, "currency": "ZZZ"}}}, None),
        ({"plan": {"kind": "one_off", "price": {"amount_minor": -5, "currency": "EUR"}}}, None),
        ({"plan": {"kind": "one_off", "price": {"amount_minor": 10**18, "currency": "EUR"}}}, None),
        ({"plan": {"kind": "barter"}}, None),
        ({"sale": "auction"}, "invalid"),
        ({"named": []}, "invalid"),
        ({"title": "\x07bell"}, "invalid"),
    ],
)
def test_what_cannot_be_offered_is_refused(
    changes: dict[str, Any], code: str | None, dataset: Any, seller: Any, everything: Any
) -> None:
    before = everything()
    fields = {"title": "Licence", "terms": list(sales.TERMS), "plan": sales.FREE, **changes}
    with pytest.raises(Invalid) as refusal:
        offers.draft(dataset, **fields, by=seller)
    assert code is None or refusal.value.code in (code, "invalid_terms")
    assert everything() == before


def test_only_the_seller_offers(dataset: Any, buyer: Any, refused: Any) -> None:
    with refused(Forbidden, "forbidden"):
        sales.offer(dataset, buyer)


def test_a_suspended_seller_offers_nothing(
    dataset: Any, seller: Any, operator: Any, participant_of: Any, refused: Any
) -> None:
    members.suspend(participant_of(seller), reason="under investigation by the operator", by=operator)
    with refused(Forbidden, "participant_not_verified"):
        sales.offer(dataset, seller)


def test_an_offer_follows_its_dataset_to_the_market(seller: Any, refused: Any) -> None:
    dataset = dataset_makers.draft(seller)
    offer = offers.draft(dataset, title="Early", terms=list(sales.TERMS), plan=sales.FREE, by=seller)
    with refused(Conflict, "dataset_not_published"):
        offers.publish(offer, by=seller)


def test_a_second_publish_is_a_conflict(dataset: Any, seller: Any, refused: Any) -> None:
    offer = sales.offer(dataset, seller)
    with refused(Conflict, "wrong_state"):
        offers.publish(offer, by=seller)


def test_personal_data_is_never_sold_instantly(seller: Any, refused: Any) -> None:
    dataset = dataset_makers.draft(seller)
    datasets.declare(dataset, **dataset_makers.PERSONAL, by=seller)
    dataset_makers.measured(dataset, seller)
    dataset = datasets.publish(dataset, by=seller)
    offer = offers.draft(
        dataset, title="Now", terms=list(sales.TERMS), plan=sales.FREE, sale="instant", by=seller
    )
    with refused(Conflict, "personal_data_needs_validation"):
        offers.publish(offer, by=seller)


def test_the_database_freezes_what_an_offer_says(dataset: Any, seller: Any) -> None:
    offer = sales.offer(dataset, seller)
    for statement in ("UPDATE contracts_offer SET title = 'Other'", "DELETE FROM contracts_offer"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    offer.refresh_from_db()
    assert offer.title == "Research licence"
