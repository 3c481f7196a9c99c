"""A dispute on the pages of both sides: no move that would be refused, the exchange's own words in the reader's
language, and where the money is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from contracts.entitlements import reasons
from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from payments.holds import holds
from payments.models import Charge
from tests import sales
from tests.contracts.test_returns import end_dispute, open_dispute
from tests.payments.test_payout_pages import of

pytestmark = [pytest.mark.one_database, pytest.mark.by_the_clock]

React = Callable[..., int]


@pytest.fixture
def right(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer, plan=dict(sales.PAID))


@pytest.fixture
def charge(right: Entitlement) -> Charge:
    return Charge.objects.get(reference=f"agreement:{right.agreement_id}")


def read(client: Client, path: str, language: str = "en") -> str:
    client.cookies["django_language"] = language
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    return answer.content.decode()


def sale_of(right: Entitlement) -> str:
    return f"/sales/{right.agreement_id}"


def test_nothing_is_offered_that_an_open_dispute_refuses(
    right: Entitlement, charge: Charge, seller: Actor, buyer: Actor, react: React, now: Any
) -> None:
    theirs, mine = of(buyer, "trader"), of(seller, "trader")
    moves = (f"{sale_of(right)}/confirm", f"/charges/{charge.pk}/refund")
    before = read(theirs, sale_of(right))
    assert all(move in before for move in moves)
    assert moves[1] in read(theirs, "/my-data/invoices")
    open_dispute(charge, now)
    react()
    page = read(theirs, sale_of(right))
    assert not any(move in page for move in moves) and "Taken back by the bank" in page
    assert f"{sale_of(right)}/contest" in page  # the window goes on, and so may the buyer's word
    orders = read(theirs, "/my-data/invoices")
    assert moves[1] not in orders and "Taken back by the bank" in orders
    kept = read(mine, sale_of(right))
    assert f"{sale_of(right)}/resume" not in kept and "Money released" not in kept
    path = read(mine, f"/sell/earnings/{charge.pk}")
    assert moves[1] not in path and "held until the bank has decided" in path and "somebody else paid" in path
    end_dispute(charge, now, is_won=True)
    react()
    assert all(move in read(theirs, sale_of(right)) for move in moves)
    assert "Decided for the seller" in read(mine, f"/sell/earnings/{charge.pk}")


def test_what_was_released_and_then_lost_is_said_to_be_given_back(
    right: Entitlement, charge: Charge, seller: Actor, buyer: Actor, react: React, now: Any
) -> None:
    holds.confirm(charge.reference, by=buyer)
    open_dispute(charge, now)
    end_dispute(charge, now, is_won=False)
    react()
    mine = of(seller, "trader")
    page = read(mine, sale_of(right))
    assert "and given back to the buyer since." in page and "With the seller" not in page
    assert "Decided for the buyer" in read(mine, f"/sell/earnings/{charge.pk}")
    assert "With the seller" not in read(mine, "/sell/earnings")


def test_the_exchanges_reason_is_told_in_the_readers_language(
    right: Entitlement, charge: Charge, buyer: Actor, react: React, now: Any
) -> None:
    open_dispute(charge, now)
    react()
    right.refresh_from_db()
    assert right.reason == reasons.DISPUTED
    theirs = of(buyer, "trader")
    held = read(theirs, f"/my-data/{right.pk}")
    assert "until <time" in held and "ended <time" not in held  # suspended, and its end is far
    for path in (sale_of(right), f"/my-data/{right.pk}"):
        page = read(theirs, path, "fr")
        assert "La banque de l’acheteur a repris le paiement. L’accès attend sa décision." in page
        assert reasons.DISPUTED not in page
