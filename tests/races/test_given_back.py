"""Rivals about one copy: it comes back once, and is taken again once."""

from collections import Counter
from typing import Any

import pytest

from contracts.models import CopyCount, Transfer
from contracts.transfers import copies, transfers
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from exchange.kernel.models import Event
from tests import sales
from tests.rivals import codes, race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

REASON = "their disk broke while they were copying"
TERMS = [{"kind": "purpose", "any_of": ["research"]}, {"kind": "copies", "max": 1}]


def interrupted(seller: Actor, buyer: Actor, now: Any) -> tuple[Transfer, str]:
    """The one copy of a right, which broke off with a byte to go; and its link."""
    entitlement = sales.entitled(seller, buyer, terms=TERMS)
    link = sales.link(entitlement, buyer)
    begun = sales.start(link, now).transfer_id
    assert begun is not None
    transfers.progress(begun, [(0, sales.asset_of(entitlement).size_bytes - 1)], now=now)  # type: ignore[operator]
    transfers.sweep_idle(now=sales.later(now, minutes=1))
    return Transfer.objects.get(pk=begun), link


def test_a_copy_comes_back_once(seller: Actor, buyer: Actor, now: Any) -> None:
    transfer, _ = interrupted(seller, buyer, now)
    rows = [Transfer.objects.get(pk=transfer.pk) for _ in range(6)]
    outcomes = race([lambda row=row: copies.give_back(row, reason=REASON, by=seller) for row in rows])
    assert Counter(codes(outcomes)) == {"won": 1, "copy_is_back": 5}
    assert CopyCount.objects.get().used == 0
    assert Event.objects.filter(name="copy.given_back").count() == 1


def test_a_copy_is_given_back_or_gone_on_with(seller: Actor, buyer: Actor, now: Any) -> None:
    """Never both: who holds the copy again does not also have the old transfer."""
    transfer, link = interrupted(seller, buyer, now)
    later = sales.later(now, minutes=2)
    given, begun = race(
        [
            lambda: copies.give_back(transfer, reason=REASON, by=seller),
            lambda: sales.start(link, later).code,
        ]
    )
    if isinstance(given, ExchangeError):
        assert (given.code, begun, CopyCount.objects.get().used) == ("transfer_running", None, 1)
    else:
        assert (begun, CopyCount.objects.get().used) == ("transfer_over", 0)
