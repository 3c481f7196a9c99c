"""Tiles lie where C2SP tlog-tiles says, and a log grown in steps has the same files as one built at once."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.log.tiles import Subtrees, entry_at, grow
from compliance.verifier.errors import Tampered
from compliance.verifier.merkle import leaf_hash, root_of
from compliance.verifier.tiles import ENTRIES, Tile


def entries_of(size: int, start: int = 0) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(start, size)]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 256), "tile/0/000"),
        (Tile(0, 999, 256), "tile/0/999"),
        (Tile(0, 1_000, 256), "tile/0/x001/000"),
        (Tile(1, 1_234_067, 256), "tile/1/x001/x234/067"),
        (Tile(2, 0, 1), "tile/2/000.p/1"),
        (Tile(ENTRIES, 1_234, 255), "tile/entries/x001/234.p/255"),
    ],
)
def test_a_tile_lies_where_the_specification_says(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.at(path) == tile


@given(st.integers(-1, 63), st.integers(0, 2**55), st.integers(1, 256))
def test_every_tile_is_found_back_by_its_path(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert Tile.at(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint",
        "tile/0/1",
        "tile/00/001",
        "tile/64/001",
        "tile/0/x000/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p/1/",
        "tile/0/001 ",
        "tile/0/001\n",
        "tile/-1/001",
        "tile/entries/../000",
        "tile/0/١٢٣",
    ],
)
def test_a_path_of_another_spelling_is_no_tile(path: str) -> None:
    assert Tile.at(path) is None


def test_a_log_of_70_000_has_the_tiles_of_the_specification() -> None:
    files = grow(0, [b""] * 70_000, {}.__getitem__)
    found: dict[str, int] = {}
    for path in files:
        kind = re.sub(r"(tile/[^/]+)/(?:x?\d{3}/?)+(\.p/\d+)?", r"\1\2", path)
        found[kind] = found.get(kind, 0) + 1
    assert found == {
        "tile/entries": 273,
        "tile/entries.p/112": 1,
        "tile/0": 273,
        "tile/0.p/112": 1,
        "tile/1": 1,
        "tile/1.p/17": 1,
        "tile/2.p/1": 1,
    }


def test_256_leaves_fill_a_tile_and_begin_the_next_level() -> None:
    files = grow(0, entries_of(256), {}.__getitem__)
    assert sorted(files) == ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]
    assert files["tile/1/000.p/1"] == root_of(map(leaf_hash, entries_of(256)))


def test_an_entry_stands_in_its_bundle_behind_its_length() -> None:
    files = grow(0, [b"one", b"", b"three"], {}.__getitem__)
    assert files["tile/entries/000.p/3"] == b"\x00\x03one\x00\x00\x00\x05three"
    assert [entry_at(index, 3, files.__getitem__) for index in range(3)] == [b"one", b"", b"three"]


def test_growth_by_nothing_makes_no_file() -> None:
    files = grow(0, entries_of(3), {}.__getitem__)
    assert grow(3, [], files.__getitem__) == {}


@settings(deadline=None)
@given(st.lists(st.integers(0, 300), max_size=6))
def test_a_log_grown_in_steps_holds_what_one_built_at_once_holds(steps: list[int]) -> None:
    files: dict[str, bytes] = {}
    size = 0
    for step in steps:
        new = grow(size, entries_of(size + step, size), files.__getitem__)
        assert not new.keys() & files.keys()
        files |= new
        size += step
    at_once = grow(0, entries_of(size), {}.__getitem__)
    assert at_once.items() <= files.items()
    for path in files.keys() - at_once.keys():
        assert ".p/" in path


@settings(deadline=None)
@given(st.integers(1, 600), st.data())
def test_the_hash_of_a_full_subtree_is_read_from_one_tile(size: int, data: st.DataObject) -> None:
    height = data.draw(st.integers(0, size.bit_length() - 1))
    index = data.draw(st.integers(0, (size >> height) - 1))
    files = grow(0, entries_of(size), {}.__getitem__)
    leaves = [leaf_hash(entry) for entry in entries_of(size)]
    expected = root_of(leaves[index << height : (index + 1) << height])
    assert Subtrees(size, files.__getitem__).root(height, index) == expected


def test_the_longest_entry_fits_and_a_longer_one_is_refused() -> None:
    longest = b"x" * 65_535
    files = grow(0, [longest], {}.__getitem__)
    assert entry_at(0, 1, files.__getitem__) == longest
    with pytest.raises(ValueError, match="65535 bytes; this has 65536"):
        grow(1, [longest + b"x"], files.__getitem__)


def test_growth_on_a_damaged_partial_tile_is_refused() -> None:
    files = grow(0, entries_of(3), {}.__getitem__)
    damaged = {**files, "tile/0/000.p/3": files["tile/0/000.p/3"][:-1]}
    with pytest.raises(Tampered, match="exactly 3 hashes"):
        grow(3, [b"next"], damaged.__getitem__)
