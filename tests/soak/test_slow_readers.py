"""A thousand readers who take little, for a minute: the API answers as before, and the gateway's memory stays small."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone

from contracts.models import Entitlement, Transfer
from contracts.transfers import transfers
from tests import makers, orders, sales
from tests.gateways import Running, running
from tests.servers import eventually

READERS = int(os.environ.get("COMPTOIR_SOAK_READERS", "1000"))
SECONDS = float(os.environ.get("COMPTOIR_SOAK_SECONDS", "60"))
MOST_BYTES = 256 * 1024 * 1024

pytestmark = [pytest.mark.slow, pytest.mark.both_databases, pytest.mark.timeout(1_200)]


@pytest.fixture
def shop(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[orders.Shop]:
    with orders.shop_in(tmp_path / "assets", django_db_blocker) as found:
        yield found


def test_slow_readers_cost_little_memory_and_do_not_slow_the_api(shop: orders.Shop, tmp_path: Path) -> None:
    right, buyer = orders.bought(shop)
    links = [sales.link(right, buyer) for _ in range(READERS)]
    door = makers.Door(shop.seller)
    # The API runs apart in production, so it does here; what both share is the machine and the database.
    with running(tmp_path, count=2, EXCHANGE_DOWNLOAD_TOKEN_SECONDS="7200") as (gateway, web):
        ask(web, door, seconds=3)
        alone = ask(web, door, seconds=15)
        before, cpu = gateway.memory_bytes(), gateway.cpu_seconds()
        readers = begin(gateway, links)
        eventually(lambda: Transfer.objects.filter(entitlement=right).count() == READERS, within_seconds=60)
        memory = [gateway.memory_bytes()]
        watch = threading.Thread(target=follow, args=(gateway, memory, readers), daemon=True)
        watch.start()
        beside = ask(web, door, seconds=SECONDS * 0.6)
        said, _ = readers.communicate(timeout=SECONDS * 3 + 60)
        count, taken = map(int, said.split())
        used = gateway.cpu_seconds() - cpu
    grown = max(memory) - before
    print(f"{count} readers took {taken / 1e6 / SECONDS:.0f} MB/s in all; {used / SECONDS:.2f} cores")
    print(f"memory: {before / 1e6:.0f} MB before, {grown / 2**20:.0f} MiB more at most")
    print(f"API p99: {alone * 1000:.0f} ms alone, {beside * 1000:.0f} ms beside them")
    assert count == READERS
    assert grown <= MOST_BYTES
    assert "Traceback" not in gateway.log.read_text()
    assert keeps_count(right)
    if os.environ.get("COMPTOIR_SOAK_QUIET"):
        assert beside <= 2 * alone


def begin(gateway: Running, links: list[str]) -> "subprocess.Popen[str]":
    """Let all of them begin, in a process of their own."""
    program = Path(__file__).with_name("slow_readers.py")
    command = [sys.executable, str(program), "127.0.0.1", str(gateway.port), str(SECONDS)]
    readers = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert readers.stdin is not None
    readers.stdin.write("\n".join(links))
    readers.stdin.close()
    readers.stdin = None
    return readers


def follow(gateway: Running, memory: list[int], readers: "subprocess.Popen[str]") -> None:
    while readers.poll() is None:
        memory.append(gateway.memory_bytes())
        time.sleep(0.25)


def ask(web: Running, door: makers.Door, seconds: float) -> float:
    """The 99th percentile of one client's calls, one after the other."""
    took: list[float] = []
    until = time.monotonic() + seconds
    with httpx.Client(base_url=web.url, headers=door.headers) as client:
        while time.monotonic() < until:
            began = time.monotonic()
            assert client.get("/api/v1/datasets").status_code == 200
            took.append(time.monotonic() - began)
            time.sleep(0.02)
    return sorted(took)[len(took) * 99 // 100]


def keeps_count(right: Entitlement) -> bool:
    """Every reader left in the middle; the sweep says so, and no copy is lost or made up."""
    transfers.sweep_idle(now=timezone.now() + timedelta(seconds=60), at_most=READERS)
    rows = Transfer.objects.filter(entitlement=right)
    return all(row.state == "interrupted" and row.sent_bytes for row in rows)
