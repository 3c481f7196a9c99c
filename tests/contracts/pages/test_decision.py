"""A decision as a page: what it followed from, what each clause said, and the button that has it made again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from contracts.entitlements import entitlements
from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]


@pytest.fixture
def held(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


def decided(name: str) -> UUID:
    return Event.objects.get(name=name).pk


def test_a_start_shows_its_inputs_and_comes_out_the_same(
    held: Entitlement, buyer: Actor, seller: Actor, officer: Actor, reader: Open
) -> None:
    sales.start(sales.link(held, buyer), buyer.at)
    path = f"/decisions/{decided('transfer.started')}"
    desk = reader(officer, "officer", second_factor=True)
    for browser in (reader(buyer), reader(seller), desk):
        page = text_of(browser.get(path))
        assert "A download began" in page and "in force" in page and "sealed" in page
        assert "eu-2026-11" in page and f"/sales/{held.agreement_id}/contract" in page
        assert page.count("Met:") == 3 and "The same answer" not in page
    entitlements.revoke(held, reason="Sold in error, and taken back.", by=seller)
    page = text_of(desk.post(path))
    assert "The same answer" in page and "the database reserved the copy" in page
    assert Event.objects.filter(name="officer.replayed").count() == 1


def test_a_refusal_says_which_clause_and_why_in_both_languages(
    held: Entitlement, buyer: Actor, reader: Open
) -> None:
    late = sales.link(held, buyer)
    for _ in range(2):
        sales.start(sales.link(held, buyer), buyer.at)
    assert sales.start(late, buyer.at).code == "copies_spent"
    browser = reader(buyer)
    page = text_of(browser.post(f"/decisions/{decided('transfer.refused')}"))
    assert "Every licensed copy of this file has been taken." in page and "Not met:" in page
    assert "The same answer" in page
    browser.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    page = text_of(browser.post(f"/decisions/{decided('transfer.refused')}"))
    assert "La même réponse" in page and "Rejouer" in page


def test_an_answer_to_may_i_leads_to_its_decision(
    held: Entitlement, buyer: Actor, seller: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    fields = {"dataset": str(held.dataset_id), "purpose": "marketing", "country": "DE"}
    page = text_of(browser.post("/my-data/may-i", **fields, recipient="", on=""))
    path = f"/decisions/{decided('may_i.answered')}"
    assert path in page
    page = text_of(browser.post(path))
    assert "Marketing" in page and "The terms do not permit this purpose." in page and "The same answer" in page
    assert reader(seller).get(path).status_code == 404


def test_the_api_tells_and_replays_a_decision(
    held: Entitlement, buyer: Actor, outsider: Actor, door: Callable[..., Any]
) -> None:
    sales.start(sales.link(held, buyer), buyer.at)
    path = f"/api/v1/decisions/{decided('transfer.started')}"
    told = door(buyer).get(path).json()
    assert (told["kind"], told["rules"], told["said"]["answer"]) == ("transfer.started", 2, "yes")
    assert told["agreement_id"] == str(held.agreement_id) and told["facts"]["decided"]["profile"]
    again = door(buyer).post(f"{path}/replay").json()
    assert (again["outcome"], again["again"], again["why"]) == ("same", told["said"], None)
    assert again["as_recorded"] == ["copies"]
    assert door(outsider).post(f"{path}/replay").status_code == 404
