"""Digests are the same however the bytes are cut, and a block is known by its own."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.models import Asset
from datasets.revisions.digests import Digester, Digesters, verify_block

BLOCK = Asset.BLOCK_BYTES


def fed(data: bytes, chunk: int) -> Digester:
    digester = Digester()
    for start in range(0, len(data), chunk):
        digester.feed(data[start : start + chunk])
    return digester


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 5])
@pytest.mark.parametrize("chunk", [65_536, 1_000_003, 2 * BLOCK + 1])
def test_size_and_digests_are_those_of_the_bytes(size: int, chunk: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    digester = fed(data, chunk)
    blocks = [data[start : start + BLOCK] for start in range(0, size, BLOCK)]
    assert digester.size_bytes == size
    assert digester.sha256 == hashlib.sha256(data).hexdigest()
    assert digester.block_digests == b"".join(hashlib.sha256(block).digest() for block in blocks)


@given(st.lists(st.binary(max_size=50), max_size=30))
def test_the_cut_into_chunks_does_not_matter(chunks: list[bytes]) -> None:
    digester = Digester()
    for chunk in chunks:
        digester.feed(chunk)
    whole = fed(b"".join(chunks), 7)
    assert (digester.size_bytes, digester.sha256) == (whole.size_bytes, whole.sha256)
    assert digester.block_digests == whole.block_digests


def test_a_block_is_verified_by_its_own_digest() -> None:
    data = b"a" * BLOCK + b"b" * BLOCK + b"tail"
    asset = Asset(block_digests=fed(data, 65_536).block_digests)
    assert verify_block(asset, 0, data[:BLOCK])
    assert verify_block(asset, 2, b"tail")
    assert not verify_block(asset, 0, data[BLOCK : 2 * BLOCK])
    assert not verify_block(asset, 2, b"tai")
    assert not verify_block(asset, 3, b"")
    assert not verify_block(asset, -1, b"tail")
    assert not verify_block(Asset(), 0, b"")


def test_digests_go_on_where_they_stopped_and_from_where_they_were_forgotten() -> None:
    data, read = bytes(range(251)) * 20_000, 0

    def reader(offset: int, length: int) -> bytes:
        nonlocal read
        read += length
        return data[offset : offset + length]

    digesters = Digesters(at_most=1)
    for until in (10, BLOCK + 5, len(data) - 1, len(data)):
        digesters.catch_up("a", reader, until)
        assert digesters.fed("a") == until
    assert read == len(data)
    digesters.catch_up("b", reader, 10)
    assert digesters.fed("a") == 0
    digester = digesters.catch_up("a", reader, len(data))
    assert read == 2 * len(data) + 10
    assert digester.sha256 == hashlib.sha256(data).hexdigest()
    with pytest.raises(ValueError, match="fewer bytes"):
        digesters.catch_up("a", reader, len(data) + 1)
