"""A large file from a bucket: what the gateway holds of it does not grow with it."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.gateway.gateway import Gateway
from contracts.models import Transfer
from exchange.kernel.actors import Actor
from tests import buckets, sales

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.one_database, pytest.mark.by_the_clock]

MEBIBYTE = 1024 * 1024
LARGE = bytes(range(256)) * 4096 * 48  # 48 MiB
MOST_HELD = 16 * MEBIBYTE


@pytest.fixture
def in_a_bucket(settings: Any) -> Iterator[None]:
    """Assets at a server in a process of its own."""
    with buckets.moto_apart() as endpoint:
        settings.EXCHANGE_STORAGE, settings.EXCHANGE_S3_ENDPOINT = "s3", endpoint
        settings.EXCHANGE_S3_BUCKET = buckets.fresh_bucket(endpoint, "test", "test").name
        yield


@pytest.fixture
def link(in_a_bucket: None, settings: Any, seller: Actor, buyer: Actor) -> str:
    """A link to a large file in a bucket."""
    settings.EXCHANGE_S3_ACCESS_KEY = settings.EXCHANGE_S3_SECRET_KEY = "test"
    return sales.link(sales.entitled(seller, buyer, files={"large.bin": LARGE}), buyer)


async def stream(path: str) -> tuple[int, str]:
    """How much came by a link, and its digest; nothing is kept."""
    length, digest = 0, hashlib.sha256()
    never = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await never.wait()
        raise AssertionError

    async def send(message: Any) -> None:
        nonlocal length
        body = message.get("body", b"")
        length += len(body)
        digest.update(body)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "client": ("192.0.2.7", 4711)}
    await Gateway()(scope, receive, send)
    return length, digest.hexdigest()


def test_a_large_file_leaves_a_bucket_in_bounded_memory(link: str) -> None:
    tracemalloc.start()
    try:
        length, digest = asyncio.run(stream(link))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (length, digest) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())
    assert Transfer.objects.get().state == "completed"
    assert most < MOST_HELD, f"{most / MEBIBYTE:.1f} MiB"
