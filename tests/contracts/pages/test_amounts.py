"""Every field for an amount, in both languages: what it begins with is written as its reader writes it and comes back
unchanged, and either format is taken."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.http import HttpResponse

from contracts.models import DataRequest, Offer
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.models import Charge, Coupon, Refund, Subscription
from payments.shares import shares
from payments.subscriptions import meters
from tests import dataset_makers, sales, wishes
from tests.contracts.pages.conftest import Reader, text_of
from tests.contracts.pages.test_subscription import PLANS
from tests.doors.page_forms import forms_of
from tests.over_time import BY_USE

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
BOTH = pytest.mark.parametrize("language", ["en", "fr"])
PRICED: Mapping[str, Any] = {"kind": "one_off", "price": {"amount_minor": 123_450, "currency": "EUR"}}
LIABLE = [*sales.TERMS, {"kind": "liability", "amount_minor": 250_050, "currency": "EUR"}]
FORMATS = ("1 234,50", "1234,5", "1234.50", "1\u00a0234,50", "1.234,50", "1,234.50")


def sent(browser: Reader, path: str, fields: Mapping[str, Any], language: str) -> HttpResponse:
    token = browser.client.cookies["csrftoken"].value
    headers = {"Accept": "text/html", "X-CSRFToken": token, "Accept-Language": language}
    return browser.client.post(path, fields, headers=headers)


def begun(browser: Reader, path: str, language: str, action: str = "") -> dict[str, Any]:
    """What a form sends that nobody has touched."""
    page = browser.get(path, language)
    assert page.status_code == 200
    [form] = [
        one
        for one in forms_of(page, path)
        if one.action.partition("?")[0] == (action or path).partition("?")[0]
    ]
    return dict(form.untouched())


@BOTH
@pytest.mark.parametrize("kind", ["one_off", "liability", *(kind for kind in PLANS if kind != "quote")])
def test_an_offer_like_another_has_its_price(seller: Actor, reader: Open, language: str, kind: str) -> None:
    dataset, browser = dataset_makers.published(seller), reader(seller)
    terms = {"terms": LIABLE} if kind == "liability" else {}
    first = sales.offer(dataset, seller, plan=dict(PLANS.get(kind, PRICED)), **terms)
    path = f"/sell/datasets/{dataset.pk}/offers/new"
    fields = begun(browser, f"{path}?like={first.pk}", language, path)
    if kind in ("one_off", "liability"):
        assert fields["amount"] == ("1234,50" if language == "fr" else "1234.50")
    answer = sent(browser, path, {**fields, "title": "Another"}, language)
    assert answer.status_code == 302, text_of(answer)
    second = Offer.objects.get(title="Another")
    assert (second.plan, second.terms) == (first.plan, first.terms)


@BOTH
def test_choices_keep_theirs(seller: Actor, reader: Open, language: str) -> None:
    dataset, browser = dataset_makers.published(seller), reader(seller)
    rows = [
        {"terms": [{"kind": "purpose", "any_of": ["research"]}], "plan": dict(PRICED)},
        {"terms": [{"kind": "purpose", "any_of": ["marketing"]}], "plan": {"kind": "free"}},
    ]
    terms = [one for one in sales.TERMS if one["kind"] != "purpose"]
    first = sales.offer(dataset, seller, plan=None, terms=terms, choices=rows)
    path = f"/sell/datasets/{dataset.pk}/offers/new"
    fields = begun(browser, f"{path}?like={first.pk}", language, path)
    answer = sent(browser, path, {**fields, "title": "Another"}, language)
    assert answer.status_code == 302, text_of(answer)
    assert Offer.objects.get(title="Another").choices == first.choices


@pytest.mark.parametrize("written", FORMATS)
@BOTH
def test_a_price_is_taken_in_either_format(
    seller: Actor, buyer: Actor, reader: Open, language: str, written: str
) -> None:
    talk = sales.request(sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID)), buyer)
    browser, path = reader(seller), f"/negotiations/{talk.pk}/redline"
    fields = begun(browser, path, language)
    assert sent(browser, path, fields, language).status_code == 422, "nothing was touched, so nothing changes"
    assert sent(browser, path, {**fields, "amount": written}, language).status_code == 302
    talk.refresh_from_db()
    assert talk.plan == PRICED


@BOTH
def test_a_limit_of_liability_is_redlined_as_it_is_read(
    seller: Actor, buyer: Actor, reader: Open, language: str
) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID), terms=LIABLE)
    talk = sales.request(offer, buyer)
    browser, path = reader(buyer), f"/negotiations/{talk.pk}/redline"
    fields = begun(browser, path, language)
    assert fields["liability-amount_minor"] == ("2500,50" if language == "fr" else "2500.50")
    assert sent(browser, path, fields, language).status_code == 422, "nothing was touched, so nothing changes"
    finer = sent(browser, path, {**fields, "liability-amount_minor": "1,005"}, "fr")
    assert finer.status_code == 422 and talk.rounds.count() == 1
    assert sent(browser, path, {**fields, "liability-amount_minor": "5 000,5"}, language).status_code == 302
    talk.refresh_from_db()
    assert {"kind": "liability", "amount_minor": 500_050, "currency": "EUR"} in talk.terms


def test_what_could_be_two_amounts_is_none(seller: Actor, buyer: Actor, reader: Open) -> None:
    talk = sales.request(sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID)), buyer)
    browser, path = reader(seller), f"/negotiations/{talk.pk}/redline"
    answer = sent(browser, path, {**begun(browser, path, "fr"), "amount": "1.234"}, "fr")
    assert (
        answer.status_code == 422 and "1234 ou 1,23" in text_of(answer) and 'value="1.234"' in text_of(answer)
    )
    talk.refresh_from_db()
    assert talk.round == 1


@BOTH
def test_a_cap_comes_back_as_it_stands(seller: Actor, buyer: Actor, reader: Open, language: str) -> None:
    right = sales.entitled(seller, buyer, plan=dict(BY_USE))
    meters.set_cap(Subscription.objects.get(), 123_450, by=buyer)
    browser, path = reader(buyer), f"/sales/{right.agreement_id}/payments"
    fields = begun(browser, path, language, f"{path}/cap")
    assert fields["amount"] == ("1234,50" if language == "fr" else "1234.50")
    assert sent(browser, f"{path}/cap", fields, language).status_code == 302
    assert Subscription.objects.get().cap_minor == 123_450
    sent(browser, f"{path}/cap", {"amount": "2 000,5"}, language)
    assert Subscription.objects.get().cap_minor == 200_050


@BOTH
def test_a_refund_begins_with_all_that_is_left(
    seller: Actor, buyer: Actor, reader: Open, language: str
) -> None:
    sales.entitled(seller, buyer, plan=dict(PRICED))
    charge, browser = Charge.objects.get(), reader(seller)
    path = f"/charges/{charge.pk}/refund"
    fields = begun(browser, path, language)
    assert ("," in fields["amount"]) is (language == "fr")
    answer = sent(browser, path, {**fields, "reason": "It was ordered twice by mistake."}, language)
    assert answer.status_code == 302, text_of(answer)
    assert Refund.objects.get().gross_minor == charge.gross_minor


@BOTH
def test_a_budget_comes_back_as_it_was(buyer: Actor, reader: Open, language: str) -> None:
    asked = wishes.published(buyer, budget=Money(123_450, "EUR"))
    browser, path = reader(buyer), f"/data-requests/{asked.pk}/change"
    fields = begun(browser, path, language)
    assert fields["budget"] == ("1234,50" if language == "fr" else "1234.50")
    answer = sent(browser, path, {**fields, "title": "Something else"}, language)
    assert answer.status_code == 302, text_of(answer)
    row = DataRequest.objects.get()
    assert (row.title, row.budget) == ("Something else", Money(123_450, "EUR"))


@BOTH
@pytest.mark.parametrize("percent", ["12,5", "12.50"])
def test_coupons_and_shares_take_either_format(
    seller: Actor, buyer: Actor, operator: Actor, reader: Open, language: str, percent: str
) -> None:
    browser, path = reader(seller), "/sell/offers/coupons"
    browser.get(path)
    fields = {"label": "Spring", "coupon_code": "SPRING-2027", "takes": "part", "percent": percent}
    assert sent(browser, path, fields, language).status_code in (200, 302)
    assert Coupon.objects.get().basis_points == 1_250
    fields = {
        "label": "Sum",
        "coupon_code": "SUM-2027",
        "takes": "amount",
        "amount": "1 234,5",
        "currency": "EUR",
    }
    assert sent(browser, path, fields, language).status_code in (200, 302)
    assert Coupon.objects.get(label="Sum").amount_minor == 123_450
    dataset, path = dataset_makers.published(seller), ""
    path = f"/sell/datasets/{dataset.pk}/shares"
    begun(browser, path, language)
    assert (
        sent(browser, path, {"party_1": str(buyer.participant_id), "part_1": percent}, language).status_code
        == 302
    )
    [waiting] = shares.splits_visible_to(seller)
    assert waiting.shares.get(party_id=buyer.participant_id).basis_points == 1_250
