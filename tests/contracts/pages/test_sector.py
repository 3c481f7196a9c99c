"""A sector clause on pages: the builder asks for it, and the request page names it where it refuses."""

from collections.abc import Callable

import pytest

from contracts.models import Negotiation
from exchange.kernel.actors import Actor
from exchange.participants.members import members
from tests import dataset_makers, makers, sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
WISH = {"purpose": "academic_research", "country": "DE", "use": "Compare delays in our own research team."}
FINANCE = {"kind": "sector", "any_of": ["K", "L"]}


def test_the_request_page_says_which_sectors_may_ask_and_refuses_others_by_the_clause(
    seller: Actor, buyer: Actor, operator: Actor, reader: Open
) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, terms=[FINANCE])
    browser, path = reader(buyer), f"/offers/{offer.pk}/request"
    page = text_of(browser.get(path))
    assert "Belong to a permitted economic sector" in page
    assert "or L (Financial and insurance activities)" in page
    answer = browser.post(path, **WISH)
    assert answer.status_code == 422 and "Refused by the clause sector" in text_of(answer)
    assert not Negotiation.objects.exists()
    found = makers.participant_of(buyer)
    members.amend(found, country="DE", sector="L", evidence="Seen in the register.", by=operator)
    assert browser.post(path, **WISH).status_code == 302


def test_the_builder_begins_with_the_sectors_and_limits_of_the_offer_it_is_like(
    seller: Actor, reader: Open
) -> None:
    dataset = dataset_makers.published(seller)
    offer = sales.offer(dataset, seller, terms=[FINANCE, {"kind": "volume", "rows": 5_000}])
    page = text_of(reader(seller).get(f"/sell/datasets/{dataset.pk}/offers/new?like={offer.pk}"))
    assert '<option value="K" selected>K – Telecommunication' in page
    assert '<option value="A">A – Agriculture' in page
    assert 'name="volume__rows" value="5000"' in page
