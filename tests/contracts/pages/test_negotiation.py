"""The page of a negotiation: both sides read the same, each may do its own, and a stale page does nothing."""

import re
from collections.abc import Callable

import pytest
from django.http import HttpResponse

from contracts.models import Agreement, Negotiation
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]


@pytest.fixture
def asked(seller: Actor, buyer: Actor) -> Negotiation:
    return sales.request(sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID)), buyer)


def path(asked: Negotiation, verb: str = "") -> str:
    return f"/negotiations/{asked.pk}{verb}"


def state_of(asked: Negotiation) -> str:
    return Negotiation.objects.get(pk=asked.pk).state


def shown_on(answer: HttpResponse) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', text_of(answer))
    assert found is not None
    return found[1]


def test_both_sides_read_the_same_contract(
    asked: Negotiation, seller: Actor, buyer: Actor, reader: Open
) -> None:
    for actor in (seller, buyer):
        page = text_of(reader(actor).get(path(asked)))
        assert "You may use the data only for research" in page
        assert sales.USE in page and "has not signed" in page and "€100.00" in page


def test_each_side_finds_its_own_move(asked: Negotiation, seller: Actor, buyer: Actor, reader: Open) -> None:
    mine, theirs = text_of(reader(seller).get(path(asked))), text_of(reader(buyer).get(path(asked)))
    assert "Approve and sign" in mine and "Approve and sign" not in theirs
    assert "Withdraw the request" in theirs and "Withdraw the request" not in mine


def test_the_outsider_finds_nothing(asked: Negotiation, outsider: Actor, reader: Open) -> None:
    browser = reader(outsider)
    assert browser.get(path(asked)).status_code == 404
    for verb in ("/approve", "/accept", "/refuse", "/withdraw"):
        assert browser.post(path(asked, verb), shown="requested", has_read="on").status_code == 404
    assert state_of(asked) == "requested"


def test_the_seller_approves_and_the_buyer_signs_and_goes_to_payment(
    asked: Negotiation, seller: Actor, buyer: Actor, reader: Open
) -> None:
    assert reader(seller).post(path(asked, "/approve"))["Location"] == path(asked)
    browser = reader(buyer)
    page = browser.get(path(asked))
    assert "Sign and go to payment" in text_of(page)
    answer = browser.post(path(asked, "/accept"), shown=shown_on(page), has_read="on")
    assert answer["Location"].startswith("/charges/")
    assert state_of(asked) == "agreed"


def test_the_buyer_says_that_the_contract_was_read(
    asked: Negotiation, seller: Actor, buyer: Actor, reader: Open
) -> None:
    negotiations.approve(asked, by=seller)
    browser = reader(buyer)
    answer = browser.post(path(asked, "/accept"), shown=shown_on(browser.get(path(asked))))
    assert answer.status_code == 422 and "Say that you have read the contract." in text_of(answer)
    assert not Agreement.objects.exists()


def test_other_terms_than_were_read_are_not_signed(
    asked: Negotiation, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    negotiations.approve(asked, by=seller)
    shown = shown_on(browser.get(path(asked)))
    negotiations.counter(asked, changes=[{"kind": "copies", "set": {"max": 1}}], by=seller)
    answer = browser.post(path(asked, "/accept"), shown=shown, has_read="on")
    assert answer.status_code == 409
    assert "The terms or the price have changed" in text_of(answer)
    assert state_of(asked) == "offered" and not Agreement.objects.exists()


def test_a_second_approval_shows_how_it_stands(asked: Negotiation, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    browser.post(path(asked, "/approve"))
    answer = browser.post(path(asked, "/approve"))
    assert answer.status_code == 409
    assert "Nothing was done" in text_of(answer) and "The buyer signs next" in text_of(answer)


def test_refusing_is_confirmed_with_a_reason(
    asked: Negotiation, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(seller)
    page = browser.get(path(asked, "/refuse"))
    assert "ends for good" in text_of(page) and state_of(asked) == "requested"
    browser.post(path(asked, "/refuse"), shown=shown_on(page), reason="We do not sell to analysts.")
    assert state_of(asked) == "terminated"
    told = text_of(reader(buyer).get(path(asked)))
    assert "We do not sell to analysts." in told and "The seller refused this request." in told


def test_the_buyer_withdraws(asked: Negotiation, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    browser.post(path(asked, "/withdraw"), shown="requested")
    assert state_of(asked) == "terminated"
    assert "The buyer withdrew this request." in text_of(browser.get(path(asked)))


def test_a_stale_refusal_refuses_nothing(asked: Negotiation, seller: Actor, reader: Open) -> None:
    negotiations.approve(asked, by=seller)
    answer = reader(seller).post(path(asked, "/refuse"), shown="requested")
    assert answer.status_code == 409
    assert state_of(asked) == "approved"


def test_a_viewer_decides_nothing(asked: Negotiation, seller: Actor, reader: Open) -> None:
    browser = reader(seller, "viewer")
    assert "Approve and sign" not in text_of(browser.get(path(asked)))
    assert browser.post(path(asked, "/approve")).status_code == 403
    assert state_of(asked) == "requested"


def test_the_page_asks_the_database_a_fixed_number_of_questions(
    asked: Negotiation, buyer: Actor, reader: Open, django_assert_max_num_queries: Callable[..., object]
) -> None:
    browser = reader(buyer)
    browser.get(path(asked))
    with django_assert_max_num_queries(18):  # type: ignore[attr-defined]
        browser.get(path(asked))


def test_a_closed_thread_says_so_and_takes_no_more(
    asked: Negotiation, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    assert "Nothing was asked yet" in text_of(browser.get(path(asked)))
    negotiations.refuse(asked, reason="", by=seller)
    page = text_of(browser.get(path(asked)))
    assert "This thread is closed" in page and f'action="{path(asked, "/messages")}"' not in page
    assert browser.post(path(asked, "/messages"), body="Why?").status_code == 409
    assert "Ce fil est clos" in text_of(browser.get(path(asked), "fr"))
