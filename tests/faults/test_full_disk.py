"""A disk that is full while a file arrives: the sender is told, nothing stays, and a smaller file is taken."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from tests import trades
from tests.faults.conftest import Begin
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("faults")]

NAME = "passages.csv"
MOUNTED = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"'
LIMITED = 'ulimit -f 65536; exec "$@"'  # 64 MiB in blocks of 1 KiB


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    return folder


@pytest.fixture
def within(small_disk: Path) -> Sequence[str]:
    """A command that gives what it runs 2 MiB in that folder, in a mount namespace of its own."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNTED, str(small_disk)]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("this machine lets nobody mount a small filesystem of their own (unshare, tmpfs)")
    return command


def test_an_upload_to_a_full_disk_is_refused_and_leaves_nothing(
    begin: Begin, small_disk: Path, within: Sequence[str]
) -> None:
    exchange = begin(within=within, EXCHANGE_STORAGE_DIR=str(small_disk))
    seller = exchange.client("seller")
    revision = asked(seller.post(f"/datasets/{trades.declared(seller)}/revisions"))["id"]
    url = trades.upload_url(seller, revision, NAME)
    inside = Path(f"/proc/{exchange.pids()['web']}/root{small_disk}")
    for _ in range(2):
        answer = httpx.put(url, content=trades.table(300_000), timeout=60)
        assert (answer.status_code, trades.code_of(answer)) == (503, "storage_full")
        assert list(inside.iterdir()) == []
    row = asked(seller.get(f"/revisions/{revision}"))
    assert [asset["state"] for asset in row["assets"]] == ["announced"]
    assert seller.post(f"/revisions/{revision}/seal").status_code == 409

    asked(httpx.put(url, content=trades.table(1_000)))
    assert len(list(inside.iterdir())) == 1
    asked(seller.post(f"/revisions/{revision}/seal"))
    [asset] = trades.measured(seller, revision)["assets"]
    assert asset["profile"]["row_count"] == 1_000


def test_a_limit_on_the_size_of_files_is_told_as_a_full_disk(begin: Begin) -> None:
    """Where nothing can be mounted, this is how a disk becomes full."""
    exchange = begin(within=["sh", "-c", LIMITED, "sh"])
    seller = exchange.client("seller")
    revision = asked(seller.post(f"/datasets/{trades.declared(seller)}/revisions"))["id"]
    before = set(exchange.var.glob("assets/*"))
    chunk = b"counter,hour\n" + b"rhone,7\n" * 131_072
    answer = httpx.put(
        trades.upload_url(seller, revision, NAME), content=(chunk for _ in range(80)), timeout=60
    )
    assert (answer.status_code, trades.code_of(answer)) == (503, "storage_full")
    left = set(exchange.var.glob("assets/*")) | set(exchange.var.glob("assets/.*"))
    assert left == before
