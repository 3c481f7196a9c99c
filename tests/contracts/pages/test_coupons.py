"""The seller's page of coupons, and what the buyer sees of one on the checkout."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils.html import strip_tags

from contracts.agreements import papers
from contracts.models import Offer
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.charges import coupons
from payments.models import Coupon
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
PAGE = "/sell/offers/coupons"
GIVEN: dict[str, Any] = {"label": "Spring", "coupon_code": "spring 2027", "takes": "part", "percent": "12.5"}


@pytest.fixture
def offer(seller: Actor) -> Offer:
    return sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))


def test_a_coupon_is_given_out_shown_once_used_and_ended(
    offer: Offer, seller: Actor, buyer: Actor, reader: Open
) -> None:
    page = reader(seller)
    assert "There is no coupon yet." in text_of(page.get(PAGE))
    more: dict[str, Any] = {"offer": str(offer.pk), "most_uses": "3", "first_day": f"{seller.at:%Y-%m-%d}"}
    assert page.post(PAGE, **GIVEN, **more)["Location"] == PAGE
    made, listed = Coupon.objects.get(), text_of(page.get(PAGE))
    assert (made.basis_points, made.offer, made.most_uses) == (1_250, f"offer:{offer.pk}", 3)
    assert "it is not shown again: SPRING2027" in listed and "SPRING2027" not in text_of(page.get(PAGE))
    assert "12.50%" in listed and "0 of 3" in listed and offer.title in listed and "Holds now" in listed
    talk = negotiations.approve(sales.request(offer, buyer), by=seller)
    charge = negotiations.accept(talk, coupon="Spring 2027", by=buyer).charge
    assert charge is not None and charge.net == Money(8_750, "EUR")
    bill = text_of(reader(buyer).get(f"/charges/{charge.pk}"))
    assert "€100.00" in bill and "-€12.50" in bill.replace("−", "-") and "€87.50" in bill
    assert "1 of 3" in text_of(page.get(PAGE))
    assert page.post(f"{PAGE}/{made.pk}/end")["Location"] == PAGE
    assert "Ended" in text_of(page.get(PAGE)) and Coupon.objects.get().withdrawn_at is not None


def test_an_amount_until_a_day_holds_for_that_day(seller: Actor, reader: Open) -> None:
    given = {
        **GIVEN,
        "takes": "amount",
        "amount": "5.00",
        "currency": "CHF",
        "last_day": f"{seller.at:%Y-%m-%d}",
    }
    assert reader(seller).post(PAGE, **given).status_code == 302
    made = Coupon.objects.get()
    assert (made.amount_minor, made.currency, made.basis_points) == (500, "CHF", None)
    assert made.ends_at is not None and 0 < (made.ends_at - seller.at).total_seconds() <= 86_400


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"coupon_code": "short"}, "A code has 6 to 40 plain letters and digits."),
        ({"percent": ""}, "Say how much it takes off."),
        ({"takes": "amount"}, "Say how much it takes off."),
        ({"takes": "amount", "amount": "1.005"}, "at most 2 decimals"),
        ({"last_day": "2020-01-01"}, "nor in the past"),
        ({"label": ""}, ""),
    ],
)
def test_what_is_no_coupon_is_said_at_its_field(
    seller: Actor, reader: Open, changes: dict[str, Any], said: str
) -> None:
    answer = reader(seller).post(PAGE, **{**GIVEN, **changes})
    assert answer.status_code == 422 and said in text_of(answer)
    assert not Coupon.objects.exists()


def test_a_code_that_is_taken_is_said_in_the_readers_language(
    seller: Actor, outsider: Actor, reader: Open
) -> None:
    coupons.create(code="SPRING2027", label="Theirs", basis_points=100, by=outsider)
    page = reader(seller)
    page.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    answer = page.post(PAGE, **GIVEN)
    assert answer.status_code == 422 and "Ce code est déjà attribué" in text_of(answer)
    theirs = Coupon.objects.get()
    assert reader(seller).post(f"{PAGE}/{theirs.pk}/end").status_code == 404
    assert "Theirs" not in text_of(reader(seller).get(PAGE))


@pytest.mark.parametrize("is_private", [True, False])
def test_beside_a_price_that_was_agreed_alone_the_page_says_that_both_count(
    offer: Offer, seller: Actor, buyer: Actor, reader: Open, is_private: bool
) -> None:
    coupons.create(code="SPRING-2027", label="Spring", basis_points=5_000, by=seller)
    talk = sales.request(offer, buyer)
    if is_private:
        less = {"kind": "one_off", "price": {"amount_minor": 8_000, "currency": "EUR"}}
        negotiations.counter(talk, plan=less, by=seller)
    else:
        negotiations.approve(talk, by=seller)
    page = text_of(reader(buyer).get(f"/negotiations/{talk.pk}"))
    assert ("both count" in page) is is_private
    accepted = negotiations.accept(talk, shown=talk.proposal, coupon="SPRING-2027", by=buyer)
    assert accepted.charge is not None and accepted.agreement is not None
    bill = text_of(reader(buyer).get(f"/charges/{accepted.charge.pk}"))
    assert ("as agreed with you" in bill, "as listed" in bill) == (is_private, not is_private)
    half = "€40.00" if is_private else "€50.00"
    contract = strip_tags(text_of(reader(buyer).get(f"/sales/{accepted.agreement.pk}/contract")))
    assert f"{half} off the first charge" in contract
    assert f"{half} off the first charge" in strip_tags(papers.html(accepted.agreement, "en", by=buyer))
