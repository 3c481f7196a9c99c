"""The pages on which two members of a buyer sign: what the first entered, in words before the second, who confirms it
or lets it be."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.utils.html import strip_tags

from contracts.models import Agreement, Negotiation, Rider
from contracts.negotiations import negotiations, riders
from exchange.kernel.actors import Actor
from exchange.participants.members import members
from payments.charges import coupons
from payments.models import Charge, Coupon
from tests import dataset_makers, makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.over_time import MONTHLY

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
CODE = "SPRING-2027"
FIELDS = ('name="coupon"', 'name="renews"', 'name="keeps_method"')


@pytest.fixture(autouse=True)
def house(operator: Actor) -> None:
    """An exchange that may sell."""


@pytest.fixture
def coupon(seller: Actor) -> Coupon:
    return coupons.create(code=CODE, label="Spring", basis_points=2_500, most_uses=1, by=seller)


def approved(seller: Actor, buyer: Actor, plan: Mapping[str, Any] = MONTHLY) -> Negotiation:
    members.ask_for_second_member(makers.participant_of(buyer), wanted=True, by=buyer)
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(plan))
    return negotiations.approve(sales.request(offer, buyer), by=seller)


def words_of(answer: Any) -> str:
    """A page without its marks, for sentences in which amounts stand."""
    return " ".join(strip_tags(answer.content.decode()).split())


def signed(browser: Reader, talk: Negotiation, **more: str) -> Any:
    page = browser.get(f"/negotiations/{talk.pk}")
    shown = str(page.context["form"]["shown"].value())
    return browser.post(f"/negotiations/{talk.pk}/accept", **{"shown": shown, "has_read": "on", **more})


def test_the_second_reads_what_the_first_entered_and_signs_the_same(
    coupon: Coupon, seller: Actor, buyer: Actor, reader: Open
) -> None:
    talk, first, second = approved(seller, buyer), reader(buyer), reader(buyer)
    page = text_of(first.get(f"/negotiations/{talk.pk}"))
    assert all(field in page for field in FIELDS) and "Sign as the first of two" in page
    signed(first, talk, coupon=CODE, renews="on", keeps_method="on")
    for browser in (first, second):
        answer = browser.get(f"/negotiations/{talk.pk}")
        page = words_of(answer)
        assert "A coupon takes €2.50 off: €7.50 before VAT at the signature." in page
        assert "Further terms follow by themselves, until your organisation stops it:" in page
        assert "another one like it begins" in page and "keeps the way to pay" in page
        assert not any(field in text_of(answer) for field in FIELDS)
    assert "Sign and go to payment, €7.50" in page
    french = words_of(second.get(f"/negotiations/{talk.pk}", "fr"))
    assert "Un code de réduction enlève 2,50 €" in french
    answer = signed(second, talk)
    charge = Charge.objects.get()
    assert (answer["Location"], charge.net_minor, charge.keeps_method) == (f"/charges/{charge.pk}", 750, True)
    talk.refresh_from_db()
    assert talk.renews and "Signed first" not in text_of(first.get(f"/negotiations/{talk.pk}"))


def test_who_had_the_page_open_before_reads_again(seller: Actor, buyer: Actor, reader: Open) -> None:
    talk, first, second = approved(seller, buyer), reader(buyer), reader(buyer)
    before = talk.proposal
    signed(first, talk, renews="on")
    answer = signed(second, talk, shown=before)
    page = text_of(answer)
    assert answer.status_code == 409 and "with more than the contract" in page
    assert f'value="{Rider.objects.get().sha256}"' in page and not Agreement.objects.exists()
    assert signed(second, talk).status_code == 302 and Agreement.objects.exists()


def test_where_the_first_entered_nothing_the_second_is_told_so(
    seller: Actor, buyer: Actor, reader: Open
) -> None:
    talk, first, second = approved(seller, buyer), reader(buyer), reader(buyer)
    signed(first, talk)
    page = text_of(second.get(f"/negotiations/{talk.pk}"))
    assert "No coupon was entered." in page and "No further terms follow by themselves." in page
    assert not any(field in page for field in FIELDS)
    assert "Signed first" not in text_of(reader(seller).get(f"/negotiations/{talk.pk}"))
    assert signed(second, talk).status_code == 302


def test_a_coupon_that_holds_no_more_is_told_before_anything_is_signed(
    coupon: Coupon, seller: Actor, buyer: Actor, reader: Open
) -> None:
    talk, first, second = approved(seller, buyer), reader(buyer), reader(buyer)
    signed(first, talk, coupon=CODE)
    coupons.withdraw(coupon, by=seller)
    page = text_of(second.get(f"/negotiations/{talk.pk}"))
    assert "The coupon does not hold any more" in page and "Withdraw the request" in page
    assert 'name="has_read"' not in page
    answer = second.post(f"/negotiations/{talk.pk}/accept", shown=riders.to_sign(talk), has_read="on")
    assert answer.status_code == 409 and not Agreement.objects.exists()


def test_a_renewal_by_two_keeps_what_the_first_entered(
    coupon: Coupon, seller: Actor, buyer: Actor, reader: Open
) -> None:
    right = sales.entitled(seller, buyer)
    members.ask_for_second_member(makers.participant_of(buyer), wanted=True, by=buyer)
    offer = sales.offer(right.dataset, seller, plan=dict(MONTHLY), sale="instant")
    first, second, path = reader(buyer), reader(buyer), f"/my-data/{right.pk}/renew"
    page = first.get(f"{path}?offer={offer.pk}")
    fields = {name: str(page.context["form"].initial[name]) for name in ("shown", "offer")}
    assert 'name="keeps_method"' in text_of(page)
    given = {"coupon": CODE, "keeps_method": "on", "renews": "on", "worse": "price", "has_read": "on"}
    assert first.post(path, **fields, **given).status_code == 302
    page = second.get(path)
    assert "A coupon takes €2.50 off" in words_of(page) and not any(name in text_of(page) for name in FIELDS)
    stale = second.post(path, shown=Negotiation.objects.get(succession__right=right).proposal, worse="price")
    assert stale.status_code == 422, "nothing is signed that was not read"
    signed = second.post(path, shown=str(page.context["form"].initial["shown"]), worse="price", has_read="on")
    charge = Charge.objects.get()
    assert (signed["Location"], charge.net_minor, charge.keeps_method) == (f"/charges/{charge.pk}", 750, True)
