"""The terms builder, a draft, its publication and withdrawal; typed values survive, stale pages do nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.models import Offer
from contracts.offers import offers
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from tests import dataset_makers, makers, sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
WRITTEN: dict[str, Any] = {
    "title": "Research licence",
    "purposes": ["research"],
    "permissions": ["combination", "publication"],
    "training": "non_commercial",
    "place": "eea",
    "term": "days",
    "days": "365",
    "copies": "12",
    "attribution": "Source: Seller SA",
    "deletion": "30",
    "price": "paid",
    "amount": "480.50",
    "currency": "EUR",
    "audience": "public",
    "sale": "validation",
}


@pytest.fixture
def dataset(seller: Actor) -> Dataset:
    return dataset_makers.published(seller)


def new(dataset: Dataset) -> str:
    return f"/sell/datasets/{dataset.pk}/offers/new"


def test_the_choices_become_clauses_a_price_and_an_audience(
    dataset: Dataset, seller: Actor, reader: Open
) -> None:
    answer = reader(seller).post(new(dataset), **WRITTEN)
    made = Offer.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/sell/offers/{made.pk}")
    assert made.state == "draft" and made.audience == "public"
    assert made.plan == {"kind": "one_off", "price": {"amount_minor": 48050, "currency": "EUR"}}
    assert {clause["kind"]: clause for clause in made.terms} == {
        "purpose": {"kind": "purpose", "any_of": ["research"]},
        "country": {"kind": "country", "any_of": ["EEA"]},
        "duration": {"kind": "duration", "days": 365},
        "copies": {"kind": "copies", "max": 12},
        "combination": {"kind": "combination", "allowed": True},
        "model_training": {"kind": "model_training", "allowed": "non_commercial"},
        "publication": {"kind": "publication", "allowed": True},
        "attribution": {"kind": "attribution", "text": "Source: Seller SA"},
        "deletion": {"kind": "deletion", "days": 30},
    }


def test_an_offer_for_named_buyers_names_them_in_the_contract(
    dataset: Dataset, seller: Actor, buyer: Actor, reader: Open
) -> None:
    named = str(makers.participant_of(buyer).pk)
    reader(seller).post(
        new(dataset), **{**WRITTEN, "audience": "named", "named": [named], "is_named_in_terms": "on"}
    )
    made = Offer.objects.get()
    assert made.audience == "named" and str(made.named.get().participant_id) == named
    assert {"kind": "recipients", "any_of": [named]} in made.terms
    assert "Buyer GmbH" in text_of(reader(seller).get(f"/sell/offers/{made.pk}"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Fill this in."),
        ({"days": "0"}, "Enter a number from 1 to 3650. You entered 0."),
        ({"days": ""}, "the answer above asks for it"),
        ({"amount": "four hundred"}, "Write it in figures"),
        ({"amount": "1.234"}, "at most 2 decimals"),
        ({"amount": "0"}, "the answer above asks for it"),
        ({"audience": "named"}, "the answer above asks for it"),
        ({"addresses": "not an address"}, "192.0.2.0/24"),
        ({"purposes": ["model_training"], "training": "no"}, "contradict"),
        ({"title": "A \u202e trick"}, "U+202E"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    dataset: Dataset, seller: Actor, reader: Open, wrong: dict[str, Any], said: str
) -> None:
    answer = reader(seller).post(new(dataset), **{**WRITTEN, **wrong})
    assert answer.status_code == 422
    assert said in text_of(answer) and "Source: Seller SA" in text_of(answer)
    assert not Offer.objects.exists()


def test_the_preview_writes_the_contract_and_marks_what_changed(
    dataset: Dataset, seller: Actor, reader: Open
) -> None:
    browser, path = reader(seller), f"/sell/datasets/{dataset.pk}/offers/preview"
    first = text_of(browser.post(path, **WRITTEN))
    assert "You may download each file at most 12 times." in first and "just changed" not in first
    seen = first[first.index('name="seen" value="') + 19 :].partition('"')[0]
    second = text_of(browser.post(path, **{**WRITTEN, "copies": "5", "seen": seen}))
    assert second.count("just changed") == 1 and "at most 5 times" in second
    assert not Offer.objects.exists()


def test_the_preview_works_with_half_a_form_and_without_a_script(
    dataset: Dataset, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    half = text_of(browser.post(f"/sell/datasets/{dataset.pk}/offers/preview", copies="7", days="x"))
    assert "at most 7 times" in half
    answer = browser.post(new(dataset), **{**WRITTEN, "title": "", "preview": "yes"})
    assert answer.status_code == 200 and "at most 12 times" in text_of(answer)
    assert not Offer.objects.exists()


def test_data_about_people_is_never_sold_at_once(seller: Actor, reader: Open) -> None:
    dataset = dataset_makers.draft(seller)
    assert 'value="instant"' not in text_of(reader(seller).get(new(dataset)))


def test_another_offer_begins_with_the_words_of_the_first(
    dataset: Dataset, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    browser.post(new(dataset), **WRITTEN)
    first = Offer.objects.get()
    page = text_of(browser.get(f"{new(dataset)}?like={first.pk}"))
    assert 'value="480.50"' in page and "at most 12 times" in page and "Source: Seller SA" in page


def test_publishing_and_withdrawing_are_asked_about_first(
    dataset: Dataset, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    browser.post(new(dataset), **WRITTEN)
    made = Offer.objects.get()
    path = f"/sell/offers/{made.pk}"
    assert "can never be changed" in text_of(browser.get(f"{path}/publish"))
    browser.post(f"{path}/publish", shown="draft")
    made.refresh_from_db()
    assert made.is_published
    again = browser.post(f"{path}/publish", shown="draft")
    assert again.status_code == 409 and "On the market" in text_of(again)
    browser.post(f"{path}/withdraw", shown="published")
    made.refresh_from_db()
    assert made.state == "withdrawn"
    assert browser.get(f"{path}/withdraw")["Location"] == path


def test_a_draft_of_an_unpublished_dataset_leads_to_the_dataset(seller: Actor, reader: Open) -> None:
    dataset = dataset_makers.draft(seller)
    browser = reader(seller)
    browser.post(new(dataset), **WRITTEN)
    made = Offer.objects.get()
    assert "Publish the dataset first" in text_of(browser.get(f"/sell/offers/{made.pk}"))
    assert browser.post(f"/sell/offers/{made.pk}/publish", shown="draft").status_code == 409


def test_others_find_no_page_of_the_seller_even_of_a_public_offer(
    dataset: Dataset, seller: Actor, buyer: Actor, reader: Open
) -> None:
    offer = sales.offer(dataset, seller)
    for act in ("", "/publish", "/withdraw"):
        assert reader(buyer).get(f"/sell/offers/{offer.pk}{act}").status_code == 404
    assert reader(buyer).post(f"/sell/offers/{offer.pk}/withdraw", shown="published").status_code == 404
    assert reader(buyer).get(new(dataset)).status_code == 404
    assert reader(seller, "viewer").post(f"/sell/offers/{offer.pk}/withdraw").status_code == 403
    assert reader(seller).post(f"/sell/offers/{offer.pk}/withdraw", csrf=False).status_code == 403
    offer.refresh_from_db()
    assert offer.is_published


def test_a_draft_is_nowhere_for_others(dataset: Dataset, seller: Actor, buyer: Actor, reader: Open) -> None:
    made = offers.draft(dataset, title="Mine", terms=list(sales.TERMS), plan=dict(sales.FREE), by=seller)
    assert reader(buyer).get(f"/sell/offers/{made.pk}").status_code == 404
    assert reader(buyer).get(f"{new(dataset)}?like={made.pk}").status_code == 404


def test_in_french_the_builder_is_french(dataset: Dataset, seller: Actor, reader: Open) -> None:
    page = text_of(reader(seller).get(new(dataset), "fr"))
    assert "Rédiger une offre" in page and "Vous pouvez analyser les données" in page
