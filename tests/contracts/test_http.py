"""What the gateway answers, line by line as HTTP has it (RFC 9110, 9530, 6266)."""

import base64
import hashlib
import re
import unicodedata
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.gateway import outgoing
from contracts.gateway.blocks import BLOCK_BYTES, PIECE_BYTES, Blocks
from contracts.models import CopyCount
from contracts.transfers import ranges
from contracts.transfers.ranges import Wish
from datasets.storage import storage
from exchange.kernel.errors import Unavailable
from tests import dataset_makers, sales

pytestmark = pytest.mark.by_the_clock

BIG = dataset_makers.numbers(400_000)  # over two blocks; no .csv, which would be measured
SIZE = len(BIG)
TAG = f'"{hashlib.sha256(BIG).hexdigest()}"'


@pytest.fixture
def right(own_database: None, seller: Any, buyer: Any) -> Any:
    return sales.entitled(seller, buyer, files={"big.bin": BIG}, terms=[])


def test_every_single_range_is_answered_exactly(right: Any, buyer: Any) -> None:
    link = sales.link(right, buyer)
    edges = {0, 1, PIECE_BYTES - 1, PIECE_BYTES, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, SIZE - 1}
    asked = [(f"bytes={a}-{b}", a, min(b, SIZE - 1)) for a in edges for b in edges | {SIZE, 10**18} if a <= b]
    asked = [row for row in asked if row[2] - row[1] < 3 * PIECE_BYTES]  # a transfer has its allowance
    asked += [(f"bytes=-{n}", max(SIZE - n, 0), SIZE - 1) for n in (1, PIECE_BYTES)]
    asked += [(f"bytes={SIZE - 5}-", SIZE - 5, SIZE - 1)]
    for wish, first, last in asked:
        answer = sales.call("GET", link, headers={"range": wish})
        assert answer.status == 206, wish
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
        assert answer.headers["content-length"] == str(last - first + 1)
        assert bytes(answer.body) == BIG[first : last + 1]
    assert CopyCount.objects.get().used == 1


def test_a_range_beyond_the_end_names_the_size(right: Any, buyer: Any) -> None:
    for wish in (f"bytes={SIZE}-", "bytes=-0", f"bytes={10**18}-{10**18 + 1}"):
        answer = sales.call("GET", sales.link(right, buyer), headers={"range": wish})
        assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{SIZE}")
    assert not CopyCount.objects.filter(used__gt=0).exists()


CONDITIONS: list[tuple[dict[str, str], int]] = [
    ({"if-none-match": TAG}, 304),
    ({"if-none-match": f'"other", W/{TAG}'}, 304),
    ({"if-none-match": '"other"', "range": "bytes=0-9"}, 206),
    ({"if-range": TAG, "range": "bytes=0-9"}, 206),
    ({"if-range": f"W/{TAG}", "range": "bytes=0-9"}, 200),
    ({"if-range": "Sun, 22 Nov 2026 09:00:00 GMT", "range": "bytes=0-9"}, 200),
    ({"if-match": TAG, "range": "bytes=0-9"}, 206),
    ({"if-match": f"W/{TAG}"}, 412),
    ({"range": "bytes=0-1,5-6"}, 200),
    ({"range": "lines=0-1"}, 200),
    ({"range": "bytes=9-0"}, 200),
    ({"accept-encoding": "gzip, br, zstd"}, 200),
]


def test_conditions_are_weighed_and_nothing_is_recompressed(right: Any, buyer: Any) -> None:
    digest = base64.b64encode(hashlib.sha256(BIG).digest()).decode()
    for asked, status in CONDITIONS:
        answer = sales.call("GET", sales.link(right, buyer), headers=asked)
        assert answer.status == status, asked
        assert "content-encoding" not in answer.headers and "vary" not in answer.headers
        if status != 412:
            assert answer.headers["etag"] == TAG
            assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
            assert answer.headers["accept-ranges"] == "bytes"
        if status != 412:
            assert bytes(answer.body) == {200: BIG, 206: BIG[:10], 304: b""}[status]


def test_head_says_what_get_would(right: Any, buyer: Any) -> None:
    link = sales.link(right, buyer)
    head, whole = (sales.call(method, link) for method in ("HEAD", "GET"))
    assert head.headers == whole.headers and (head.status, bytes(head.body)) == (200, b"")


@given(st.text(min_size=1, max_size=80))
def test_any_name_is_one_safe_line_and_comes_back(name: str) -> None:
    line = outgoing.disposition(name)
    assert line.isascii() and line.isprintable()
    found = re.fullmatch(r"attachment; filename=\"([^\"\\%]*)\"; filename\*=UTF-8''([\w.~%-]*)", line)
    assert found is not None
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    assert unquote(found[2]) == "".join("_" if unicodedata.category(c) in hidden else c for c in name)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Île d'été 数据 100%.csv", "_le d'_t_ __ 100_.csv"),
        ("نتائج.csv", "_____.csv"),
        ("\u202egnp.exe", "_gnp.exe"),
        ('a"b\r\nSet-Cookie: x=1', "a_b__Set-Cookie: x=1"),
        ("🚲.parquet", "_.parquet"),
    ],
)
def test_names_that_try_something_become_plain(name: str, plain: str) -> None:
    assert outgoing.disposition(name).startswith(f'attachment; filename="{plain}"; ')


@given(st.text(max_size=40), st.integers(min_value=0, max_value=5_000))
def test_no_range_header_asks_for_more_than_there_is(header: str, size: int) -> None:
    for wish in (header, f"bytes={header}"):
        plan = ranges.plan(Wish(range=wish), size=size, tag=TAG)
        assert plan.status in (200, 206, 416)
        assert plan.status == 416 or 0 <= plan.first <= plan.after_last <= size


class TestBlocks:
    def test_what_was_checked_once_is_checked_each_time(self, right: Any) -> None:
        asset, blocks = sales.asset_of(right), Blocks()
        assert blocks.at_once(asset, 0, SIZE % BLOCK_BYTES) is None, "nothing was checked yet"
        for first in range(0, SIZE, BLOCK_BYTES):
            after_last = min(first + BLOCK_BYTES, SIZE)
            assert bytes(blocks.read(asset, first, after_last)) == BIG[first:after_last]
            assert bytes(blocks.at_once(asset, first, after_last) or b"") == BIG[first:after_last]
        with (storage().folder / asset.storage_key).open("r+b") as file:  # type: ignore[attr-defined]
            file.seek(BLOCK_BYTES + PIECE_BYTES + 7)
            file.write(b"X")
        first = BLOCK_BYTES + PIECE_BYTES
        assert blocks.at_once(asset, first, first + PIECE_BYTES) is None
        with pytest.raises(Unavailable) as refusal:
            blocks.read(asset, first, first + PIECE_BYTES)
        assert refusal.value.code == "storage_damaged"
        # The rest of the block was checked apart from it, and is as it was.
        assert bytes(blocks.read(asset, BLOCK_BYTES, first)) == BIG[BLOCK_BYTES:first]

    def test_a_file_that_was_cut_short_is_no_less(self, right: Any) -> None:
        asset, blocks = sales.asset_of(right), Blocks()
        blocks.read(asset, 0, BLOCK_BYTES)
        with (storage().folder / asset.storage_key).open("r+b") as file:  # type: ignore[attr-defined]
            file.truncate(BLOCK_BYTES - 1)
        assert blocks.at_once(asset, BLOCK_BYTES - PIECE_BYTES, BLOCK_BYTES) is None
        with pytest.raises(Unavailable):
            blocks.read(asset, BLOCK_BYTES - PIECE_BYTES, BLOCK_BYTES)

    def test_few_small_files_are_kept_whole(self, own_database: None, seller: Any, buyer: Any) -> None:
        asset, blocks = sales.asset_of(sales.entitled(seller, buyer, files={"a.bin": b"a\n1\n"})), Blocks()
        assert blocks.kept(asset, 0, 4) is None
        assert bytes(blocks.read(asset, 0, 4)) == b"a\n1\n"
        assert bytes(blocks.kept(asset, 1, 3) or b"") == b"\n1"
