"""Connections that are cut, that stall, or that never say what they want, over real TCP."""

import contextlib
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import trades
from tests.faults.conftest import all_of, connect, head, reading
from tests.servers import Demo, Exchange, eventually, running
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("faults")]

NAME = "passages.csv"
LOCKED_FOR_SECONDS = 3.0


@pytest.fixture(scope="module")
def own(loaded_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """An exchange that loses patience soon."""
    with running(
        loaded_demo,
        tmp_path_factory.mktemp("own"),
        EXCHANGE_UPLOAD_IDLE_SECONDS="1",
        EXCHANGE_DOWNLOAD_IDLE_SECONDS="1",
    ) as exchange:
        yield exchange


@pytest.fixture
def seller(own: Exchange) -> httpx.Client:
    return own.client("seller")


def announced(seller: httpx.Client) -> tuple[str, str]:
    """An open revision, and where to send the bytes of its one file."""
    revision = asked(seller.post(f"/datasets/{trades.declared(seller)}/revisions"))["id"]
    return revision, trades.upload_url(seller, revision, NAME)


def parts_of(exchange: Exchange) -> list[Path]:
    """What uploads that have not ended keep on the disk."""
    return list(exchange.var.glob("assets/.*.part"))


@pytest.mark.parametrize("how", ["closed", "reset"])
def test_a_cut_upload_leaves_nothing_and_may_be_sent_again(
    own: Exchange, seller: httpx.Client, how: str
) -> None:
    before = set(own.var.glob("assets/*"))
    revision, url = announced(seller)
    with connect(own.url) as line:
        line.sendall(head("PUT", url, "Content-Length: 1000000") + trades.table(1_000))
        eventually(lambda: parts_of(own))
        if how == "reset":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    eventually(lambda: not parts_of(own))
    assert set(own.var.glob("assets/*")) == before
    [asset] = asked(seller.get(f"/revisions/{revision}"))["assets"]
    assert asset["state"] == "announced"
    asked(httpx.put(url, content=trades.table(1_000)))


def test_a_stalled_upload_is_told_so_and_leaves_nothing(own: Exchange, seller: httpx.Client) -> None:
    revision, url = announced(seller)
    with connect(own.url) as line:
        line.sendall(head("PUT", url, "Content-Length: 1000000") + trades.table(1_000))
        answer = all_of(line)
    assert answer.startswith(b"HTTP/1.1 408") and b"stalled" in answer
    assert parts_of(own) == []
    [asset] = asked(seller.get(f"/revisions/{revision}"))["assets"]
    assert asset["state"] == "announced"


def test_a_reader_who_takes_nothing_is_cut_and_may_go_on(own: Exchange, seller: httpx.Client) -> None:
    buyer, content = own.client("buyer"), trades.table(700_000)
    right = trades.entitled(seller, buyer, {NAME: content}, copies=1)
    url = trades.link(buyer, right, asset=NAME)
    with reading(url) as reader:
        eventually(lambda: trades.transfers(buyer, right)[0]["state"] == "interrupted")
        received = len(reader.begun + reader.rest())
    assert received < len(content)
    assert httpx.get(url).content == content
    assert trades.copies_used(buyer, right) == {NAME: 1}


def unfinished(exchange: Exchange, count: int, lines: contextlib.ExitStack) -> None:
    """Begin so many requests and never end their heads."""
    for _ in range(count):
        line = lines.enter_context(connect(exchange.url))
        line.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")


def test_heads_that_never_end_do_not_stop_others(own: Exchange, seller: httpx.Client) -> None:
    with contextlib.ExitStack() as lines:
        unfinished(own, 200, lines)
        asked(seller.get("/datasets"))
        revision, url = announced(seller)
        asked(httpx.put(url, content=trades.table(10)))
        asked(seller.post(f"/revisions/{revision}/seal"))


def test_heads_that_never_end_hold_every_connection_for_a_moment_only(own: Exchange) -> None:
    with contextlib.ExitStack() as lines:
        unfinished(own, 450, lines)
        assert httpx.get(f"{own.url}/health").status_code == 503
        eventually(lambda: httpx.get(f"{own.url}/health").status_code == 200)


def test_a_database_that_somebody_else_locks_makes_requests_wait_and_then_succeed(
    own: Exchange, seller: httpx.Client
) -> None:
    buyer = own.client("buyer")
    right = trades.entitled(seller, buyer, {NAME: trades.table(10)}, copies=1)
    url = trades.link(buyer, right, asset=NAME)
    answers: dict[str, httpx.Response] = {}
    acts = {
        "create": lambda: seller.post("/datasets", json=dict(trades.DESCRIPTION)),
        "download": lambda: httpx.get(url, timeout=60),
    }

    def run(name: str) -> None:
        answers[name] = acts[name]()

    threads = [threading.Thread(target=run, args=(name,)) for name in acts]
    with contextlib.closing(sqlite3.connect(own.var / "exchange.sqlite3", isolation_level=None)) as outside:
        outside.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        for thread in threads:
            thread.start()
        asked(own.client("operator").get("/participants"))  # readers need not wait
        time.sleep(max(0.0, LOCKED_FOR_SECONDS - (time.monotonic() - began)))
        assert answers == {}
        outside.execute("ROLLBACK")
    for thread in threads:
        thread.join(timeout=60)
    assert {name: answer.status_code for name, answer in answers.items()} == {"create": 201, "download": 200}
    assert answers["download"].content == trades.table(10)
    assert trades.copies_used(buyer, right) == {NAME: 1}
