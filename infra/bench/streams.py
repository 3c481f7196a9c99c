"""Large downloads, streamed and checked block by block by the gateway, beside nginx that sends the file as it is."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from django.conf import settings

from contracts.models import Transfer
from infra.bench import load, servers
from infra.bench.market import LARGE_BYTES, Market
from infra.bench.rounds import Case, Measure, Sample
from infra.bench.servers import Server

READERS = 4
PASSES = 4  # of all readers, so that a round does not hang on which worker each of four met
_GIB = 1024**3
_RECORDED_WITHIN_SECONDS = 30


def measures() -> list[Measure]:
    """MB/s by nginx's, and what each GiB takes of the processor, for the reader to see."""
    what = f"MB/s of {LARGE_BYTES // 1024**2} MiB, {READERS} clients, streamed by the gateway ÷ nginx static"
    return [Measure(what, "stream", "nginx static", at_least=0.7, aim=0.9)]


def cases(market: Market, gateway: Server, postgres: int, folder: Path, until: ExitStack) -> Iterator[Case]:
    """The same file by both doors."""
    static = until.enter_context(servers.nginx(folder, Path(settings.EXCHANGE_STORAGE_DIR)))
    size = market.large.size_bytes or 0

    def warm() -> None:
        """Let each worker read the file once, as its first reading costs more and comes once in its life."""
        load.read([f"{gateway.url}{path}" for path in market.paths(market.large, READERS)], size)

    def stream() -> Sample:
        urls = iter([f"{gateway.url}{path}" for path in market.paths(market.large, READERS * PASSES)])
        return _sample(sum(load.read([*islice(urls, READERS)], size) for _ in range(PASSES)), size)

    def plain() -> Sample:
        urls = [f"{static.url}/{market.large.storage_key}"] * READERS
        return _sample(sum(load.read(urls, size) for _ in range(PASSES)), size)

    def check(sample: Sample) -> None:
        completed = Transfer.objects.filter(asset=market.large, state="completed", sent_bytes=size)
        until_then = time.monotonic() + _RECORDED_WITHIN_SECONDS
        while completed.count() % READERS or not completed.exists():
            if time.monotonic() > until_then:
                raise RuntimeError(f"{completed.count()} transfers are complete, not {READERS} more a round")
            time.sleep(0.1)

    yield Case("stream", stream, warm, check, named=lambda: {"server": gateway.pid, "database": postgres})
    yield Case("nginx static", plain, named=lambda: {"server": static.pid})


def _sample(seconds: float, size: int) -> Sample:
    read = READERS * PASSES * size
    return Sample({"rate": read / 1e6 / seconds}, READERS * PASSES, per=("GiB", read / _GIB))
