"""Buyers who download as fast as they may while processes die under them, and what must be true of an exchange
afterwards: every Event sealed once, no transfer without one, no copy that was taken and not counted."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests import trades
from tests.servers import ROOT, Exchange, eventually
from tests.trades import asked

NAME = "passages.csv"
VICTIMS = ("web", "worker", "sequencer", "signer")
RESTS_SECONDS = 11  # so long a process must live, or its supervisor gives it up


@dataclass
class Load:
    """Buyers at work: `complete` counts the files that came whole, by right."""

    exchange: Exchange
    content: bytes
    rights: list[str]
    complete: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def buy(self, right: str) -> None:
        """Download under one right again and again, going on with what was cut, until told to stop."""
        buyer: httpx.Client | None = None
        while not self._is_over.is_set():
            with contextlib.suppress(httpx.HTTPError, AssertionError, KeyError, IndexError):
                # A gateway that was just killed refuses connections: the buyer asks again.
                buyer = buyer or self.exchange.client("buyer")
                self._download(buyer, right)

    def _download(self, buyer: httpx.Client, right: str) -> None:
        url, found = trades.link(buyer, right, asset=NAME), bytearray()
        while len(found) < len(self.content) and not self._is_over.is_set():
            headers = {"Range": f"bytes={len(found)}-"} if found else {}
            with contextlib.suppress(httpx.HTTPError):
                with httpx.stream("GET", url, headers=headers, timeout=10) as answer:
                    if answer.status_code not in (200, 206):
                        return
                    for part in answer.iter_raw():
                        found += part
                continue
            time.sleep(0.1)
        if bytes(found) == self.content:
            self.complete[right] = self.complete.get(right, 0) + 1
        elif not self.content.startswith(bytes(found)):
            self.wrong.append(right)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.buy, args=(right,)) for right in self.rights]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join()


def kill_at_random(exchange: Exchange, seconds: float, dice: random.Random) -> list[str]:
    """Kill one process after the other, each at rest for a while between two deaths; answers whom."""
    killed: list[str] = []
    died_at = dict.fromkeys(VICTIMS, 0.0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(dice.uniform(0.5, 3))
        ready = [name for name in VICTIMS if time.monotonic() - died_at[name] > RESTS_SECONDS]
        pids = exchange.pids()
        if ready and (name := dice.choice(ready)) in pids:
            os.kill(pids[name], signal.SIGKILL)
            died_at[name] = time.monotonic()
            killed.append(name)
    return killed


def holds_true(exchange: Exchange, load: Load) -> dict[str, int]:
    """What must be true when all is quiet again; answers the counts that show it."""
    officer = exchange.client("officer")
    eventually(lambda: asked(officer.get("/log/health"))["unsealed_count"], lambda count: count == 0, 60)
    eventually(lambda: counted(exchange, _RUNNING), lambda count: count == 0, 150)
    eventually(lambda: asked(officer.get("/log/health"))["unsealed_count"], lambda count: count == 0, 60)
    found = {name: counted(exchange, question) for name, question in _QUESTIONS.items()}
    assert found["events"] == found["places"] == found["last place"] + 1
    assert found["transfers"] == found["transfers with a start"] == found["copies counted"]
    assert found["complete"] == found["complete with an end"]
    # A gateway that was killed after the last byte could not say so: such a copy is counted, its end is not known.
    assert sum(load.complete.values()) <= found["complete"] + found["ends unknown"]
    assert sum(load.complete.values()) <= found["copies counted"]
    assert load.wrong == []
    assert asked(officer.get("/log/health"))["alarm"] is None
    return found


def verifies(exchange: Exchange) -> None:
    """Check the whole log with the verifier alone."""
    year = time.gmtime().tm_year
    vkey = httpx.get(f"{exchange.url}/log/{year}/vkey").text.strip()
    folder: Path = exchange.var / "log" / str(year)
    command = [sys.executable, "-m", "compliance.verifier", "log", str(folder), "--vkey", vkey]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


_STARTS = "SELECT subject FROM kernel_event WHERE name = 'transfer.started'"
_ENDS = "SELECT subject FROM kernel_event WHERE name = 'transfer.completed'"
_RUNNING = "SELECT count(*) FROM contracts_transfer WHERE state = 'started'"
_QUESTIONS = {
    "events": "SELECT count(*) FROM kernel_event",
    "places": "SELECT count(DISTINCT leaf_index) FROM kernel_event",
    "last place": "SELECT max(leaf_index) FROM kernel_event",
    "transfers": "SELECT count(*) FROM contracts_transfer WHERE NOT (state = 'aborted' AND sent_bytes = 0)",
    "transfers with a start": f"SELECT count(*) FROM ({_STARTS}) AS started, contracts_transfer AS t "
    "WHERE NOT (t.state = 'aborted' AND t.sent_bytes = 0) "
    "AND replace(started.subject, '-', '') = 'transfer:' || replace(CAST(t.id AS text), '-', '')",
    "copies counted": "SELECT sum(used) FROM contracts_copycount",
    "complete": "SELECT count(*) FROM contracts_transfer WHERE state = 'completed'",
    "ends unknown": "SELECT count(*) FROM contracts_transfer WHERE state = 'interrupted' AND reason = 'idle'",
    "complete with an end": f"SELECT count(*) FROM ({_ENDS}) AS ended",
}


def counted(exchange: Exchange, question: str) -> int:
    """The number that the exchange's database answers, whichever it runs on."""
    environment = Path(f"/proc/{exchange.process.pid}/environ").read_text().split("\0")
    url = next(
        (line.partition("=")[2] for line in environment if line.startswith("EXCHANGE_DATABASE_URL=")), ""
    )
    if url:
        import psycopg

        with psycopg.connect(url) as server:
            row = server.execute(question.encode()).fetchone()
    else:
        with sqlite3.connect(f"file:{exchange.var}/exchange.sqlite3?mode=ro", uri=True, timeout=30) as database:
            row = database.execute(question).fetchone()
    assert row is not None
    return int(row[0] or 0)


def prepared(exchange: Exchange, buyers: int, rows: int) -> Load:
    """So many rights to a file of so many rows, each for one buyer at work."""
    seller, buyer, content = exchange.client("seller"), exchange.client("buyer"), trades.table(rows)
    offer = trades.offered(seller, trades.published(seller, {NAME: content}))
    rights = [
        str(asked(buyer.post(f"/negotiations/{trades.requested(buyer, offer)}/accept"))["entitlement_id"])
        for _ in range(buyers)
    ]
    return Load(exchange, content, rights)
