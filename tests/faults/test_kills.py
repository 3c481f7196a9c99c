"""Processes die at random while buyers download; `make soak` does the same for ten minutes."""

import random
from pathlib import Path

import pytest

from tests.faults import load
from tests.faults.conftest import Begin

pytestmark = [
    pytest.mark.server,
    pytest.mark.both_databases,
    pytest.mark.xdist_group("faults"),
]

SECONDS = 8


def withstand_kills(begin: Begin, seconds: float, *, buyers: int, rows: int) -> str:
    """Download and kill for so long, then compare; answers what happened, for a person."""
    exchange = begin(EXCHANGE_TRANSFER_IDLE_SECONDS="10")
    work = load.prepared(exchange, buyers, rows)
    with work.running():
        killed = load.kill_at_random(exchange, seconds, random.Random(seconds))
        exchange.wait_until_healthy()
    assert killed and sum(work.complete.values()) > 0
    found = load.holds_true(exchange, work)
    load.verifies(exchange)
    return f"{len(killed)} killed ({', '.join(killed)}); whole files: {sum(work.complete.values())}; {found}"


def test_what_died_at_random_lost_nothing(begin: Begin, tmp_path: Path) -> None:
    withstand_kills(begin, SECONDS, buyers=4, rows=50_000)
