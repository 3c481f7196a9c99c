"""What may be asked back, from the form of an offer over the contract to the sale, in words that both sides read."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.agreements import agreements, papers
from contracts.choices import plan_forms
from contracts.models import Offer
from contracts.negotiations import negotiations
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from payments.models import Charge
from payments.plans import plans
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.contracts.pages.test_offers import WRITTEN, new
from tests.doors.page_forms import forms_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
POLICY = {"kind": "any", "window_days": 30}
PLAN = {**sales.PAID, "refund": POLICY}
WORDS = "The buyer may ask for a payment back for 30 days after it, for any reason"
WORTE = "L’acheteur peut demander le remboursement d’un paiement pendant 30 jours après celui-ci"


@pytest.fixture
def dataset(seller: Actor) -> Dataset:
    return dataset_makers.published(seller)


@pytest.mark.parametrize(
    ("asked", "policy"),
    [
        ({}, None),
        ({"refund": "usual", "refund_days": "14"}, None),
        ({"refund": "none", "refund_days": "30"}, {"kind": "none", "window_days": 0}),
        ({"refund": "unused", "refund_days": "7"}, {"kind": "unused", "window_days": 7}),
        ({"refund": "any", "refund_days": "30"}, POLICY),
    ],
)
def test_a_seller_says_what_may_be_asked_back(
    dataset: Dataset, seller: Actor, reader: Open, asked: dict[str, str], policy: object
) -> None:
    priced = {**WRITTEN, "price": "paid", "amount": "480.00", "currency": "EUR"}
    answer = reader(seller).post(new(dataset), **{**priced, **asked})
    assert answer.status_code == 302, text_of(answer)
    plan = plans.parse(Offer.objects.get().plan)
    assert plan.to_dict().get("refund") == policy
    assert plan_forms.initial_of(plan).get("refund") == (plan.refund.kind if plan.refund else None)


@pytest.mark.parametrize("days", ["", "0", "366", "x"])
def test_a_time_without_days_is_not_kept(dataset: Dataset, seller: Actor, reader: Open, days: str) -> None:
    asked = {**WRITTEN, "price": "paid", "amount": "480.00", "refund": "any", "refund_days": days}
    answer = reader(seller).post(new(dataset), **asked)
    assert (answer.status_code, Offer.objects.count()) == (422, 0)


def test_what_is_free_has_nothing_to_give_back(dataset: Dataset, seller: Actor, reader: Open) -> None:
    asked = {**WRITTEN, "price": "free", "refund": "any", "refund_days": "30"}
    assert reader(seller).post(new(dataset), **asked).status_code == 302
    assert Offer.objects.get().plan == {"kind": "free"}


def test_it_is_read_before_the_signature_and_frozen_in_the_contract(
    dataset: Dataset, seller: Actor, buyer: Actor, reader: Open
) -> None:
    offer = sales.offer(dataset, seller, plan=dict(PLAN))
    silent = sales.offer(dataset, seller, plan=dict(sales.PAID), title="Silent")
    browser = reader(buyer)
    talk = sales.request(offer, buyer)
    for page in (f"/datasets/{dataset.pk}?offer={offer.pk}", f"/negotiations/{talk.pk}"):
        assert WORDS in text_of(browser.get(page)), page
        assert WORTE in text_of(browser.get(page, language="fr")), page
    usual = "The buyer may ask for a payment back for 14 days after it, while nothing was downloaded."
    for page in (f"/datasets/{dataset.pk}?offer={silent.pk}", f"/offers/{silent.pk}/request"):
        assert usual in text_of(browser.get(page)), page
    right = sales.entitled(seller, buyer, plan=dict(PLAN))
    said = agreements.document(right.agreement)["price_text"]
    assert said["en"][0].startswith(WORDS) and said["fr"][0].startswith(WORTE)
    assert WORDS in papers.html(right.agreement, "en", by=buyer)
    sale = f"/sales/{right.agreement_id}"
    assert "You may ask for your money back until" in text_of(browser.get(sale))
    assert "You may ask for your money back until" not in text_of(reader(seller).get(sale))


def test_the_checkout_says_what_was_agreed(dataset: Dataset, seller: Actor, buyer: Actor, reader: Open) -> None:
    talk = sales.request(sales.offer(dataset, seller, plan=dict(PLAN)), buyer)
    negotiations.accept(negotiations.approve(talk, by=seller), by=buyer)
    charge = Charge.objects.get()
    assert charge.refund_policy == POLICY
    assert WORDS in text_of(reader(buyer).get(f"/charges/{charge.pk}"))


def test_a_redline_changes_it_and_shows_both(
    dataset: Dataset, seller: Actor, buyer: Actor, reader: Open
) -> None:
    talk = sales.request(sales.offer(dataset, seller, plan=dict(PLAN)), buyer)
    address, browser = f"/negotiations/{talk.pk}/redline", reader(seller)
    page = browser.get(address)
    [form] = [one for one in forms_of(page, address) if one.action == address]
    untouched: dict[str, Any] = form.untouched()
    assert (untouched["refund"], untouched["refund_days"]) == (["any"], "30")
    assert browser.post(address, **untouched).status_code == 422
    assert browser.post(address, **{**untouched, "refund": "none"}).status_code == 302
    talk.refresh_from_db()
    assert talk.plan == {**sales.PAID, "refund": {"kind": "none", "window_days": 0}}
    told = text_of(reader(buyer).get(f"/negotiations/{talk.pk}"))
    assert WORDS in told and "The buyer may not ask for money back." in told
