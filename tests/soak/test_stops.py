"""The promise of a second, often enough to say a percentile: from an order to the last byte, at two gateways."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import orders
from tests.gateways import running

ROUNDS = int(os.environ.get("COMPTOIR_SOAK_STOPS", "50"))

pytestmark = [pytest.mark.slow, pytest.mark.both_databases, pytest.mark.timeout(3_600)]


@pytest.fixture
def shop(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[orders.Shop]:
    with orders.shop_in(tmp_path / "assets", django_db_blocker) as found:
        yield found


def test_of_two_hundred_orders_ninety_nine_in_a_hundred_bite_within_a_second(
    shop: orders.Shop, tmp_path: Path
) -> None:
    quick: list[float] = []
    slow: list[float] = []
    with running(tmp_path, count=2) as gateways:
        for order in orders.ORDERS:
            for _ in range(ROUNDS):
                stopped = orders.stopped(shop, gateways, order)
                for reader, delay in zip(stopped.readers, stopped.delays(), strict=True):
                    (quick if reader.bytes_per_second == orders.QUICK else slow).append(delay)
    for name, delays in (("quick", quick), ("slow", slow)):
        print(f"{name} readers, {len(delays)}: {figures(delays)}")
    assert percentile(quick, 99) <= 1 and percentile(slow, 99) <= 1


def percentile(values: list[float], part: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * part // 100)]


def figures(values: list[float]) -> str:
    """In milliseconds, from the order to the last byte that arrived."""
    found = {f"p{part}": percentile(values, part) * 1000 for part in (50, 90, 99)} | {
        "most": max(values) * 1000
    }
    return ", ".join(f"{name} {value:.0f} ms" for name, value in found.items())
