"""The page of a request: what may be done, the contract, the form; typed values survive a refusal."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.agreements import agreements, papers
from contracts.models import Negotiation, Offer
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from tests import dataset_makers, makers, sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
WISH = {"purpose": "academic_research", "country": "DE", "use": "Compare delays in our own research team."}


@pytest.fixture
def offer(seller: Actor) -> Offer:
    terms = [
        *sales.TERMS,
        {"kind": "attribution", "text": "Source: Seller SA"},
        {"kind": "deletion", "days": 30},
    ]
    return sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID), terms=terms)


def path(offer: Offer) -> str:
    return f"/offers/{offer.pk}/request"


def test_the_page_says_what_may_must_and_may_not_be_done(offer: Offer, buyer: Actor, reader: Open) -> None:
    page = text_of(reader(buyer).get(path(offer)))
    for words in ("You may", "You must", "You may not", "Enforced", "Evidenced", "Promised"):
        assert words in page
    assert "Download each file 2 times" in page
    assert "Pay €100.00 on signing" in page
    assert "Source: Seller SA" in page
    assert "Academic research" in page
    assert "Marketing" not in page  # the terms rule it out


def test_a_request_leads_to_its_page(offer: Offer, buyer: Actor, reader: Open) -> None:
    answer = reader(buyer).post(path(offer), **WISH)
    made = Negotiation.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/negotiations/{made.pk}")
    assert (made.purpose, made.country, made.use) == tuple(WISH.values())


def test_what_was_typed_stays_when_it_is_refused(offer: Offer, buyer: Actor, reader: Open) -> None:
    answer = reader(buyer).post(path(offer), purpose="academic_research", country="FR", use="Short")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Short</textarea>" in page and 'value="FR" selected' in page and "checked" in page
    assert "Write at least 10 characters. You wrote 5." in page
    assert not Negotiation.objects.exists()


def test_the_verb_s_refusal_stands_at_its_field(offer: Offer, buyer: Actor, reader: Open) -> None:
    answer = reader(buyer).post(path(offer), **{**WISH, "use": "A long text with \u202e a trick in it."})
    assert answer.status_code == 422
    assert "U+202E" in text_of(answer)
    assert not Negotiation.objects.exists()


def test_hostile_text_is_shown_as_text(offer: Offer, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    answer = browser.post(path(offer), **{**WISH, "use": "<script>alert(1)</script> 👋 שלום and so on"})
    page = text_of(browser.get(answer["Location"]))
    assert "&lt;script&gt;" in page and "<script>alert" not in page


def test_a_second_request_is_refused_and_the_first_is_offered(offer: Offer, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    browser.post(path(offer), **WISH)
    answer = browser.post(path(offer), **WISH)
    assert answer.status_code == 422
    assert f"/negotiations/{Negotiation.objects.get().pk}" in text_of(answer)


def test_the_seller_finds_no_form_on_its_own_offer(offer: Offer, seller: Actor, reader: Open) -> None:
    page = text_of(reader(seller).get(path(offer)))
    assert "This is your own offer" in page and "<textarea" not in page


def test_a_viewer_reads_and_cannot_ask(offer: Offer, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer, "viewer")
    assert "<textarea" not in text_of(browser.get(path(offer)))
    assert browser.post(path(offer), **WISH).status_code == 422
    assert not Negotiation.objects.exists()


def test_a_named_offer_is_nowhere_for_the_outsider(
    seller: Actor, buyer: Actor, outsider: Actor, reader: Open
) -> None:
    named = [makers.participant_of(buyer).pk]
    hidden = sales.offer(dataset_makers.published(seller), seller, named=named)
    assert reader(outsider).get(path(hidden)).status_code == 404
    assert reader(outsider).post(path(hidden), **WISH).status_code == 404
    assert reader(buyer).get(path(hidden)).status_code == 200


def test_a_visitor_is_led_to_the_sign_in_page(offer: Offer, client: object) -> None:
    answer = client.get(path(offer))  # type: ignore[attr-defined]
    assert answer["Location"] == f"/accounts/login/?next=%2Foffers%2F{offer.pk}%2Frequest"


def test_without_the_token_nothing_is_asked(offer: Offer, buyer: Actor, reader: Open) -> None:
    assert reader(buyer).post(path(offer), csrf=False, **WISH).status_code == 403
    assert not Negotiation.objects.exists()


def test_in_french_the_page_is_french(offer: Offer, buyer: Actor, reader: Open) -> None:
    page = text_of(reader(buyer).get(path(offer), "fr"))
    for words in ("Vous pouvez", "Vous devez", "Vous ne pouvez pas", "La recherche universitaire", "Allemagne"):
        assert words in page


def test_affiliates_are_chosen_by_name_and_shown_wherever_the_request_is(
    offer: Offer, seller: Actor, buyer: Actor, outsider: Actor, reader: Open
) -> None:
    browser, ours = reader(buyer), str(outsider.participant_id)
    page = text_of(browser.get(path(offer)))
    assert f'value="{ours}">Outsider BV' in page and f'value="{offer.seller_id}"' not in page
    browser.post(path(offer), **WISH, affiliates=ours)
    made = Negotiation.objects.get()
    assert made.affiliates == [ours]
    assert "Outsider BV" in text_of(reader(seller).get(f"/negotiations/{made.pk}"))
    accepted = negotiations.accept(negotiations.approve(made, by=seller), by=buyer)
    assert accepted.agreement is not None
    assert "Outsider BV" in text_of(browser.get(f"/sales/{accepted.agreement.pk}/contract"))
    assert "Outsider BV" in papers.html(accepted.agreement, "en", by=seller)
    asked = text_of(browser.get("/my-data/may-i"))
    assert asked.index("Named in your contracts") < asked.index("Outsider BV") < asked.index("Others")


def test_two_organisations_that_name_each_other_harm_nobody(
    offer: Offer, seller: Actor, buyer: Actor, outsider: Actor
) -> None:
    for one, other in ((buyer, outsider), (outsider, buyer)):
        asked = sales.request(offer, one, affiliates=[other.participant_id])
        accepted = negotiations.accept(negotiations.approve(asked, by=seller), by=one)
        assert accepted.agreement is not None
        assert agreements.document(accepted.agreement)["affiliates"] == [str(other.participant_id)]


@pytest.mark.parametrize("count", [50, 51])
def test_at_most_fifty_affiliates_are_named(
    count: int, offer: Offer, buyer: Actor, reader: Open, now: Any
) -> None:
    named = [str(makers.participant(f"Group member {number} SA", "FR", now).pk) for number in range(count)]
    answer = reader(buyer).post(path(offer), **WISH, affiliates=named)  # type: ignore[arg-type]
    assert answer.status_code == (302 if count == 50 else 422)
    assert Negotiation.objects.count() == (1 if count == 50 else 0)
