"""A broker that is down or deaf: the API still answers, what should follow waits in the database, and follows."""

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import trades
from tests.faults.conftest import Begin
from tests.servers import Exchange, start
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("faults")]

NAME = "passages.csv"


@pytest.fixture
def deaf_broker() -> Iterator[str]:
    """A Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def sealed(seller: httpx.Client) -> tuple[str, str]:
    """A dataset and its sealed revision."""
    dataset = asked(seller.post("/datasets", json=dict(trades.DESCRIPTION)))["id"]
    asked(seller.post(f"/datasets/{dataset}/declare", json={"personal_data": "none"}))
    revision = asked(seller.post(f"/datasets/{dataset}/revisions"))["id"]
    url = trades.upload_url(seller, revision, NAME)
    asked(httpx.put(url, content=trades.table(100), timeout=30))
    assert asked(seller.post(f"/revisions/{revision}/seal"))["state"] == "sealed"
    return dataset, revision


def waits(exchange: Exchange, seller: httpx.Client) -> tuple[str, str]:
    """A sealed dataset and its revision, which nobody measures while the exchange goes on."""
    dataset, revision = sealed(seller)
    assert exchange.pids().keys() >= {"web", "sequencer", "signer"}
    assert asked(seller.get(f"/revisions/{revision}"))["measuring"] == "waiting"
    return dataset, revision


@pytest.mark.slow
def test_what_a_deaf_broker_cannot_carry_waits_in_the_database(begin: Begin, deaf_broker: str) -> None:
    exchange = begin(EXCHANGE_BROKER_URL=deaf_broker)
    waits(exchange, exchange.client("seller"))
    assert exchange.stop() == 0, exchange.said()


def test_what_waits_in_the_database_follows_once_there_is_a_broker(begin: Begin, tmp_path: Path) -> None:
    """A Redis that nobody runs, and that comes up; where none is installed, a second start with the embedded broker."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        exchange = begin(EXCHANGE_BROKER_URL=f"redis://127.0.0.1:{port}/0")
    seller = exchange.client("seller")
    dataset, revision = waits(exchange, seller)
    with contextlib.ExitStack() as until_then:
        if shutil.which("redis-server"):
            until_then.enter_context(redis(port, tmp_path))
        else:
            assert exchange.stop() == 0, exchange.said()
            exchange = start(tmp_path)
            until_then.callback(exchange.stop)
            seller = exchange.client("seller")
        [asset] = trades.measured(seller, revision)["assets"]
        assert asset["profile"]["row_count"] == 100
        assert asked(seller.post(f"/datasets/{dataset}/publish"))["state"] == "published"
        assert "it starts again" not in exchange.said(), "no process died of it"
        assert exchange.stop() == 0


@contextlib.contextmanager
def redis(port: int, folder: Path) -> Iterator[None]:
    """A Redis of the test's own."""
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        server.terminate()
        server.wait()
