"""Downloads by the programs that people have: they resume where they were cut, and the file is the same."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests import trades
from tests.servers import Exchange, eventually

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]

CONTENT = trades.table(150_000)
NAME = "passages.csv"


@dataclass(frozen=True)
class Shop:
    """A right to one file, and who has it."""

    buyer: httpx.Client
    entitlement: str

    def link(self) -> str:
        return trades.link(self.buyer, self.entitlement, asset=NAME)

    def copies(self) -> int:
        return trades.copies_used(self.buyer, self.entitlement).get(NAME, 0)


@pytest.fixture(scope="module")
def shop(exchange: Exchange) -> Shop:
    seller, buyer = exchange.client("seller"), exchange.client("buyer")
    return Shop(buyer, trades.entitled(seller, buyer, {NAME: CONTENT}))


def run(*command: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed on this machine")
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("size", [1, 1_000_003, len(CONTENT) - 1], ids=["one byte", "some", "all but one"])
@pytest.mark.parametrize(
    "command", [("curl", "-sS", "-f", "-C", "-", "-o"), ("wget", "-nv", "-c", "-O")], ids=["curl", "wget"]
)
def test_a_cut_download_goes_on_and_is_one_copy(
    shop: Shop, tmp_path: Path, command: tuple[str, ...], size: int
) -> None:
    before, url, file = shop.copies(), shop.link(), tmp_path / NAME
    with httpx.stream("GET", url, headers={"Range": f"bytes=0-{size - 1}"}) as answer:
        file.write_bytes(answer.read())
    assert file.stat().st_size == size
    done = run(*command, NAME, url, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == CONTENT
    assert shop.copies() == before + 1
    [last, *_] = eventually(
        lambda: trades.transfers(shop.buyer, shop.entitlement), lambda rows: rows[0]["state"] == "completed"
    )
    assert last["sent_ranges"] == [[0, len(CONTENT)]]


def test_what_is_whole_is_not_sent_again(shop: Shop, tmp_path: Path) -> None:
    before, url = shop.copies(), shop.link()
    (tmp_path / NAME).write_bytes(CONTENT)
    done = run("curl", "-sS", "-C", "-", "-o", NAME, "-w", "%{http_code}", url, cwd=tmp_path)
    assert done.stdout == "416"
    assert (tmp_path / NAME).read_bytes() == CONTENT
    assert shop.copies() == before


def test_head_tells_size_and_digest_and_takes_no_copy(shop: Shop, tmp_path: Path) -> None:
    before = shop.copies()
    done = run("curl", "-sS", "-I", shop.link(), cwd=tmp_path)
    head = done.stdout.lower()
    assert head.startswith("http/1.1 200")
    assert f"content-length: {len(CONTENT)}" in head
    assert "accept-ranges: bytes" in head and "etag: " in head and "repr-digest: sha-256=" in head
    assert f'filename="{NAME}"' in head
    assert shop.copies() == before


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        (f"bytes={len(CONTENT)}-", "416", f"content-range: bytes */{len(CONTENT)}"),
        ("bytes=5-4", "200", f"content-length: {len(CONTENT)}"),
        ("bytes=-1", "206", f"content-range: bytes {len(CONTENT) - 1}-{len(CONTENT) - 1}/{len(CONTENT)}"),
        ("bytes=0-9", "206", "content-length: 10"),
    ],
)
def test_ranges_are_answered_as_http_has_them(
    shop: Shop, tmp_path: Path, asked: str, status: str, said: str
) -> None:
    done = run("curl", "-sS", "-H", f"Range: {asked}", "-D", "-", "-o", "part", shop.link(), cwd=tmp_path)
    assert done.stdout.startswith(f"HTTP/1.1 {status}")
    assert said in done.stdout.lower()


def test_if_range_sends_a_part_of_the_same_file_and_the_whole_of_another(shop: Shop, tmp_path: Path) -> None:
    url = shop.link()
    etag = httpx.head(url).headers["etag"]
    for tag, status, size in ((etag, "206", 10), ('"another"', "200", len(CONTENT))):
        done = run(
            *("curl", "-sS", "-r", "0-9", "-H", f"If-Range: {tag}", "-w", "%{http_code}", "-o", "part", url),
            cwd=tmp_path,
        )
        assert done.stdout == status
        assert (tmp_path / "part").read_bytes() == CONTENT[:size]


def test_reading_all_but_the_last_byte_again_and_again_is_one_copy(shop: Shop) -> None:
    before, url = shop.copies(), shop.link()
    answers = [httpx.get(url, headers={"Range": f"bytes=0-{len(CONTENT) - 2}"}) for _ in range(5)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[0] == 206 and set(statuses) <= {206, 403}
    assert statuses[-1] == 403, "a transfer may send three times its size in all"
    assert trades.code_of(answers[-1]) == "transfer_spent"
    assert shop.copies() == before + 1
