"""Ctrl-C, and worse, while somebody downloads: all of it is gone soon, and what had left is in the record."""

import signal
from pathlib import Path

import pytest

from tests import trades
from tests.faults.conftest import Begin, connect, head, reading
from tests.servers import are_gone, eventually, start
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("faults")]

NAME = "passages.csv"
CONTENT = trades.table(450_000)
PROCESSES = {"web", "worker", "beat", "sequencer", "signer", "messenger"}


def test_ctrl_c_in_a_running_download_ends_everything_in_time(begin: Begin, tmp_path: Path) -> None:
    exchange = begin()
    buyer = exchange.client("buyer")
    right = trades.entitled(exchange.client("seller"), buyer, {NAME: CONTENT})
    seller = exchange.client("seller")
    revision = asked(seller.post(f"/datasets/{trades.declared(seller)}/revisions"))["id"]
    upload = trades.upload_url(seller, revision, NAME)
    with reading(trades.link(buyer, right, asset=NAME)) as reader, connect(exchange.url) as line:
        line.sendall(head("PUT", upload, "Content-Length: 1000000") + trades.table(1_000))
        eventually(lambda: list(exchange.var.glob("assets/.*.part")))
        pids = exchange.pids()
        assert set(pids) == PROCESSES
        assert exchange.stop() == 0, exchange.said()
        eventually(lambda: are_gone(list(pids.values())))
        assert "killed" not in exchange.said()
        arrived = reader.begun + reader.rest()
    assert CONTENT.startswith(arrived) and len(arrived) < len(CONTENT)
    assert list(exchange.var.glob("assets/.*.part")) == []

    again = start(tmp_path)
    try:
        [row] = trades.transfers(again.client("buyer"), right)
        assert row["sent_bytes"] >= len(arrived)
        assert row["sent_ranges"] == [[0, row["sent_bytes"]]]
    finally:
        assert again.stop() == 0


@pytest.mark.slow
def test_a_killed_supervisor_leaves_no_process_and_a_folder_that_starts_again(
    begin: Begin, tmp_path: Path
) -> None:
    exchange = begin()
    buyer = exchange.client("buyer")
    right = trades.entitled(exchange.client("seller"), buyer, {NAME: CONTENT})
    with reading(trades.link(buyer, right, asset=NAME)) as reader:
        pids = exchange.pids()
        exchange.process.send_signal(signal.SIGKILL)
        exchange.process.wait()
        eventually(lambda: are_gone(list(pids.values())))
        arrived = reader.begun + reader.rest()
    assert CONTENT.startswith(arrived) and len(arrived) < len(CONTENT)

    again = start(tmp_path)
    try:
        assert trades.copies_used(again.client("buyer"), right) == {NAME: 1}
    finally:
        assert again.stop() == 0
