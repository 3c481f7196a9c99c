"""An exchange that was stopped and started again: everything is kept, and its log verifies from its files."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import trades
from tests.servers import ROOT, Demo, Exchange, copy, eventually, start
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]

LISTS = {
    "seller": ("/datasets", "/offers", "/negotiations", "/charges", "/transfers"),
    "buyer": ("/negotiations", "/agreements", "/entitlements", "/charges", "/transfers"),
    "operator": ("/participants",),
}
NAME = "passages.csv"


@dataclass
class Twice:
    """What was there before the stop and after the start, and what lay on the disk between the two."""

    before: dict[str, Any]
    after: dict[str, Any]
    log_folder: Path
    exchange: Exchange
    entitlement: str


@pytest.fixture(scope="module")
def twice(loaded_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    folder = tmp_path_factory.mktemp("twice")
    database = copy(loaded_demo, folder)
    first = start(folder, database=database)
    seller, buyer = first.client("seller"), first.client("buyer")
    entitlement = trades.entitled(seller, buyer, {NAME: trades.table(100)}, copies=2)
    assert httpx.get(trades.link(buyer, entitlement, asset=NAME)).content == trades.table(100)
    done = eventually(
        lambda: trades.transfers(buyer, entitlement), lambda rows: rows[0]["state"] == "completed"
    )
    trades.receipt(buyer, done[0]["id"], folder / "receipt.json")
    before = everything(first)
    assert first.stop() == 0, first.said()
    shutil.copytree(folder / "var" / "log", folder / "log")
    began = time.monotonic()
    second = start(folder, database=database)
    print(f"\na second start took {time.monotonic() - began:.1f} s")
    try:
        yield Twice(before, everything(second), folder / "log", second, entitlement)
    finally:
        second.stop()


def everything(exchange: Exchange) -> dict[str, Any]:
    """Every row that the cast may list, and the catalogue as the buyer finds it."""
    return {
        f"{name} {path}": list(trades.items(exchange.client(name), path))
        for name, paths in LISTS.items()
        for path in paths
    }


def test_a_second_start_keeps_everything_and_loads_nothing(twice: Twice) -> None:
    assert twice.after == twice.before
    assert len(twice.after["operator /participants"]) == 7
    assert "Loading the demo" not in twice.exchange.said()
    assert "Bringing the database up to date" not in twice.exchange.said()


def test_old_rights_go_on_and_count_on(twice: Twice) -> None:
    buyer = twice.exchange.client("buyer")
    url = trades.link(buyer, twice.entitlement, asset=NAME)
    assert httpx.get(url).content == trades.table(100)
    assert trades.copies_used(buyer, twice.entitlement) == {NAME: 2}
    answer = buyer.post(f"/entitlements/{twice.entitlement}/tokens", json={"asset": NAME})
    assert (answer.status_code, trades.code_of(answer)) == (403, "copies_spent")


def test_the_log_grows_on_from_where_it_was(twice: Twice, tmp_path: Path) -> None:
    [year] = [folder.name for folder in twice.log_folder.iterdir()]
    older = twice.log_folder / year / "checkpoint"
    size = int(older.read_text().splitlines()[1])
    asked(twice.exchange.client("officer").get("/desk/transfers"))
    eventually(
        lambda: httpx.get(f"{twice.exchange.url}/log/{year}/checkpoint").text,
        lambda note: int(note.splitlines()[1]) > size,
    )
    assert httpx.get(f"{twice.exchange.url}/log/{year}/vkey").content == (older.parent / "vkey").read_bytes()


def test_the_files_of_the_log_verify_and_a_changed_one_does_not(twice: Twice, tmp_path: Path) -> None:
    [folder] = twice.log_folder.iterdir()
    vkey = (folder / "vkey").read_text().strip()
    done = verify_log(folder, vkey)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "agree with each other and with the signed root" in done.stdout
    changed = shutil.copytree(folder, tmp_path / "changed")
    tile = next(file for file in sorted((changed / "tile" / "0").rglob("*")) if file.is_file())
    data = bytearray(tile.read_bytes())
    data[7] ^= 1
    tile.chmod(0o600)
    tile.write_bytes(data)
    done = verify_log(changed, vkey)
    assert done.returncode == 1, done.stdout + done.stderr


def verify_log(folder: Path, vkey: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "compliance.verifier", "log", str(folder), "--vkey", vkey]
    return subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, timeout=60, check=False)
