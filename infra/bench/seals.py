"""The sequencer: how long an Event waits for its place in the log while the gateway is fully loaded, and how quickly a
backlog is sealed."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from django.db import connection
from django.utils import timezone

from exchange.kernel.models import Event
from infra.bench import databases
from infra.bench.downloads import Downloads
from infra.bench.rounds import Case, Measure, Sample
from infra.bench.servers import ROOT

BACKLOG = 50_000
_SEALED_WITHIN_SECONDS = 120


def measures() -> list[Measure]:
    """The lag, and the sequencer's rate by that of eight writers and by the gateway's."""
    return [
        Measure(
            "seal lag p99 at full load",
            "seal lag",
            None,
            at_least=1.0,
            aim=0.25,
            figure="lag p99 s",
            is_least=False,
            unit="s",
        ),
        Measure(
            "sequencer events/s ÷ event append/s at full load (8 writers)",
            "sequencer",
            "append at 10k",
            at_least=5,
            aim=20,
        ),
    ]


def cases(downloads: Downloads, postgres: int) -> Iterator[Case]:
    """The lag on the exchange itself; the backlog in a database of its own."""
    lag = Lag(downloads)
    yield Case("seal lag", lag.run, lag.prepare, lag.check, lambda: lag.named(postgres))
    backlog = Backlog(databases.new("backlog", template=databases.EMPTY))
    yield Case("sequencer", backlog.run, backlog.prepare, backlog.check, lambda: {"database": postgres})


class Lag:
    """The gateway under load with a sequencer beside it. An Event's lag runs from the moment that it names, which is
    before its own commit, to the commit of the batch that sealed it."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads
        self._until_checked = contextlib.ExitStack()
        self._pid = 0

    def prepare(self) -> None:
        self._downloads.prepare()
        self._pid = self._until_checked.enter_context(_sequencer(self._downloads.folder))
        _wait_until_sealed()

    def run(self) -> Sample:
        began = timezone.now()
        asked = self._downloads.run()
        lasted = (timezone.now() - began).total_seconds()
        _wait_until_sealed()
        lags = _lags(began)
        figures = {"lag p99 s": lags[len(lags) * 99 // 100], "lag longest s": lags[-1]}
        return Sample({**figures, "events/s": len(lags) / lasted}, asked.operations)

    def named(self, postgres: int) -> dict[str, int]:
        return {"sequencer": self._pid, "database": postgres}

    def check(self, sample: Sample) -> None:
        self._until_checked.close()
        self._downloads.check(sample)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), max(leaf_index) + 1 FROM kernel_event")
            count, places = cursor.fetchone()
        if count != places:
            raise RuntimeError(f"{count} Events have {places} places in the log")


@dataclass
class Backlog:
    """Events that wait, many at once, and a sequencer that finds them."""

    url: str
    _first: int = 0

    def prepare(self) -> None:
        with psycopg.connect(self.url) as server:
            databases.add_events(server, BACKLOG, first=self._first, is_sealed=False)
        self._first += BACKLOG
        databases.settle(self.url)

    def run(self) -> Sample:
        done = subprocess.run(
            [sys.executable, "-m", "infra.bench.drain", self.url],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        said = json.loads(done.stdout)
        return Sample({"rate": said["sealed"] / said["seconds"]}, said["sealed"])

    def check(self, sample: Sample) -> None:
        with psycopg.connect(self.url) as server:
            row = server.execute(
                "SELECT count(*), count(leaf_index), max(leaf_index) + 1 FROM kernel_event"
            ).fetchone()
        if row is None or len(set(row)) != 1:
            raise RuntimeError(f"Events, sealed Events and places differ: {row}")


@contextlib.contextmanager
def _sequencer(folder: Path) -> Iterator[int]:
    with (folder / "sequencer.log").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra", "sequencer"], cwd=ROOT, stdout=output, stderr=output
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _wait_until_sealed() -> None:
    until = time.monotonic() + _SEALED_WITHIN_SECONDS
    while Event.objects.filter(leaf_index=None).exists():
        if time.monotonic() > until:
            raise RuntimeError("the sequencer did not come to an end of what waits")
        time.sleep(0.2)


def _lags(since: datetime) -> list[float]:
    """Of every Event since then, the least first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - at) FROM kernel_event WHERE at >= %s",
            [since],
        )
        return sorted(float(lag) for (lag,) in cursor.fetchall())
