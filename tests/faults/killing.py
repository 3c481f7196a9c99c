"""Buyers who download from a fleet while its processes are killed, and what must hold afterwards."""

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psycopg

from tests import trades
from tests.faults import fleet
from tests.faults.fleet import Fleet
from tests.servers import ROOT, eventually
from tests.trades import asked

NAME = "passages.csv"
PIECE_BYTES = 128 * 1024
PAUSE_SECONDS = 0.1


@dataclass
class Buyer:
    """Somebody who downloads the same file again and again, goes on where a download was cut, and takes its time."""

    number: int
    fleet: Fleet = field(repr=False)
    content: bytes = field(repr=False)
    right: str
    whole: int = 0
    cuts: int = 0

    def download_until(self, stopped: Event, chance: random.Random) -> None:
        """At least one download whole, and none left in the middle."""
        while not stopped.is_set() or not self.whole:
            self._download(chance)

    def _download(self, chance: random.Random) -> None:
        arrived, which = bytearray(), {"asset": NAME}
        until = time.monotonic() + 90
        while len(arrived) < len(self.content):
            assert time.monotonic() < until, (
                f"buyer {self.number} has {len(arrived)} of {len(self.content)} bytes"
            )
            with contextlib.suppress(httpx.HTTPError):
                self._take(arrived, which, gateway=chance.randrange(2))
            if len(arrived) < len(self.content):
                self.cuts += bool(arrived)
                time.sleep(0.2)
                which = self._to_go_on(which) if arrived else which
        assert bytes(arrived) == self.content
        self.whole += 1

    def _take(self, arrived: bytearray, which: dict[str, str], gateway: int) -> None:
        """Ask for what is missing, with a fresh link, at one of the gateways."""
        with self.fleet.client(f"buyer-{self.number}") as api:
            answer = api.post(f"/entitlements/{self.right}/tokens", json=which)
        path = httpx.URL(answer.raise_for_status().json()["url"]).raw_path.decode()
        headers = {"Range": f"bytes={len(arrived)}-"} if arrived else {}
        url = self.fleet.urls[gateway] + path
        with httpx.stream("GET", url, headers=headers, timeout=20) as sent:
            sent.raise_for_status()
            for piece in sent.iter_raw(PIECE_BYTES):
                arrived += piece
                time.sleep(PAUSE_SECONDS)

    def _to_go_on(self, which: dict[str, str]) -> dict[str, str]:
        """The transfer that was cut: the one of this buyer that has sent something and is not complete."""
        if "transfer" in which:
            return which
        with contextlib.suppress(httpx.HTTPError), self.fleet.client(f"buyer-{self.number}") as api:
            rows = api.get("/transfers", params={"entitlement": self.right}).raise_for_status().json()["items"]
            newest = max(rows, key=lambda row: row["id"])
            return {"transfer": newest["id"]}
        return which


def sold(running: Fleet, content: bytes) -> list[Buyer]:
    """One dataset, and a right to it for every buyer."""
    with running.client("seller") as seller:
        offer = trades.offered(seller, trades.published(seller, {NAME: content}))
    buyers = []
    for number in range(fleet.BUYERS):
        with running.client(f"buyer-{number}") as api:
            accepted = asked(api.post(f"/negotiations/{trades.requested(api, offer)}/accept"))
        buyers.append(Buyer(number, running, content, accepted["entitlement_id"]))
    running.s3.note()
    return buyers


def expect_sound(running: Fleet, buyers: Sequence[Buyer]) -> None:
    """What must hold whatever was killed: asked of the database itself, and of the published log as a stranger."""
    with psycopg.connect(running.database, autocommit=True) as database:

        def one(question: str) -> Any:
            row = database.execute(question.encode()).fetchone()
            return row[0] if row else None

        eventually(lambda: one("SELECT count(*) FROM kernel_event WHERE leaf_index IS NULL") == 0)
        begun = (
            "SELECT 1 FROM kernel_event e WHERE e.name = 'transfer.started' AND e.subject = 'transfer:' || t.id"
        )
        assert one(f"SELECT count(*) FROM contracts_transfer t WHERE NOT EXISTS ({begun})") == 0
        assert one("SELECT count(*) = max(leaf_index) + 1 AND min(leaf_index) = 0 FROM kernel_event")
        # A killed gateway leaves no word of its last second: what came whole may show gaps, but its copy counts.
        copies = one("SELECT sum(used) FROM contracts_copycount")
        assert copies == one("SELECT count(*) FROM contracts_transfer WHERE state <> 'aborted'")
        assert copies >= sum(buyer.whole for buyer in buyers)
        size = one("SELECT max(size) FROM compliance_loghead")
    folder = running.var / "log" / str(datetime.now(UTC).year)
    eventually(lambda: signed_size(folder) >= size)
    command = [sys.executable, "-m", "compliance.verifier", "log", str(folder), "--vkey"]
    done = subprocess.run(
        [*command, (folder / "vkey").read_text().strip()], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def signed_size(folder: Path) -> int:
    """How many leaves the newest published checkpoint covers."""
    checkpoint = folder / "checkpoint"
    return int(checkpoint.read_text().splitlines()[1]) if checkpoint.exists() else 0


def kill_while_they_download(running: Fleet, content: bytes, rounds: int, seed: int) -> list[Buyer]:
    """Kill one of each kind, in any order, as often as told; answers what the buyers did meanwhile."""
    chance, stopped = random.Random(seed), Event()
    buyers = sold(running, content)
    with ThreadPoolExecutor(len(buyers)) as threads:
        reading = [
            threads.submit(buyer.download_until, stopped, random.Random(buyer.number)) for buyer in buyers
        ]
        try:
            for _ in range(rounds):
                for kind in chance.sample(fleet.KINDS, len(fleet.KINDS)):
                    time.sleep(chance.uniform(0.1, 0.6))
                    running.kill_one(kind, chance)
        finally:
            stopped.set()
        for found in reading:
            found.result(timeout=120)
    return buyers
