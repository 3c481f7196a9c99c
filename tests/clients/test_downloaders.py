"""Programs that others wrote, as they come, against a running exchange: what they fetch in parts, or go on with, is the
same file, one transfer and one copy. A program that is not on this machine is skipped by name."""

import contextlib
import io
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyarrow
import pytest
from pyarrow import parquet

from tests import trades
from tests.servers import Exchange, eventually

pytestmark = [pytest.mark.slow, pytest.mark.server, pytest.mark.xdist_group("server")]

CSV, PARQUET = "passages.csv", "passages.parquet"
CONTENT = trades.table(400_000)


def columns() -> pyarrow.Table:
    count = 300_000
    return pyarrow.table(
        {"counter": [n % 997 for n in range(count)], "passages": [n * 7919 for n in range(count)]}
    )


@dataclass(frozen=True)
class Shop:
    """A right to a CSV and a Parquet file, and who has it."""

    buyer: httpx.Client
    entitlement: str

    def link(self, name: str) -> str:
        return trades.link(self.buyer, self.entitlement, asset=name)

    def copies(self, name: str) -> int:
        return trades.copies_used(self.buyer, self.entitlement).get(name, 0)

    @contextlib.contextmanager
    def one_copy(self, name: str, size: int) -> Iterator[str]:
        """A link whose use must come to one completed transfer and one copy."""
        before = self.copies(name)
        yield self.link(name)
        [last, *_] = eventually(
            lambda: trades.transfers(self.buyer, self.entitlement), lambda rows: rows[0]["state"] == "completed"
        )
        assert last["sent_ranges"] == [[0, size]]
        assert self.copies(name) == before + 1


@pytest.fixture(scope="module")
def parquet_bytes() -> bytes:
    file = io.BytesIO()
    parquet.write_table(columns(), file, row_group_size=50_000, compression="none")
    return file.getvalue()


@pytest.fixture(scope="module")
def shop(exchange: Exchange, parquet_bytes: bytes) -> Shop:
    seller, buyer = exchange.client("seller"), exchange.client("buyer")
    return Shop(buyer, trades.entitled(seller, buyer, {CSV: CONTENT, PARQUET: parquet_bytes}))


def run(*command: str, cwd: Path) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed on this machine")
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_aria2_fetches_eight_parts_at_once(shop: Shop, tmp_path: Path) -> None:
    with shop.one_copy(CSV, len(CONTENT)) as url:
        run("aria2c", "-q", "-x", "8", "-s", "8", "-k", "1M", "--allow-overwrite", "-o", CSV, url, cwd=tmp_path)
        assert (tmp_path / CSV).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "command",
    [
        ("aria2c", "-q", "-c", "-x", "8", "-s", "8", "-k", "1M", "-o"),
        ("curl", "-sS", "-f", "-C", "-", "-o"),
        ("wget", "-nv", "-c", "-O"),
    ],
    ids=["aria2c", "curl", "wget"],
)
def test_what_was_cut_is_gone_on_with(shop: Shop, tmp_path: Path, command: tuple[str, ...]) -> None:
    with shop.one_copy(CSV, len(CONTENT)) as url:
        half = len(CONTENT) // 2
        begun = httpx.get(url, headers={"Range": f"bytes=0-{half - 1}"}).content
        (tmp_path / CSV).write_bytes(begun)
        run(*command, CSV, url, cwd=tmp_path)
        assert (tmp_path / CSV).read_bytes() == CONTENT


def test_pyarrow_reads_parquet_over_fsspec(shop: Shop, parquet_bytes: bytes) -> None:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    url, before = shop.link(PARQUET), shop.copies(PARQUET)
    with fsspec.open(url, mode="rb", block_size=256 * 1024) as file:
        assert file.size == len(parquet_bytes)
        found = parquet.ParquetFile(file)
        assert found.read_row_group(3, columns=["counter"]).num_rows == 50_000
        assert found.read().equals(columns())
    assert shop.copies(PARQUET) == before + 1
    [last, *_] = trades.transfers(shop.buyer, shop.entitlement)
    assert last["sent_bytes"] > 0.9 * len(parquet_bytes)


def test_many_readers_of_one_link_are_one_transfer(shop: Shop) -> None:
    parts: dict[int, bytes] = {}
    step = len(CONTENT) // 16 + 1
    with shop.one_copy(CSV, len(CONTENT)) as url:

        def fetch(first: int) -> None:
            parts[first] = httpx.get(url, headers={"Range": f"bytes={first}-{first + step - 1}"}).content

        threads = [threading.Thread(target=fetch, args=(first,)) for first in range(0, len(CONTENT), step)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert b"".join(parts[first] for first in sorted(parts)) == CONTENT
