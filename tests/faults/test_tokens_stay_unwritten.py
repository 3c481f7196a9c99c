"""Whatever happens to a request with a token in its path, no process writes the token down: not in a log, not on
standard output, not in the database, the broker or a file. Both servers that a gateway may run on are tried."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests import trades
from tests.faults.conftest import Begin, connect, head
from tests.servers import ROOT, Exchange, eventually

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("faults")]

NAME = "passages.csv"
GRANIAN = (
    sys.executable,
    "-m",
    "granian",
    "--interface",
    "asgi",
    "--host",
    "127.0.0.1",
    "--log-level",
    "debug",
)


def token_of(url: str) -> str:
    return urlsplit(url).path.split("/")[2]


def written_below(folder: Path) -> bytes:
    """Every byte of every file, in which a token must not stand."""
    found = bytearray()
    for file in sorted(folder.rglob("*")):
        with contextlib.suppress(OSError):
            if file.is_file():
                found += file.read_bytes()
    return bytes(found)


@contextlib.contextmanager
def granian(exchange: Exchange, output: Path) -> Iterator[str]:
    """A second gateway of the exchange, on the other server, with an access log and every message it has."""
    environment = dict(
        line.split("=", 1)
        for line in Path(f"/proc/{exchange.process.pid}/environ").read_text().split("\0")
        if "=" in line
    )
    port = 21_000 + os.getpid() % 5_000  # where no exchange of another test looks for a free one
    with output.open("w") as log:
        process = subprocess.Popen(
            [*GRANIAN, "--port", str(port), "infra.asgi:application"],
            cwd=ROOT,
            env=environment | {"PATH": os.environ["PATH"]},
            stdout=log,
            stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: _answers(url), within_seconds=120)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=60)


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/health", timeout=2).status_code == 200
    return False


def provoke(at: str, url: str, used: str) -> list[int]:
    """Good, bent, late and hostile requests with these links, and one that breaks off; answers the statuses."""
    good, spent = urlsplit(url).path, urlsplit(used).path
    token = token_of(url)
    statuses = [
        httpx.request(method, f"{at}{path}", headers=headers, timeout=60).status_code
        for method, path, headers in (
            ("HEAD", good, {}),
            ("GET", good, {"Range": "bytes=0-9"}),
            ("GET", good, {"Range": "bytes=999999999-"}),
            ("GET", good, {"If-Match": '"another"'}),
            ("POST", good, {}),
            ("GET", good.replace(NAME, "another.csv"), {}),
            ("GET", f"/d/{token}", {}),
            ("GET", f"/d/{token[:-6]}AAAAAA/{NAME}", {}),
            ("GET", f"/u/{token}", {}),
            ("PUT", f"/u/{token}", {}),
            ("GET", f"/nowhere/{token}", {}),
            ("GET", f"/nowhere?token={token}", {}),
            ("GET", "/", {"Referer": url, "User-Agent": token}),
            ("GET", "/api/v1/datasets", {"Authorization": f"Bearer {token}"}),
            ("GET", spent, {}),
        )
    ]
    with connect(at) as line:
        line.sendall(head("GET", f"{at}{good}"))
        line.recv(100)
    with connect(at) as line:
        line.sendall(f"GET {good} HTTP/1.1\r\nbroken header".encode())
    return statuses


def test_a_token_is_written_nowhere(begin: Begin, tmp_path: Path) -> None:
    exchange = begin(EXCHANGE_DOWNLOAD_IDLE_SECONDS="1")
    seller, buyer = exchange.client("seller"), exchange.client("buyer")
    entitlement = trades.entitled(seller, buyer, {NAME: trades.table(30_000)}, copies=20)
    output = tmp_path / "granian.txt"
    links = []
    with granian(exchange, output) as other:
        for at in (exchange.url, other):
            url, used = (trades.link(buyer, entitlement, asset=NAME) for _ in range(2))
            assert httpx.get(used).is_success
            links += [url, used]
            assert {200, 206, 403, 404, 405, 412, 416} <= set(provoke(at, url, used))
        lost = trades.link(buyer, entitlement, asset=NAME)
        links.append(lost)
        for file in (exchange.var / "assets").glob("*"):
            if file.is_file() and file.stat().st_size == len(trades.table(30_000)):
                file.unlink()  # storage that has lost what was sealed: an error within the answer
        for at in (exchange.url, other):
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"{at}{urlsplit(lost).path}")
        time.sleep(1.5)  # refusals and guesses are counted a second later
    exchange.stop()
    everything = written_below(tmp_path)
    assert b"granian" in output.read_bytes() and b"web" in everything  # there is something to look through
    for token in map(token_of, links):
        for part in (token, token.rpartition(".")[2]):
            assert part.encode() not in everything
