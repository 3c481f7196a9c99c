"""Proofs made from tiles are accepted by the verifier, and every change to one is refused."""

import functools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.log.proofs import Frontier, consistency_proof, inclusion_proof
from compliance.log.tiles import grow, tree_root
from compliance.verifier.errors import Tampered
from compliance.verifier.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LARGEST = 600
ENTRIES = [f"entry {number}".encode() for number in range(LARGEST)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]

sizes = st.integers(1, LARGEST)


@functools.cache
def defined_root(start: int, end: int) -> bytes:
    """MTH of RFC 6962, section 2.1, word by word."""
    count = end - start
    if count == 0:
        return EMPTY_ROOT
    if count == 1:
        return LEAVES[start]
    split = 1
    while split * 2 < count:
        split *= 2
    return node_hash(defined_root(start, start + split), defined_root(start + split, end))


@functools.cache
def reader(size: int) -> Callable[[str], bytes]:
    return grow(0, ENTRIES[:size], {}.__getitem__).__getitem__


@st.composite
def size_and_index(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return size, draw(st.integers(0, size - 1))


@st.composite
def two_sizes(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(1, size)), size


def changed(hashes: list[bytes], draw: Callable[[st.SearchStrategy[int]], int]) -> list[bytes]:
    """`hashes` with one thing wrong: a bit, the order, a hash too many or too few."""
    result = list(hashes)
    place = draw(st.integers(0, max(len(result) - 1, 0)))
    match draw(st.integers(0, 3)) if result else 2:
        case 0:
            value = bytearray(result[place])
            value[draw(st.integers(0, 31))] ^= 1 << draw(st.integers(0, 7))
            result[place] = bytes(value)
        case 1:
            del result[place]
        case 2:
            result.insert(draw(st.integers(0, len(result))), leaf_hash(b"one too many"))
        case _:
            result = result[::-1] if len(result) > 1 else []
    return result


def test_every_way_to_compute_a_root_gives_the_defined_one_for_every_size() -> None:
    frontier = Frontier()
    for size in range(LARGEST + 1):
        root = defined_root(0, size)
        assert frontier.root() == root
        assert root_of(LEAVES[:size]) == root
        assert Frontier.from_bytes(frontier.to_bytes()) == frontier
        if size % 7 == 0 or size in (255, 256, 257, 511, 512, 513):
            assert tree_root(size, reader(size)) == root
            assert Frontier.read_from(size, reader(size)) == frontier
        frontier = frontier.append(LEAVES[size : size + 1])


@given(two_sizes())
def test_a_frontier_grown_in_two_steps_is_the_one_grown_at_once(both: tuple[int, int]) -> None:
    old_size, size = both
    part = Frontier().append(LEAVES[:old_size])
    assert part.append(LEAVES[old_size:size]) == Frontier().append(LEAVES[:size])
    assert part.root() == defined_root(0, old_size)


@pytest.mark.parametrize("data", [b"", b"\x00" * 7, (1).to_bytes(8, "big"), (3).to_bytes(8, "big") + b"x" * 63])
def test_bytes_that_are_no_frontier_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier.from_bytes(data)


@pytest.mark.parametrize("size", [*range(1, 34), 255, 256, 257, 513])
def test_every_leaf_of_a_tree_is_proven_by_its_tiles(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(index, size, reader(size))
        verify_inclusion(LEAVES[index], index, size, proof, defined_root(0, size))


@pytest.mark.parametrize("size", [*range(1, 34), 255, 256, 257, 513])
def test_every_growth_of_a_tree_is_proven_by_its_tiles(size: int) -> None:
    for old_size in range(1, size + 1):
        proof = consistency_proof(old_size, size, reader(size))
        verify_consistency(old_size, size, proof, defined_root(0, old_size), defined_root(0, size))


@settings(deadline=None)
@given(size_and_index(), st.data())
def test_a_changed_inclusion_proof_is_refused(both: tuple[int, int], data: st.DataObject) -> None:
    size, index = both
    proof = inclusion_proof(index, size, reader(size))
    root = defined_root(0, size)
    verify_inclusion(LEAVES[index], index, size, proof, root)
    with pytest.raises(Tampered):
        verify_inclusion(LEAVES[index], index, size, changed(proof, data.draw), root)
    other = data.draw(st.integers(-1, size).filter(lambda number: number != index))
    with pytest.raises(Tampered):
        verify_inclusion(LEAVES[index], other, size, proof, root)
    with pytest.raises(Tampered):
        verify_inclusion(leaf_hash(b"another entry"), index, size, proof, root)
    with pytest.raises(Tampered):
        verify_inclusion(LEAVES[index], index, size, proof, leaf_hash(b"another root"))


@settings(deadline=None)
@given(two_sizes(), st.data())
def test_a_changed_consistency_proof_is_refused(both: tuple[int, int], data: st.DataObject) -> None:
    old_size, size = both
    proof = consistency_proof(old_size, size, reader(size))
    old_root, root = defined_root(0, old_size), defined_root(0, size)
    verify_consistency(old_size, size, proof, old_root, root)
    with pytest.raises(Tampered):
        verify_consistency(old_size, size, changed(proof, data.draw), old_root, root)
    other = data.draw(st.integers(-1, size + 1).filter(lambda number: number != old_size))
    with pytest.raises(Tampered):
        verify_consistency(other, size, proof, old_root, root)
    for wrong in (leaf_hash(b"another root"), b"", old_root[:-1]):
        with pytest.raises(Tampered):
            verify_consistency(old_size, size, proof, wrong, root)
        with pytest.raises(Tampered):
            verify_consistency(old_size, size, proof, old_root, wrong)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([65_535, 65_536, 65_537]), st.data())
def test_proofs_cross_three_levels_of_tiles_with_few_reads(size: int, data: st.DataObject) -> None:
    leaves, files = _large_tree(size)
    read_paths: list[str] = []

    def read(path: str) -> bytes:
        read_paths.append(path)
        return files[path]

    root = tree_root(size, files.__getitem__)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, read)
    verify_inclusion(leaves[index], index, size, proof, root)
    assert len(read_paths) <= 2 * 3
    assert len(proof) <= 17
    read_paths.clear()
    old_size = data.draw(st.integers(1, size))
    proof = consistency_proof(old_size, size, read)
    old_root = Frontier().append(leaves[:old_size]).root()
    verify_consistency(old_size, size, proof, old_root, root)
    assert len(read_paths) <= 2 * 3


@functools.cache
def _large_tree(size: int) -> tuple[list[bytes], dict[str, bytes]]:
    entries = [number.to_bytes(4, "big") for number in range(size)]
    return [leaf_hash(entry) for entry in entries], grow(0, entries, {}.__getitem__)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_proof_of_a_leaf_that_is_not_there_is_not_made(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, reader(3))


@pytest.mark.parametrize(("old_size", "size"), [(0, 3), (4, 3), (-1, 3)])
def test_a_proof_of_growth_from_nothing_or_backwards_is_not_made(old_size: int, size: int) -> None:
    with pytest.raises(ValueError, match="does not grow"):
        consistency_proof(old_size, size, reader(3))
