"""The page of what is paid over time: what was agreed, what was used so far, and what the buyer decides; and the forms
in which a seller writes each kind of plan."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.utils.html import strip_tags

from contracts.agreements import agreements, papers
from contracts.choices import plan_forms
from contracts.models import Entitlement, Negotiation, Offer
from contracts.negotiations import negotiations
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from payments.models import Subscription
from payments.plans import plans
from payments.subscriptions import subscriptions
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.contracts.pages.test_offers import WRITTEN, new
from tests.doors.page_forms import forms_of
from tests.over_time import BY_USE, IN_PARTS, MONTHLY

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
TIERED = {
    "kind": "metered",
    "currency": "EUR",
    "months": 3,
    "components": [
        {
            "meter": "rows",
            "model": "graduated",
            "included": 500,
            "tiers": [
                {"up_to": 10_000, "price_minor": 5, "per": 100},
                {"up_to": None, "price_minor": 2, "per": 100},
            ],
        }
    ],
    "minimum_minor": 1_000,
    "cap_minor": 20_000,
}
FORMS: Mapping[str, Mapping[str, Any]] = {
    "subscription": {"amount": "10", "months": "1", "periods": "3", "is_renewable": "on"},
    "metered": {
        "amount": "0.02",
        "meter": "rows",
        "model": "graduated",
        "per": "100",
        "included": "500",
        "months": "3",
        "tiers": "10000: 0.05",
        "minimum": "10",
        "cap": "200.00",
    },
    "instalments": {"amount": "100.00", "parts_count": "3", "parts_days": "30"},
    "quote": {},
}
PLANS: Mapping[str, Mapping[str, Any]] = {
    "subscription": MONTHLY,
    "metered": TIERED,
    "instalments": {
        "kind": "instalments",
        "price": {"amount_minor": 10_000, "currency": "EUR"},
        "parts": [
            {"amount_minor": minor, "after_days": days}
            for minor, days in ((3_334, 0), (3_333, 30), (3_333, 60))
        ],
    },
    "quote": {"kind": "quote"},
}


@pytest.fixture
def dataset(seller: Actor) -> Dataset:
    return dataset_makers.published(seller)


def entitled(seller: Actor, buyer: Actor, plan: Mapping[str, Any], **changes: Any) -> Entitlement:
    return sales.entitled(seller, buyer, plan={**plan, **changes})


def page_of(right: Entitlement) -> str:
    return f"/sales/{right.agreement_id}/payments"


def subscription_of(right: Entitlement) -> Subscription:
    return Subscription.objects.get(reference=f"agreement:{right.agreement_id}")


def test_the_buyer_sees_what_it_used_and_what_that_costs(seller: Actor, buyer: Actor, reader: Open) -> None:
    right = entitled(seller, buyer, BY_USE, cap_minor=2_000)
    for _ in range(2):
        sales.start(sales.link(right, buyer), buyer.at)
    whole = text_of(reader(buyer).get(page_of(right)))
    page = strip_tags(whole)
    assert "€5.00 of at most €20.00" in page and "2 copies" not in page
    assert "1 copy" in page and "included" in page and "€5.00 for 1 copy." in page
    assert 'hx-trigger="every 5s"' in whole and "Your cap" in page
    french = strip_tags(text_of(reader(buyer).get(page_of(right), "fr")))
    assert "5,00\u00a0€ sur 20,00\u00a0€ au plus" in french and "Votre plafond" in french


def test_the_seller_sees_its_part_and_no_cap(seller: Actor, buyer: Actor, reader: Open) -> None:
    right = entitled(seller, buyer, BY_USE, cap_minor=2_000)
    for _ in range(2):
        sales.start(sales.link(right, buyer), buyer.at)
    page = strip_tags(text_of(reader(seller).get(page_of(right))))
    assert "€5.00 so far" in page and "€4.50 for the seller" in page
    assert "€20.00" not in page.replace("The buyer’s cap begins with €20.00", "") and "Your cap" not in page
    assert "for the seller" not in text_of(reader(buyer).get(page_of(right)))


def test_the_buyer_sets_its_cap(seller: Actor, buyer: Actor, reader: Open) -> None:
    right = entitled(seller, buyer, BY_USE)
    browser = reader(buyer)
    for given, status, cap in (
        ("25.50", 302, 2_550),
        ("0.001", 422, 2_550),
        ("x", 422, 2_550),
        ("", 302, None),
    ):
        answer = browser.post(f"{page_of(right)}/cap", amount=given)
        assert (answer.status_code, subscription_of(right).cap_minor) == (status, cap)
    for _ in range(2):
        sales.start(sales.link(right, buyer), buyer.at)
    below = browser.post(f"{page_of(right)}/cap", amount="1")
    assert (below.status_code, subscription_of(right).cap_minor) == (409, None)
    assert "spent in this period" in text_of(below)


def test_the_buyer_cancels_goes_on_and_agrees_to_another_term(
    seller: Actor, buyer: Actor, reader: Open
) -> None:
    right = entitled(seller, buyer, MONTHLY)
    browser, found = reader(buyer), subscription_of(right)
    assert "nothing renews itself" in text_of(browser.get(page_of(right)))
    browser.post(f"{page_of(right)}/cancel")
    assert "Go on after all" in text_of(browser.get(page_of(right)))
    browser.post(f"{page_of(right)}/keep-on")
    browser.post(f"{page_of(right)}/renew")
    found.refresh_from_db()
    assert (found.cancelled_at, found.renewed_at is not None) == (None, True)
    browser.post(f"{page_of(right)}/renew-not")
    found.refresh_from_db()
    assert found.renewed_at is None
    assert reader(seller).post(f"{page_of(right)}/cancel").status_code == 403


@pytest.mark.parametrize("is_ticked", [True, False])
def test_further_terms_are_asked_for_at_the_signature_by_a_box_of_their_own(
    seller: Actor, buyer: Actor, reader: Open, is_ticked: bool
) -> None:
    plan = {**MONTHLY, "trial_days": 14}
    talk = negotiations.approve(
        sales.request(sales.offer(dataset_makers.published(seller), seller, plan=plan), buyer), by=seller
    )
    browser = reader(buyer)
    page = browser.get(f"/negotiations/{talk.pk}")
    told = strip_tags(text_of(page))
    for words in (
        "When the term of 3 periods is over",
        "€10.00 before VAT each month",
        "You stop it at any time",
        "If it begins today, the first term ends on",
        "Without this tick nothing renews itself",
    ):
        assert words in told
    assert 'name="renews"' in text_of(page) and "checked" not in text_of(page)
    browser.post(
        f"/negotiations/{talk.pk}/accept",
        shown=talk.proposal,
        has_read="on",
        **({"renews": "on"} if is_ticked else {}),
    )
    found = Subscription.objects.get()
    assert (found.renewed_at is not None) is is_ticked
    address = f"/sales/{found.reference.partition(':')[2]}/payments"
    said = strip_tags(text_of(browser.get(address)))
    follows = re.compile(r"Another term begins on \d+\s\w+\s\d{4} for €10\.00 before VAT each month")
    assert (bool(follows.search(said)), "nothing renews itself" in said) == (is_ticked, not is_ticked)
    assert bool(follows.search(strip_tags(text_of(reader(seller).get(address))))) is is_ticked
    story = text_of(browser.get(f"/sales/{found.reference.partition(':')[2]}"))
    assert ("Agreed that further terms follow" in story) is is_ticked
    browser.post(f"{address}/renew-not")
    assert "nothing renews itself" in strip_tags(text_of(browser.get(address)))


def test_what_begins_with_a_trial_or_with_use_is_not_called_free(
    seller: Actor, buyer: Actor, reader: Open
) -> None:
    entitled(seller, buyer, {**MONTHLY, "trial_days": 14})
    right = entitled(seller, buyer, BY_USE)
    entitled(seller, buyer, sales.FREE)
    for page in (reader(buyer).get("/my-data/purchases"), reader(seller).get("/sell/sales")):
        table = " ".join(strip_tags(text_of(page)).split())
        assert "€10.00 each month" in table and "By use" in table and table.count("Free") == 1
    said = " ".join(strip_tags(text_of(reader(buyer).get(f"/sales/{right.agreement_id}"))).split())
    assert "Paid over time" in said and "Nothing to pay yet" in said
    assert "Nothing is charged for this licence" not in said


def test_sale_and_holding_say_when_it_renews_and_stop_it(
    seller: Actor, buyer: Actor, reader: Open, settings: Any
) -> None:
    settings.EXCHANGE_RENEWAL_REMINDER_DAYS = 21
    right = entitled(seller, buyer, {**MONTHLY, "trial_days": 14})
    subscriptions.renew(Subscription.objects.get(), is_wanted=True, by=buyer)
    browser, stop = reader(buyer), f"/sales/{right.agreement_id}/payments/renew-not"
    for path in (f"/sales/{right.agreement_id}", f"/my-data/{right.pk}"):
        page = browser.get(path)
        said = " ".join(strip_tags(text_of(page)).split())
        assert "Another term begins on" in said and "for €10.00 before VAT each month" in said
        assert "is reminded 21 days before" in said and stop in text_of(page)
    assert "Une autre durée commence le" in strip_tags(text_of(browser.get(path, "fr")))
    sellers = text_of(reader(seller).get(f"/sales/{right.agreement_id}"))
    assert "Another term begins on" in sellers and stop not in sellers
    assert stop not in text_of(reader(buyer, "viewer").get(f"/sales/{right.agreement_id}"))
    browser.post(stop)
    assert Subscription.objects.get().renewed_at is None
    for path in (f"/sales/{right.agreement_id}", f"/my-data/{right.pk}"):
        assert "Another term begins on" not in text_of(browser.get(path))


@pytest.mark.parametrize("plan", [{**MONTHLY, "is_renewable": False}, IN_PARTS, BY_USE])
def test_where_none_follow_nobody_is_asked(
    seller: Actor, buyer: Actor, reader: Open, plan: Mapping[str, Any]
) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(plan))
    talk = negotiations.approve(sales.request(offer, buyer), by=seller)
    assert 'name="renews"' not in text_of(reader(buyer).get(f"/negotiations/{talk.pk}"))


def test_a_sale_that_is_paid_once_has_no_such_page(seller: Actor, buyer: Actor, reader: Open) -> None:
    right = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    assert reader(buyer).get(page_of(right)).status_code == 404
    assert "Payments over time" not in text_of(reader(buyer).get(f"/sales/{right.agreement_id}"))
    over_time = entitled(seller, buyer, IN_PARTS)
    assert "Payments over time" in text_of(reader(buyer).get(f"/sales/{over_time.agreement_id}"))
    assert "Payments over time" in text_of(reader(buyer).get(f"/my-data/{over_time.pk}"))
    assert "next part on" in text_of(reader(buyer).get(page_of(over_time)))


@pytest.mark.parametrize("kind", list(FORMS))
def test_a_seller_writes_each_kind_of_plan(dataset: Dataset, seller: Actor, reader: Open, kind: str) -> None:
    asked = {**WRITTEN, "amount": "", "price": kind, **FORMS[kind]}
    previewed = reader(seller).post(new(dataset), **asked, preview="yes")
    assert previewed.status_code == 200
    answer = reader(seller).post(new(dataset), **asked)
    assert answer.status_code == 302, text_of(answer)
    plan = Offer.objects.get().plan
    assert plan == PLANS[kind]
    initial = plan_forms.initial_of(plans.parse(plan))
    assert initial["price"] == kind
    again = reader(seller).get(f"{new(dataset)}?like={Offer.objects.get().pk}")
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("subscription", {"amount": ""}),
        ("subscription", {"months": "37"}),
        ("metered", {"tiers": "cheap"}),
        ("metered", {"tiers": "10: 0.001"}),
        ("metered", {"tiers": "10: 5\n10: 4"}),
        ("metered", {"cap": "1"}),
        ("instalments", {"amount": "0.02"}),
        ("quote", {"sale": "instant"}),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_kept(
    dataset: Dataset, seller: Actor, reader: Open, kind: str, changes: dict[str, Any]
) -> None:
    answer = reader(seller).post(new(dataset), **{**WRITTEN, "price": kind, **FORMS[kind], **changes})
    assert (answer.status_code, Offer.objects.count()) == (422, 0)


def test_the_catalogue_says_how_each_plan_is_paid(
    dataset: Dataset, seller: Actor, buyer: Actor, reader: Open
) -> None:
    said = {
        "subscription": "each month",
        "metered": "By use",
        "instalments": "in 3 parts",
        "quote": "Price on request",
    }
    for kind, words in said.items():
        offer = sales.offer(dataset, seller, plan=dict(PLANS[kind]), title=kind)
        page = text_of(reader(buyer).get(f"/datasets/{dataset.pk}?offer={offer.pk}"))
        assert words in page, kind
        request = text_of(reader(buyer).get(f"/offers/{offer.pk}/request"))
        assert words in request and plans.parse(PLANS[kind]).kind == kind


def test_the_seller_answers_a_quote_with_a_price_over_time(
    dataset: Dataset, seller: Actor, buyer: Actor, reader: Open
) -> None:
    talk = sales.request(sales.offer(dataset, seller, plan={"kind": "quote"}), buyer)
    address, browser = f"/negotiations/{talk.pk}/redline", reader(seller)
    page = browser.get(address)
    assert "I name the price in my answer" in text_of(page)
    [form] = [one for one in forms_of(page, address) if one.action == address]
    answer = browser.post(address, **{**form.untouched(), "price": "subscription", **FORMS["subscription"]})
    talk.refresh_from_db()
    assert (answer.status_code, talk.state, talk.plan) == (302, Negotiation.State.OFFERED, MONTHLY)
    standing = text_of(reader(buyer).get(f"/negotiations/{talk.pk}/redline"))
    assert "The price that stands" in standing


def test_the_contract_holds_the_plan_in_both_languages(seller: Actor, buyer: Actor) -> None:
    right = entitled(seller, buyer, MONTHLY)
    document = agreements.document(right.agreement)
    assert document["price"] == MONTHLY
    assert "€10.00 before VAT each month, paid when each period begins." in document["price_text"]["en"]
    assert "10,00\u00a0€ HT chaque mois, payés au début de chaque période." in document["price_text"]["fr"]
    paper = papers.html(right.agreement, "en", by=buyer)
    assert "each month" in paper and "Another term follows only if the buyer agrees" in paper
    once = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    assert "price_text" not in agreements.document(once.agreement)
    assert negotiations.Negotiation.objects.count() == 2
