"""An order that ends a right stops its bytes at every gateway, for every reader, and the record says when."""

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from contracts.models import Transfer
from exchange.kernel.models import Event
from tests import orders, sales
from tests.gateways import Reader, Running, running, wait_for

pytestmark = [pytest.mark.both_databases, pytest.mark.timeout(240)]

UNSENT_BYTES = 3 * 1024 * 1024  # what the two sides' buffers and one chunk may come to
SAYS = {
    "revoke": ("revoked", "entitlement_revoked", "entitlement.revoked"),
    "suspend": ("interrupted", "entitlement_suspended", "entitlement.suspended"),
    "expire": ("revoked", "entitlement_expired", ""),
    "suspend_buyer": ("interrupted", "participant_not_verified", "participant.suspended"),
}


@pytest.fixture(scope="module")
def shop(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[orders.Shop]:
    with orders.shop_in(tmp_path_factory.mktemp("assets"), django_db_blocker) as found:
        yield found


@pytest.fixture(scope="module")
def gateways(shop: orders.Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Running]]:
    with running(tmp_path_factory.mktemp("gateways"), count=2) as found:
        yield found


@pytest.fixture(autouse=True)
def storage_folder(shop: orders.Shop) -> None:
    """The one of the module, which the gateways read."""


@pytest.mark.parametrize("order", orders.ORDERS)
def test_an_order_stops_quick_and_slow_readers_at_both_gateways(
    order: str, shop: orders.Shop, gateways: list[Running]
) -> None:
    stopped = orders.stopped(shop, gateways, order)
    state, code, name = SAYS[order]
    assert {(t.state, t.reason) for t in stopped.transfers} == {(state, code)}
    assert len(stopped.transfers) == len(stopped.readers) == 4
    sent, received = (
        sorted(t.sent_bytes for t in stopped.transfers),
        sorted(r.received for r in stopped.readers),
    )
    for told, got in zip(sent, received, strict=True):
        assert got <= told <= got + UNSENT_BYTES, (sent, received)
        assert told < orders.FILE_BYTES
    assert max(stopped.delays()) < 5, "machines are busy; the long form shows the promise of a second"
    for transfer in stopped.transfers:
        leaf = leaf_of(transfer, "transfer.revoked" if state == "revoked" else "transfer.interrupted")
        facts = leaf["facts"]
        assert orders.moment(facts["ordered_at"]).timestamp() <= stopped.ordered_at + 0.001
        assert facts["ordered_at"] <= facts["last_byte_at"] <= leaf["ts"]
        assert facts["ranges"] == transfer.sent_ranges
        assert ("order" in facts) == bool(name)
        assert not name or Event.objects.get(pk=facts["order"]).name == name


def test_parts_of_one_transfer_at_two_gateways_are_one_stop(shop: orders.Shop, gateways: list[Running]) -> None:
    right, buyer = orders.bought(shop)
    link, half = sales.link(right, buyer), orders.FILE_BYTES // 2
    readers = [
        Reader(gateway.url, link, orders.QUICK, range=wish)
        for gateway, wish in zip(gateways, (f"bytes=0-{half - 1}", f"bytes={half}-"), strict=True)
    ]
    while any(reader.received < 1_000_000 for reader in readers):
        assert not any(reader.ended for reader in readers)
    orders.revoke(right, shop)
    wait_for(readers)
    [transfer] = orders.recorded(right)
    first, second = transfer.sent_ranges
    assert (first[0], second[0]) == (0, half)
    assert first[1] >= readers[0].received and second[1] - half >= readers[1].received
    assert leaf_of(transfer, "transfer.revoked")["facts"]["ranges"] == transfer.sent_ranges


def test_what_an_uneven_reader_takes_is_the_file(shop: orders.Shop, gateways: list[Running]) -> None:
    """Blocks are read into memory that takes turns: what still waits to leave is never overwritten."""
    right, buyer = orders.bought(shop)
    digest, port = sales.asset_of(right).sha256, gateways[0].port
    for seed in range(8):  # the first finds every block unchecked
        assert _taken_unevenly(port, sales.link(right, buyer), Random(seed)) == digest


def _taken_unevenly(port: int, path: str, luck: Random) -> str:
    """The SHA-256 of a body, taken in gulps and sips, with pauses here and there."""
    found = hashlib.sha256()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        with line.makefile("rb", buffering=0) as answer:
            while answer.readline() != b"\r\n":
                pass
            while part := answer.read(luck.choice((100, 5_000, 60_000, 600_000, 2_000_000))):
                found.update(part)
                if luck.random() < 0.05:
                    time.sleep(luck.choice((0.001, 0.02)))
    return found.hexdigest()


def leaf_of(transfer: Transfer, name: str) -> Any:
    event = Event.objects.get(subject=f"transfer:{transfer.pk}", name=name)
    return json.loads(bytes(event.leaf))


def test_gateways_wrote_no_trace(gateways: list[Running]) -> None:
    said = "".join(Path(gateway.log).read_text() for gateway in gateways)
    assert "Traceback" not in said
