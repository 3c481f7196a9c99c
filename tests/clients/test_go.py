"""Go's own code for transparency logs (golang.org/x/mod/sumdb) reads a log that a running exchange has published."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests import trades
from tests.servers import Exchange, eventually
from tests.trades import asked

pytestmark = [pytest.mark.slow, pytest.mark.server, pytest.mark.xdist_group("server")]

GO_PATH = Path("/usr/share/gocode")
"""Where Debian's golang-golang-x-mod-dev puts its source."""
NAME, DOWNLOADS = "passages.csv", 150


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("go") or not (GO_PATH / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("golang-go and golang-golang-x-mod-dev are not installed")
    folder = tmp_path_factory.mktemp("go")
    settings = {"GO111MODULE": "off", "GOPATH": str(GO_PATH), "GOCACHE": str(folder / "cache")}
    source = Path(__file__).parent / "go" / "verify.go"
    subprocess.run(["go", "build", "-o", folder / "verify", source], env={**os.environ, **settings}, check=True)
    return folder / "verify"


@pytest.fixture(scope="module")
def published(exchange: Exchange) -> tuple[Path, str]:
    """The log's folder, with more than one tile of leaves, and the key that its signatures are checked by."""
    seller, buyer, officer = (exchange.client(name) for name in ("seller", "buyer", "officer"))
    right = trades.entitled(seller, buyer, {NAME: trades.table(10)})
    for _ in range(DOWNLOADS):
        assert httpx.get(trades.link(buyer, right, asset=NAME)).is_success
    eventually(lambda: asked(officer.get("/log/health"))["unsealed_count"] == 0)
    year = str(time.gmtime().tm_year)
    return exchange.var / "log" / year, httpx.get(f"{exchange.url}/log/{year}/vkey").text.strip()


def run(program: Path, folder: Path, vkey: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([program, folder, vkey], capture_output=True, text=True, check=False)


@pytest.fixture
def copied(published: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree(published[0], tmp_path / "log")


def test_it_finds_every_entry_and_the_growth_proven(
    program: Path, published: tuple[Path, str], copied: Path
) -> None:
    done = run(program, copied, published[1])
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 2 * DOWNLOADS


@pytest.mark.parametrize("tile", ["0", "entries"])
def test_it_refuses_a_changed_byte(program: Path, published: tuple[Path, str], copied: Path, tile: str) -> None:
    [first] = (copied / "tile" / tile).glob("000")
    content = bytearray(first.read_bytes())
    content[100] ^= 1
    first.write_bytes(content)
    assert run(program, copied, published[1]).returncode == 1


def test_it_refuses_a_changed_size_and_another_key(
    program: Path, published: tuple[Path, str], copied: Path
) -> None:
    _, vkey = published
    name, number, key = vkey.split("+", 2)
    assert run(program, copied, f"{name}+{int(number, 16) ^ 1:08x}+{key}").returncode == 1
    note = (copied / "checkpoint").read_text().split("\n")
    (copied / "checkpoint").write_text("\n".join([note[0], str(int(note[1]) - 1), *note[2:]]))
    assert run(program, copied, vkey).returncode == 1
