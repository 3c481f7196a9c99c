"""Changing a contract within its term: either side proposes, both read the difference, and the two contracts name each
other."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.entitlements import entitlements
from contracts.models import Agreement, Entitlement, Negotiation
from contracts.negotiations import negotiations
from contracts.renewals import amendments
from exchange.kernel.actors import Actor
from tests import sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.doors.page_forms import forms_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
MORE = [{"kind": "copies", "set": {"max": 5}}]


@pytest.fixture
def right(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


def path(right: Entitlement, rest: str = "/amend") -> str:
    return f"/sales/{right.agreement_id}{rest}"


def filled(browser: Reader, right: Entitlement, **changes: Any) -> dict[str, Any]:
    page = browser.get(path(right))
    [form] = [one for one in forms_of(page, path(right)) if one.action == path(right)]
    return {**form.untouched(), **changes}


def test_a_buyer_proposes_and_the_seller_reads_the_difference(
    right: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    assert "Propose a change" in text_of(browser.get(path(right, "/contract")))
    values = filled(browser, right, **{"copies-max": "5", "note": "Our team has five desks."})
    answer = browser.post(path(right), **values)
    talk = Negotiation.objects.get(succession__right=right)
    assert answer["Location"] == f"/negotiations/{talk.pk}" and talk.state == "requested"
    page = text_of(reader(seller).get(f"/negotiations/{talk.pk}"))
    for words in ("A change of the contract", "What changes in the contract", "<ins>5</ins>", "five desks"):
        assert words in page
    assert "asks for a licence" not in page
    assert "A change is talked about" in text_of(browser.get(path(right, "/contract")))
    assert browser.get(path(right))["Location"] == f"/negotiations/{talk.pk}", "one talk at a time"


def test_signed_the_two_contracts_name_each_other(
    right: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    talk = amendments.propose(right.agreement, changes=MORE, by=seller)
    new = negotiations.accept(talk, shown=talk.proposal, by=buyer).agreement
    assert new is not None
    for actor in (seller, buyer):
        browser = reader(actor)
        old_page = text_of(browser.get(path(right, "/contract")))
        assert "no longer in force" in old_page and f"/sales/{new.pk}/contract" in old_page
        assert "Propose a change" not in old_page
        new_page = text_of(browser.get(f"/sales/{new.pk}/contract"))
        assert "It takes the place of" in new_page and path(right, "/contract") in new_page
        assert "no longer in force" not in new_page and "Propose a change" in new_page
    assert "A changed contract took its place" in text_of(reader(buyer).get(path(right, "")))


def test_a_price_comes_on_top_and_the_seller_signs_with_it(
    right: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(seller)
    values = filled(browser, right, **{"copies-max": "5", "price": "paid", "amount": "20.00"})
    browser.post(path(right), **values)
    talk = Negotiation.objects.get(succession__right=right)
    assert (talk.state, talk.plan["price"]["amount_minor"]) == ("approved", 2_000)
    page = text_of(reader(buyer).get(f"/negotiations/{talk.pk}"))
    assert "on top of what was paid" in page and "Read what changes, and sign" in page
    signs = text_of(reader(buyer).get(f"/my-data/{right.pk}/renew"))
    assert "I take this although it may be worse: Price" in signs and "€20.00" in signs


@pytest.mark.parametrize("changes", [{}, {"copies-max": "none"}])
def test_what_changes_nothing_or_is_no_contract_opens_no_talk(
    changes: dict[str, str], right: Entitlement, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    assert browser.post(path(right), **filled(browser, right, **changes)).status_code == 422
    assert not Negotiation.objects.filter(succession__right=right).exists()


def test_of_two_proposals_the_second_is_told_of_the_first(
    right: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    values = filled(browser, right, **{"copies-max": "5"})
    amendments.propose(right.agreement, changes=MORE, by=seller)
    answer = browser.post(path(right), **values)
    assert answer.status_code == 409 and "already an open talk" in text_of(answer)
    assert Negotiation.objects.filter(succession__right=right).count() == 1


def test_only_traders_of_its_sides_change_a_contract_in_force(
    right: Entitlement, seller: Actor, buyer: Actor, outsider: Actor, officer: Actor, reader: Open
) -> None:
    assert reader(outsider).get(path(right)).status_code == 404
    assert reader(buyer, "viewer").get(path(right)).status_code == 403
    entitlements.revoke(right, reason="the buyer's report shows another purpose", by=seller)
    assert reader(buyer).get(path(right))["Location"] == path(right, "/contract")
    assert Agreement.objects.count() == 1
