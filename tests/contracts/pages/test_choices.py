"""An offer with several prices on its pages: rows are written in a plain form, and a buyer asks for one of them."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.models import Negotiation, Offer
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.contracts.pages.test_offers import WRITTEN, new
from tests.contracts.pages.test_request import WISH, path

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
ROWS = {
    "row-1-purpose": "commercial_research",
    "row-1-days": "365",
    "row-1-revisions": '{"includes_future": true}',
    "row-1-amount": "900",
    "row-2-purpose": "academic_research",
    "row-2-days": "",
    "row-2-revisions": "",
    "row-2-amount": "0",
}
GIVEN: dict[str, Any] = {**WRITTEN, "training": "no", "price": "choices", **ROWS}


@pytest.fixture
def dataset(seller: Actor) -> Dataset:
    return dataset_makers.published(seller)


@pytest.fixture
def offer(dataset: Dataset, seller: Actor) -> Offer:
    rows = [
        ({"kind": "duration", "days": 365}, dict(sales.PAID)),
        ({"kind": "duration", "days": 30}, dict(sales.FREE)),
    ]
    choices = [{"terms": [clause], "plan": plan} for clause, plan in rows]
    return sales.offer(dataset, seller, terms=[{"kind": "copies", "max": 2}], plan=None, choices=choices)


def test_rows_of_the_form_become_choices(dataset: Dataset, seller: Actor, reader: Open) -> None:
    answer = reader(seller).post(new(dataset), **GIVEN)
    made = Offer.objects.get()
    assert answer.status_code == 302
    commercial, academic = ([clause["kind"] for clause in row["terms"]] for row in made.choices)
    assert (commercial, academic) == (["purpose", "duration", "revisions"], ["purpose"])
    assert [row["plan"]["kind"] for row in made.choices] == ["one_off", "free"]
    kinds = {clause["kind"] for clause in made.terms}
    assert "duration" not in kinds and "copies" in kinds, "what rows decide is left to them"
    page = text_of(reader(seller).get(f"/sell/offers/{made.pk}"))
    for words in ("The choices", "Commercial research", "365 days", "without end", "€900.00", "Free"):
        assert words in page
    like = text_of(reader(seller).get(f"{new(dataset)}?like={made.pk}"))
    assert 'name="row-1-amount" value="900.00"' in like and 'name="row-2-amount" value="0"' in like


def test_a_row_is_added_and_taken_away_without_scripts(dataset: Dataset, seller: Actor, reader: Open) -> None:
    more = text_of(reader(seller).post(new(dataset), **{**GIVEN, "title": "", "row_add": "yes"}))
    assert 'name="row-3-amount"' in more and 'value="900"' in more and "Fill this in" not in more
    three = {**GIVEN, "row-3-amount": "5"}
    less = text_of(reader(seller).post(new(dataset), **three, row_take="1"))
    assert 'name="row-1-amount"' not in less and 'name="row-3-amount"' in less
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"row-1-amount": ""}, "Look at the choices below"),
        ({"row-1-amount": "9.999"}, "at most 2 decimals"),
        ({"row-2-revisions": "{}"}, "Choose one of the entries shown."),
        ({"row-1-purpose": "academic_research", "row-1-revisions": ""}, "can never be the right one"),
        ({"row-2-purpose": "model_training"}, "model_training"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(
    wrong: dict[str, str], said: str, dataset: Dataset, seller: Actor, reader: Open
) -> None:
    answer = reader(seller).post(new(dataset), **{**GIVEN, **wrong})
    assert answer.status_code == 422 and said in text_of(answer)
    assert not Offer.objects.exists()


def test_the_request_is_about_one_choice_and_turns_to_another(offer: Offer, buyer: Actor, reader: Open) -> None:
    shown = text_of(reader(buyer).get(path(offer)))
    assert "€100.00" in shown and "Pay €100.00 on signing" not in shown, "the least priced comes first"
    assert "from" in text_of(reader(buyer).get(f"/datasets/{offer.dataset_id}"))
    turned = reader(buyer).post(path(offer), choice="1", look="yes", use=WISH["use"])
    assert turned.status_code == 200
    assert "Pay €100.00 on signing" in text_of(turned) and WISH["use"] in text_of(turned)
    assert "Fill this in" not in text_of(turned) and not Negotiation.objects.exists()


def test_a_choice_of_one_purpose_is_asked_for_with_it(
    dataset: Dataset, seller: Actor, buyer: Actor, reader: Open
) -> None:
    rows = [("commercial_research", dict(sales.PAID)), ("academic_research", dict(sales.FREE))]
    choices = [{"terms": [{"kind": "purpose", "any_of": [code]}], "plan": plan} for code, plan in rows]
    offer = sales.offer(dataset, seller, terms=[], plan=None, choices=choices)
    turned = reader(buyer).post(path(offer), choice="1", purpose="academic_research", look="yes")
    own = [line for line in text_of(turned).splitlines() if 'name="purpose"' in line]
    assert len(own) == 1 and 'value="commercial_research"' in own[0] and "checked" in own[0]


def test_what_is_asked_for_is_the_choice(offer: Offer, buyer: Actor, reader: Open) -> None:
    assert reader(buyer).post(path(offer), **WISH).status_code == 422, "something has to be chosen"
    answer = reader(buyer).post(path(offer), choice="1", **WISH)
    made = Negotiation.objects.get()
    assert (answer.status_code, made.plan) == (302, sales.PAID)
    assert {"kind": "duration", "days": 365} in made.terms
