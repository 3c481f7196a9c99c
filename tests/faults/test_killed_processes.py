"""Processes that are killed in the middle of their work: they start again, nothing is lost, nothing happens twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import trades
from tests.faults.conftest import Begin, reading
from tests.servers import ROOT, Demo, Exchange, eventually, running
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("faults")]

NAME = "passages.csv"


@pytest.fixture(scope="module")
def shared(loaded_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """One exchange for the tests that leave it running."""
    with running(loaded_demo, tmp_path_factory.mktemp("shared")) as exchange:
        yield exchange


def test_a_worker_killed_while_it_measures_is_followed_by_one_that_finishes(begin: Begin) -> None:
    exchange = begin(EXCHANGE_REACTION_LEASE_SECONDS="2")
    seller = exchange.client("seller")
    dataset = trades.declared(seller)
    revision = trades.sealed(seller, dataset, {NAME: trades.table(600_000)})
    folder = exchange.var / "measuring" / revision
    eventually(lambda: any(folder.glob("*/table")))
    worker = exchange.pids()["worker"]
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: "worker ended (SIGKILL)" in exchange.said())
    assert asked(seller.get(f"/revisions/{revision}"))["measuring"] == "waiting"
    assert any(folder.iterdir()), "it was in the middle"

    row = trades.measured(seller, revision)
    assert [asset["profile"]["row_count"] for asset in row["assets"]] == [600_000]
    told = [
        event["name"] for event in trades.items(seller, "/events") if event["subject"] == f"revision:{revision}"
    ]
    assert sorted(told).count("revision.measured") == 1
    eventually(lambda: not folder.exists())
    assert asked(seller.post(f"/datasets/{dataset}/publish"))["state"] == "published"


def test_a_download_cut_by_the_gateways_death_goes_on_as_one_copy(shared: Exchange, tmp_path: Path) -> None:
    content = trades.table(450_000)
    exchange = shared
    buyer = exchange.client("buyer")
    right = trades.entitled(exchange.client("seller"), buyer, {NAME: content}, copies=1)
    with reading(trades.link(buyer, right, asset=NAME)) as reader:
        os.kill(exchange.pids()["web"], signal.SIGKILL)
        arrived = reader.begun + reader.rest()
    assert content.startswith(arrived) and len(arrived) < len(content)
    eventually(lambda: "web ended (SIGKILL)" in exchange.said())
    exchange.wait_until_healthy()

    [transfer] = eventually(
        lambda: trades.transfers(buyer, right), lambda rows: rows[0]["state"] == "interrupted"
    )
    assert trades.copies_used(buyer, right) == {NAME: 1}
    again = buyer.post(f"/entitlements/{right}/tokens", json={"asset": NAME})
    assert trades.code_of(again) == "copies_spent"

    url, file = trades.link(buyer, right, transfer=transfer["id"]), tmp_path / NAME
    file.write_bytes(arrived)
    subprocess.run(["curl", "-sS", "-f", "-C", "-", "-o", str(file), url], check=True, timeout=60)
    assert file.read_bytes() == content
    assert trades.copies_used(buyer, right) == {NAME: 1}
    [row] = eventually(
        lambda: trades.transfers(buyer, right),
        lambda rows: any(end == len(content) for _, end in rows[0]["sent_ranges"]),
    )
    assert row["id"] == transfer["id"]


def test_the_log_goes_on_when_its_sequencer_and_signer_are_killed(shared: Exchange, tmp_path: Path) -> None:
    exchange = shared
    buyer = exchange.client("buyer")
    right = trades.entitled(exchange.client("seller"), buyer, {NAME: trades.table(10)})
    url = trades.link(buyer, right, asset=NAME)
    for name in ("sequencer", "signer"):
        os.kill(exchange.pids()[name], signal.SIGKILL)
    assert httpx.get(url).content == trades.table(10)
    for name in ("sequencer", "signer"):
        eventually(lambda name=name: f"{name} ended (SIGKILL); it starts again" in exchange.said())

    [transfer] = eventually(
        lambda: trades.transfers(buyer, right), lambda rows: rows[0]["state"] == "completed"
    )
    eventually(lambda: exchange.pids().keys() >= {"sequencer", "signer"})
    verifies(exchange, trades.receipt(buyer, transfer["id"], tmp_path / "receipt.json"))
    health = eventually(
        lambda: asked(exchange.client("officer").get("/log/health")), lambda found: found["unsealed_count"] == 0
    )
    assert (health["is_well"], health["alarm"]) == (True, None)


def verifies(exchange: Exchange, receipt: Path) -> None:
    """Check a receipt with the verifier alone."""
    vkey = httpx.get(f"{exchange.url}/log/{time.gmtime().tm_year}/vkey").text.strip()
    command = [sys.executable, "-m", "compliance.verifier", "receipt", str(receipt), "--vkey", vkey]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "transfer.started" in done.stdout
