"""Large downloads, streamed and checked block by block by the gateway, beside nginx that sends the file as it is."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from contracts.models import Transfer
from infra.bench import load, servers
from infra.bench.market import LARGE_BYTES, Market
from infra.bench.rounds import Case, Measure, Sample
from infra.bench.servers import Server

READERS = 4
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

    def stream() -> Sample:
        urls = [f"{gateway.url}{path}" for path in market.paths(market.large, READERS)]
        return _sample(load.read(urls, size), size)

    def plain() -> Sample:
        return _sample(load.read([f"{static.url}/{market.large.storage_key}"] * READERS, size), size)

    def check(sample: Sample) -> None:
        completed = Transfer.objects.filter(asset=market.large, state="completed", sent_bytes=size)
        until_then = time.monotonic() + _RECORDED_WITHIN_SECONDS
        while completed.count() % READERS or not completed.exists():
            if time.monotonic() > until_then:
                raise RuntimeError(f"{completed.count()} transfers are complete, not {READERS} more a round")
            time.sleep(0.1)

    yield Case("stream", stream, check=check, named=lambda: {"server": gateway.pid, "database": postgres})
    yield Case("nginx static", plain, named=lambda: {"server": static.pid})


def _sample(seconds: float, size: int) -> Sample:
    return Sample({"rate": READERS * size / 1e6 / seconds}, READERS, per=("GiB", READERS * size / _GIB))
