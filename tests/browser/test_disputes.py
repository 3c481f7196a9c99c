"""Disputes in a browser: the bank's word on the sale's page, on what both sides read of their money and in their
notices, and on the operator's board; open, won and lost, at both widths, in both languages, light and dark."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.holds import holds
from payments.models import Charge
from payments.providers import news
from payments.refunds import disputes
from tests import dataset_makers, makers, sales
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt

TITLES = ("Arrivals and departures", "Port calls, hourly", "Tides of the Scheldt", "Berths and quays")


@pytest.fixture
def disputed(
    own_database: None, now: datetime, seller: Actor, buyer: Actor, operator: Actor, react: Callable[..., int]
) -> dict[str, Any]:
    """Four sales that the buyer's bank took back: one that waits for evidence, one won, one lost while the money was
    held, and one lost after it was released."""
    from datasets.models import Dataset

    people = {
        "buyer": makers.member(makers.participant_of(buyer), "trader", now),
        "seller": makers.member(makers.participant_of(seller), "trader", now),
        "operator": makers.member(makers.participant_of(operator), "operator", now),
    }
    rights: list[Entitlement] = []
    for title in TITLES:
        dataset = dataset_makers.published(seller)
        Dataset.objects.filter(pk=dataset.pk).update(title=title)
        rights.append(sales.sold(sales.offer(dataset, seller, plan=dict(sales.PAID)), buyer, seller))
    charges = [Charge.objects.get(reference=f"agreement:{right.agreement_id}") for right in rights]
    sales.start(sales.link(rights[0], buyer), now)
    holds.confirm(charges[3].reference, by=buyer)
    react()
    for charge in charges:
        take_back(charge, now)
    react()
    for charge, is_won in ((charges[1], True), (charges[2], False), (charges[3], False)):
        end = news.DisputeEnded(f"dp_{charge.pk}", is_won)
        disputes.hear(end, by=makers.system(now))
    react()
    return {
        "rights": dict(zip(("open", "won", "lost", "owed"), rights, strict=True)),
        "charges": charges,
        **people,
    }


def take_back(charge: Charge, now: datetime) -> None:
    """The bank takes the money of a charge, and 15.00 for its trouble."""
    told = news.Disputed(
        charge.pk,
        f"dp_{charge.pk}",
        Money(charge.gross_minor, charge.currency),
        Money(1_500, charge.currency),
        "product_not_received",
        now + timedelta(days=9),
    )
    assert disputes.hear(told, by=makers.system(now)) == "disputed"


@readers
def test_every_page_about_a_dispute(
    page_at: PageAt, disputed: dict[str, Any], width: int, language: str, theme: str
) -> None:
    rights, charges = disputed["rights"], disputed["charges"]
    sale = {name: f"/sales/{right.agreement_id}" for name, right in rights.items()}
    looks: dict[str, dict[str, str]] = {
        "buyer": {
            **{f"dispute-{name}-buyer": path for name, path in sale.items() if name != "owed"},
            "dispute-holding": f"/my-data/{rights['open'].pk}",
            "dispute-orders": "/my-data/invoices",
            "dispute-notices-buyer": "/notices",
        },
        "seller": {
            **{f"dispute-{name}-seller": path for name, path in sale.items()},
            "dispute-earnings": "/sell/earnings",
            "dispute-path": f"/sell/earnings/{charges[0].pk}",
            "dispute-path-lost": f"/sell/earnings/{charges[2].pk}",
            "dispute-notices-seller": "/notices",
        },
        "operator": {"dispute-money": "/operate/money", "dispute-notices-operator": "/notices"},
    }
    for who, pages in looks.items():
        page = page_at(width, language, theme, member=disputed[who], second_factor=who == "operator")
        for name, path in pages.items():
            answer = page.goto(path)
            assert answer is not None and answer.status == 200, path
            look_at(page, name)
