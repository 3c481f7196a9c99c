"""The seller's own templates on its pages: kept from the builder, begun with, renamed and dropped."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.models import Offer, OwnTemplate
from contracts.own_templates import own_templates
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from tests import dataset_makers
from tests.contracts.pages.conftest import Reader, text_of
from tests.doors.page_forms import forms_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
TERMS: list[dict[str, Any]] = [{"kind": "copies", "max": 7}]


@pytest.fixture
def dataset(seller: Actor) -> Dataset:
    return dataset_makers.published(seller)


def builder(browser: Reader, dataset: Dataset, query: str = "") -> dict[str, Any]:
    path = f"/sell/datasets/{dataset.pk}/offers/new"
    page = browser.get(path + query)
    [form] = [one for one in forms_of(page, path) if one.action == path]
    return form.untouched()


def test_the_builders_clauses_are_kept_and_the_next_offer_begins_with_them(
    dataset: Dataset, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    path = f"/sell/datasets/{dataset.pk}/offers/new"
    typed = {**builder(browser, dataset), "title": "Our usual terms", "copies": "7", "template": "yes"}
    page = text_of(browser.post(path, **typed))
    assert "kept as your template “Our usual terms”" in page and 'value="7"' in page
    template = OwnTemplate.objects.get()
    assert {"kind": "copies", "max": 7} in template.terms and not Offer.objects.exists()
    assert f"?template={template.pk}" in text_of(browser.get(f"/sell/datasets/{dataset.pk}/offers/start"))
    begun = builder(browser, dataset, f"?template={template.pk}")
    assert (begun["title"], begun["copies"]) == ("Our usual terms", "7")


def test_a_name_that_is_taken_is_said_at_the_title(dataset: Dataset, seller: Actor, reader: Open) -> None:
    own_templates.keep("Ours", TERMS, by=seller)
    browser = reader(seller)
    typed = {**builder(browser, dataset), "title": "Ours", "template": "yes"}
    answer = browser.post(f"/sell/datasets/{dataset.pk}/offers/new", **typed)
    assert answer.status_code == 409 and "choose another" in text_of(answer)
    assert OwnTemplate.objects.get().terms == TERMS


def test_a_template_is_read_renamed_and_dropped(seller: Actor, reader: Open) -> None:
    template = own_templates.keep("Ours", TERMS, by=seller)
    browser, path = reader(seller), f"/sell/offers/templates/{template.pk}"
    assert path in text_of(browser.get("/sell/offers/templates"))
    assert "7" in text_of(browser.get(path))
    assert browser.post(path, name="").status_code == 422
    assert browser.post(path, name="For research")["Location"] == path
    assert OwnTemplate.objects.get().name == "For research"
    assert browser.post(f"{path}/drop")["Location"] == "/sell/offers/templates"
    assert "No template yet" in text_of(browser.get("/sell/offers/templates"))
    assert browser.get(path).status_code == 404


def test_nobody_else_finds_a_template(seller: Actor, buyer: Actor, dataset: Dataset, reader: Open) -> None:
    template = own_templates.keep("Ours", TERMS, by=seller)
    assert reader(buyer).get(f"/sell/offers/templates/{template.pk}").status_code == 404
    assert reader(seller, "viewer").get("/sell/offers/templates").status_code == 403
    other = dataset_makers.published(buyer)
    stolen = f"/sell/datasets/{other.pk}/offers/new?template={template.pk}"
    assert reader(buyer).get(stolen).status_code == 404
