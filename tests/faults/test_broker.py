"""A broker that is down or deaf: the API still answers, what should follow waits in the database, and follows."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import trades
from tests.faults.conftest import Begin
from tests.servers import start
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]

NAME = "passages.csv"
ANSWERS_WITHIN_SECONDS = 10


@pytest.fixture(params=["down", "deaf"])
def broker(request: pytest.FixtureRequest) -> Iterator[str]:
    """A Redis that nobody runs, or one that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "deaf":
            listener.listen(64)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def timed(act: Callable[[], httpx.Response]) -> Any:
    """The JSON of a good answer that came in time."""
    began = time.monotonic()
    answer = asked(act())
    assert time.monotonic() - began < ANSWERS_WITHIN_SECONDS
    return answer


def test_what_a_broker_cannot_carry_waits_in_the_database(begin: Begin, tmp_path: Path, broker: str) -> None:
    exchange = begin(EXCHANGE_BROKER_URL=broker)
    seller = exchange.client("seller")
    dataset = timed(lambda: seller.post("/datasets", json=dict(trades.DESCRIPTION)))["id"]
    timed(lambda: seller.post(f"/datasets/{dataset}/declare", json={"personal_data": "none"}))
    revision = timed(lambda: seller.post(f"/datasets/{dataset}/revisions"))["id"]
    url = trades.upload_url(seller, revision, NAME)
    timed(lambda: httpx.put(url, content=trades.table(100), timeout=30))
    assert timed(lambda: seller.post(f"/revisions/{revision}/seal"))["state"] == "sealed"
    assert exchange.pids().keys() >= {"web", "sequencer", "signer"}
    assert timed(lambda: seller.get(f"/revisions/{revision}"))["measuring"] == "waiting"
    assert exchange.stop() == 0, exchange.said()

    again = start(tmp_path)
    try:
        seller = again.client("seller")
        [asset] = trades.measured(seller, revision)["assets"]
        assert asset["profile"]["row_count"] == 100
        assert asked(seller.post(f"/datasets/{dataset}/publish"))["state"] == "published"
    finally:
        assert again.stop() == 0
