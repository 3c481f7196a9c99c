"""Small downloads, each authorised by a fresh token and in the log before a byte is sent, beside Django's smallest
answer; and how long the log takes to seal them meanwhile."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.db import connection

from infra.bench import databases, load, market
from infra.bench.load import Asked
from infra.bench.market import Market, Written
from infra.bench.rounds import Case, Measure, Sample
from infra.bench.servers import Server

CLIENTS = (64, 16)
_SPARE = 1.5
_FIRST_GUESS = 3_000
_WARM_SECONDS = 2


def measures() -> list[Measure]:
    """Downloads by hello, with many clients and with few."""
    what = "authorised, logged 1 KiB downloads/s ÷ Django hello on granian, {} clients"
    return [
        Measure(what.format(64), "download c=64", "hello c=64", at_least=0.9, aim=1.4),
        Measure(what.format(16), "download c=16", "hello c=16", at_least=0.6, aim=0.8),
    ]


def cases(downloads: "Downloads", hello: Server, postgres: int) -> Iterator[Case]:
    """Both, with each number of clients."""
    for clients in CLIENTS:
        yield _download(replace(downloads, clients=clients), postgres)
        yield _hello(hello, downloads.folder, clients, downloads.seconds)


@dataclass
class Downloads:
    """One load of downloads by so many clients; the tokens are made before it."""

    market: Market
    gateway: Server
    folder: Path
    seconds: float
    clients: int = CLIENTS[0]
    _paths: Sequence[str] = ()
    _rate: float = _FIRST_GUESS
    _before: Written = field(default_factory=lambda: Written(0, 0, 0))
    _ahead: int = 0

    def prepare(self) -> None:
        """Let both workers see every right once, make a token for each request, and look at what is written."""
        first = self._links(int(self._rate * _WARM_SECONDS))
        load.ask(self.gateway.url, first, self.folder, clients=self.clients, seconds=_WARM_SECONDS)
        self._paths = self._links(int(self._rate * self.seconds * _SPARE))
        databases.settle()
        self._before = quiet()
        self._ahead = _written_ahead()

    def run(self) -> Sample:
        asked = load.ask(self.gateway.url, self._paths, self.folder, clients=self.clients, seconds=self.seconds)
        self._rate = max(asked.rate, self._rate)
        found = _sample(asked)
        written = {"kB written ahead, each": (_written_ahead() - self._ahead) / 1_000 / asked.answered}
        return Sample({**found.figures, **written}, found.operations)

    def check(self, sample: Sample) -> None:
        """Each answer has its transfer and its Event. What wrk cut at its end, at most one a client, has them too."""
        done = quiet() - self._before
        if not sample.operations <= done.transfers <= sample.operations + self.clients:
            raise RuntimeError(
                f"{sample.operations} downloads were answered, {done.transfers} transfers written"
            )
        if done.started != done.transfers:
            raise RuntimeError(
                f"{done.transfers} transfers were written with {done.started} Events of their start"
            )

    def _links(self, count: int) -> Sequence[str]:
        return self.market.paths(self.market.small, count)


def quiet() -> Written:
    """What is written once nothing more is being written."""
    found = market.written()
    while True:
        time.sleep(0.3)
        if (again := market.written()) == found:
            return found
        found = again


def _download(downloads: Downloads, postgres: int) -> Case:
    return Case(
        f"download c={downloads.clients}",
        downloads.run,
        downloads.prepare,
        downloads.check,
        lambda: {"server": downloads.gateway.pid, "database": postgres},
    )


def _hello(hello: Server, folder: Path, clients: int, seconds: float) -> Case:
    def run() -> Sample:
        paths = ["/hello"] * 200_000
        return _sample(load.ask(hello.url, paths, folder, clients=clients, seconds=seconds))

    def prepare() -> None:
        load.ask(hello.url, ["/hello"] * 50_000, folder, clients=clients, seconds=1)

    return Case(f"hello c={clients}", run, prepare, named=lambda: {"server": hello.pid})


def _written_ahead() -> int:
    """How far PostgreSQL's write-ahead log has come, in bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn() - '0/0'")
        return int(cursor.fetchone()[0])


def _sample(asked: Asked) -> Sample:
    figures = {"rate": asked.rate, "p50 ms": asked.p50_milliseconds, "p99 ms": asked.p99_milliseconds}
    return Sample(figures, asked.answered)
