"""What sellers really type, send twice and open too late: on the pages of offers, and in the lists."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.models import Negotiation, Offer
from contracts.offers import offers
from datasets import datasets
from datasets.models import Dataset
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.contracts.pages.test_offers import WRITTEN, new
from tests.contracts.pages.test_seller import LISTS, take
from tests.questions import asked_by

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7 }} {% now %} שלום 👩‍🚀"
NO_CHOICE = [HOSTILE, "nul\x00byte"]
ODD = [*NO_CHOICE, "é" * 100_000, "\u202eevil", " ", "👋" * 300, "9" * 400]
CHOSEN = {"purposes", "permissions", "training", "place", "term", "deletion", "currency", "audience", "sale"}
"""Fields that take no words: what is none of their choices is refused as such, whatever it is."""
FIELDS = [
    "title",
    "purposes",
    "permissions",
    "training",
    "place",
    "countries",
    "addresses",
    "term",
    "days",
    "copies",
    "deletion",
    "attribution",
    "amount",
    "currency",
    "audience",
    "named",
    "sale",
]


@pytest.fixture
def dataset(seller: Actor) -> Dataset:
    return dataset_makers.published(seller)


def is_safe(page: str) -> bool:
    return "<script>alert" not in page and "<img src=x" not in page


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_is_typed_in_an_offer_is_kept_or_refused_and_the_rest_stays(
    dataset: Dataset, seller: Actor, reader: Open, field: str
) -> None:
    browser = reader(seller)
    for typed in NO_CHOICE if field in CHOSEN else ODD:
        before = Offer.objects.count()
        form: dict[str, Any] = {**WRITTEN, "attribution": f"The rest of {len(typed)}", field: typed}
        live = browser.post(f"/sell/datasets/{dataset.pk}/offers/preview", **form)
        assert live.status_code == 200 and is_safe(text_of(live))
        answer = browser.post(new(dataset), **form)
        assert answer.status_code in (302, 422), typed[:40]
        page = text_of(browser.get(answer["Location"]) if answer.status_code == 302 else answer)
        assert is_safe(page) and (field == "attribution" or "The rest of" in page)
        assert Offer.objects.count() - before == (answer.status_code == 302)


def test_an_offer_that_is_sent_twice_is_one_draft_until_it_is_thrown_away(
    dataset: Dataset, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    first = browser.post(new(dataset), **WRITTEN)
    assert browser.post(new(dataset), **WRITTEN)["Location"] == first["Location"]
    assert "kept already" in text_of(browser.get(first["Location"]))
    offers.withdraw(Offer.objects.get(), by=seller)
    assert browser.post(new(dataset), **WRITTEN)["Location"] != first["Location"]
    assert Offer.objects.count() == 2


def test_an_offer_that_another_tab_withdrew_says_so(dataset: Dataset, seller: Actor, reader: Open) -> None:
    offer = sales.offer(dataset, seller)
    browser, at = reader(seller), f"/sell/offers/{offer.pk}"
    browser.get(f"{at}/withdraw")
    offers.withdraw(offer, by=seller)
    for _turn in range(2):
        answer = browser.post(f"{at}/withdraw", shown="published")
        assert answer.status_code == 409 and "Nothing was done" in text_of(answer)
        assert "Write another like it" in text_of(answer)


def test_a_request_that_was_answered_in_another_tab_says_so(
    dataset: Dataset, seller: Actor, buyer: Actor, reader: Open
) -> None:
    asked = sales.request(sales.offer(dataset, seller), buyer)
    browser, at = reader(seller), f"/negotiations/{asked.pk}"
    assert browser.post(f"{at}/approve").status_code == 302
    assert browser.post(f"{at}/approve").status_code == 409
    assert browser.post(f"{at}/refuse", shown="requested", reason="Late.").status_code == 409
    asked.refresh_from_db()
    assert asked.state == Negotiation.State.APPROVED


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", ["cursor=nonsense", "cursor=" + "A" * 3_000, "state=%00&dataset="])
def test_an_odd_address_of_a_list_is_a_page(seller: Actor, reader: Open, path: str, query: str) -> None:
    answer = reader(seller).get(f"{path}?{query}")
    assert answer.status_code in (200, 404, 422) and "<h1" in text_of(answer)


def test_the_offers_of_a_dataset_of_others_or_of_none_are_nowhere(
    dataset: Dataset, seller: Actor, outsider: Actor, reader: Open
) -> None:
    assert reader(outsider).get(f"/sell/offers?dataset={dataset.pk}").status_code == 404
    for odd in ("nonsense", "%00", "0" * 500):
        assert reader(seller).get(f"/sell/offers?dataset={odd}").status_code == 404
        assert reader(seller).get(f"{new(dataset)}?like={odd}").status_code == 404


def test_hostile_words_of_others_are_shown_as_text_in_every_list(
    seller: Actor, buyer: Actor, reader: Open
) -> None:
    dataset = dataset_makers.draft(seller, title=HOSTILE)
    datasets.declare(dataset, personal_data="none", by=seller)
    dataset_makers.measured(dataset, seller)
    datasets.publish(dataset, seller)
    revisions.open_revision(dataset, seller)
    offer = sales.offer(dataset, seller, title=HOSTILE)
    sales.request(offer, buyer)
    for path in (*LISTS, f"/sell/offers/{offer.pk}", f"/sell/offers/{offer.pk}/withdraw", new(dataset)):
        assert is_safe(text_of(reader(seller).get(path)))


def test_lists_ask_as_often_for_many_rows_as_for_one_and_never_in_templates(
    seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(seller)
    counts: dict[str, list[int]] = {path: [] for path in LISTS}
    for more in (1, 4):
        for _turn in range(more):
            take(sales.entitled(seller, buyer, plan=dict(sales.PAID)), buyer)
            sales.request(sales.offer(dataset_makers.published(seller), seller), buyer)
        for path in LISTS:
            count, from_templates = asked_by(lambda path=path: browser.get(path))  # type: ignore[misc]
            assert from_templates == []
            counts[path].append(count)
    assert {path: first for path, (first, _) in counts.items()} == {
        path: last for path, (_, last) in counts.items()
    }


def test_an_offer_asks_as_often_for_many_named_buyers_as_for_one(
    dataset: Dataset, seller: Actor, buyer: Actor, outsider: Actor, reader: Open
) -> None:
    browser, counts = reader(seller), []
    for named in ([buyer], [buyer, outsider]):
        ids = [row.participant_id for row in named if row.participant_id]
        made = sales.offer(dataset, seller, named=ids)
        count, from_templates = asked_by(lambda made=made: browser.get(f"/sell/offers/{made.pk}"))  # type: ignore[misc]
        assert from_templates == []
        counts.append(count)
    assert counts[0] == counts[1]
