"""A million guesses, and strangers who come again and again for minutes."""

import time
from collections.abc import Iterator
from statistics import median

import httpx
import pytest

from tests import trades
from tests.faults import attacks
from tests.faults.attacks import NAME, Meanwhile
from tests.faults.test_attacks import withstand_guesses
from tests.servers import Demo, Exchange, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.server,
    pytest.mark.both_databases,
    pytest.mark.xdist_group("server"),
    pytest.mark.timeout(3_600),
]

GUESSES = 1_000_000
MINUTES = 3


@pytest.fixture(scope="module")
def own(loaded_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with running(loaded_demo, tmp_path_factory.mktemp("attacked")) as exchange:
        yield exchange


def test_a_million_guesses_open_nothing(own: Exchange) -> None:
    began = time.monotonic()
    waits = withstand_guesses(own, own.client("seller"), own.client("buyer"), GUESSES)
    seconds = time.monotonic() - began
    print(
        f"\n{GUESSES:,} guesses in {seconds:.0f} s ({GUESSES / seconds:,.0f} a second); the API meanwhile: "
        f"p50 {median(waits) * 1000:.0f} ms, longest {max(waits) * 1000:.0f} ms of {len(waits)}"
    )


def test_floods_and_vanishing_readers_for_minutes(own: Exchange) -> None:
    seller, buyer = own.client("seller"), own.client("buyer")
    content = trades.table(100_000)
    entitlement = trades.entitled(seller, buyer, {NAME: content}, copies=1)
    url, until = trades.link(buyer, entitlement, asset=NAME), time.monotonic() + 60 * MINUTES
    memory, rounds = attacks.memory_of(own.pids()["web"]), 0
    with Meanwhile(lambda: trades.asked(buyer.get("/entitlements"))) as others:
        while time.monotonic() < until:
            attacks.flood_heads(f"{own.url}/d/none/{NAME}")
            attacks.vanish(f"{own.url}/health", 12)
            rounds += 1
    grown = attacks.memory_of(own.pids()["web"]) - memory
    print(
        f"\n{rounds} rounds; longest answer {max(others.seconds):.2f} s; memory grew by {grown / 1024**2:.0f} MiB"
    )
    assert grown < 64 * 1024**2
    assert httpx.get(url).content == content
