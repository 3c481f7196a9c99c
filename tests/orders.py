"""Orders that end or suspend a right while two gateways send under it, to quick and to slow readers, and what each
reader still got."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.test import override_settings
from django.utils import timezone

from contracts.entitlements import entitlements
from contracts.models import Entitlement, Offer, Transfer
from exchange.kernel.actors import Actor
from exchange.participants.members import members
from tests import databases, dataset_makers, makers, sales
from tests.gateways import Reader, Running, wait_for

FILE_BYTES = 48 * 1024 * 1024
QUICK, SLOW = 16 * 1024 * 1024, 64 * 1024
REASON = "the buyer's report shows another purpose"


@dataclass(frozen=True)
class Shop:
    """A seller and an offer of one large file."""

    seller: Actor
    offer: Offer


@dataclass(frozen=True)
class Stopped:
    """What one order came to: its readers, when it was in force, and the transfers as they are recorded."""

    readers: Sequence[Reader]
    ordered_at: float
    transfers: Sequence[Transfer]

    def delays(self) -> list[float]:
        """Seconds from the order to each reader's last byte."""
        return [reader.last_at - self.ordered_at for reader in self.readers]


@contextmanager
def shop_in(folder: Path, blocker: Any) -> Iterator[Shop]:
    """A shop of its own, on a database of its own and with its file in `folder`; free, and to be had as often as
    wanted."""
    with (
        blocker.unblock(),
        databases.own(f"shop_{secrets.token_hex(6)}"),
        override_settings(EXCHANGE_STORAGE_DIR=folder),
    ):
        yield _shop()


def _shop() -> Shop:
    seller = makers.trader("Seller", "FR", timezone.now())
    files = {"large.bin": Random(1).randbytes(FILE_BYTES)}  # no block is like another
    return Shop(seller, sales.offer(dataset_makers.published(seller, files), seller, terms=[]))


def bought(shop: Shop) -> tuple[Entitlement, Actor]:
    """A right of a new buyer."""
    buyer = makers.trader("Buyer", "DE", timezone.now())
    return sales.sold(shop.offer, buyer, shop.seller), buyer


def revoke(right: Entitlement, shop: Shop) -> float:
    entitlements.revoke(right, reason=REASON, by=shop.seller.moved_to(timezone.now()))
    return time.time()


def suspend(right: Entitlement, shop: Shop) -> float:
    entitlements.suspend(right, reason=REASON, by=shop.seller.moved_to(timezone.now()))
    return time.time()


def expire(right: Entitlement, shop: Shop) -> float:
    """The clock gives this order; nobody writes anything when it comes."""
    ends_at = timezone.now() + timedelta(seconds=0.4)
    Entitlement.objects.filter(pk=right.pk).update(ends_at=ends_at)
    time.sleep(max(0.0, ends_at.timestamp() - time.time()))
    return ends_at.timestamp()


def suspend_buyer(right: Entitlement, shop: Shop) -> float:
    members.suspend(right.buyer, reason=REASON, by=makers.operator(timezone.now()))
    return time.time()


ORDERS: dict[str, Callable[[Entitlement, Shop], float]] = {
    "revoke": revoke,
    "suspend": suspend,
    "expire": expire,
    "suspend_buyer": suspend_buyer,
}


def stopped(shop: Shop, gateways: Sequence[Running], order: str) -> Stopped:
    """Give one order while each gateway sends to a quick and to a slow reader, each a transfer of its own."""
    right, buyer = bought(shop)
    readers = [
        Reader(gateway.url, _quoted(sales.link(right, buyer)), pace, buffer_bytes=64 * 1024)
        for gateway in gateways
        for pace in (QUICK, SLOW)
    ]
    while any(reader.received < 200_000 for reader in readers if reader.bytes_per_second == QUICK) or any(
        reader.received < 20_000 for reader in readers
    ):
        assert not any(reader.ended for reader in readers), [reader.ended for reader in readers]
        time.sleep(0.02)
    ordered_at = ORDERS[order](right, shop)
    wait_for(readers)
    return Stopped(readers, ordered_at, recorded(right))


def recorded(right: Entitlement) -> list[Transfer]:
    """Its transfers once their stops are recorded."""
    until = time.monotonic() + 120
    while Transfer.objects.filter(entitlement=right, state="started").exists():
        assert time.monotonic() < until, "a stop was not recorded"
        time.sleep(0.05)
    return list(Transfer.objects.filter(entitlement=right).order_by("id"))


def _quoted(path: str) -> str:
    return path.replace(" ", "%20")


def moment(fact: Any) -> datetime:
    """A moment as leaves write it."""
    return datetime.fromisoformat(str(fact))
