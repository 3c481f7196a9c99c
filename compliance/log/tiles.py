"""The log's tiles (C2SP tlog-tiles), written and read: which files a batch of entries makes, and the hash of
any full subtree. Pure: files come from a `read` callable and go back as a mapping."""

import functools
from collections.abc import Callable, Sequence
from hashlib import sha256

from compliance.verifier.merkle import HASH_BYTES, leaf_hash, root_of
from compliance.verifier.tiles import ENTRIES, HEIGHT, MAX_ENTRY_BYTES, WIDTH, Tile, root_by, tile_at

Read = Callable[[str], bytes]


def grow(size: int, entries: Sequence[bytes], read: Read) -> dict[str, bytes]:
    """Every file, by path, that is new when `entries` are appended to a log of `size` leaves; reads the partial
    files of that size."""
    bundles = _fill(ENTRIES, size, entries, read)
    files = {bundle.path: b"".join(map(_with_length, cells)) for bundle, cells in bundles}
    level, start, hashes = 0, size, [leaf_hash(entry) for entry in entries]
    while hashes:
        tiles = _fill(level, start, hashes, read)
        files.update((tile.path, b"".join(cells)) for tile, cells in tiles)
        hashes = [root_of(cells) for tile, cells in tiles if tile.width == WIDTH]
        level, start = level + 1, start // WIDTH
    return files


def entry_at(index: int, size: int, read: Read) -> bytes:
    """The exact bytes of an entry of the log of `size` leaves."""
    return _cells(tile_at(ENTRIES, index // WIDTH, size), read)[index % WIDTH]


class Subtrees:
    """The full subtrees of the log of `size` leaves; each tile that they lie in is read and hashed once."""

    def __init__(self, size: int, read: Read) -> None:
        self._size, self._read = size, read
        self._rows: dict[tuple[int, int], list[bytes]] = {}

    def root(self, height: int, index: int) -> bytes:
        """The root of the `index`-th full subtree of 2^`height` leaves."""
        level, rise = divmod(height, HEIGHT)
        place, nth = divmod(index, WIDTH >> rise)
        rows = self._rows.get((level, place)) or self._load(level, place)
        return rows[rise][nth * HASH_BYTES : (nth + 1) * HASH_BYTES]

    def _load(self, level: int, place: int) -> list[bytes]:
        tile = tile_at(level, place, self._size)
        data = self._read(tile.path)
        if len(data) != tile.width * HASH_BYTES:
            tile.split(data)  # says what is wrong
        rows = self._rows[level, place] = (
            _rows(data) if tile.level == 0 and tile.width == WIDTH else _kept_rows(data)
        )
        return rows


def _rows(row: bytes) -> list[bytes]:
    """The hashes of a tile, and those over each whole pair, row above row."""
    rows, begun = [row], sha256(b"\x01")
    while len(row) > HASH_BYTES:
        above = []
        for at in range(0, len(row) - HASH_BYTES, 2 * HASH_BYTES):
            node = begun.copy()  # a fifth quicker than to begin anew, and it is most of what a proof takes
            node.update(row[at : at + 2 * HASH_BYTES])
            above.append(node.digest())
        row = b"".join(above)
        rows.append(row)
    return rows


# Kept by the tile's bytes, so they are never another tile's. Every proof passes through the tiles above the leaves and
# those at the log's edge; the full ones of leaves are 256 times as many, and are asked for at random.
_kept_rows = functools.lru_cache(maxsize=256)(_rows)


def tree_root(size: int, read: Read) -> bytes:
    """The root of the log of `size` leaves, from the last tile of each level alone."""
    return root_by(size, lambda tile: _cells(tile, read))


def _fill(level: int, start: int, cells: Sequence[bytes], read: Read) -> list[tuple[Tile, list[bytes]]]:
    """The tiles that `cells` make from position `start` on, the one that was partial at first."""
    index, filled = divmod(start, WIDTH)
    row = [*(_cells(Tile(level, index, filled), read) if filled else ()), *cells]
    rows = [row[first : first + WIDTH] for first in range(0, len(row), WIDTH)] if cells else []
    return [(Tile(level, index + number, len(part)), part) for number, part in enumerate(rows)]


def _cells(tile: Tile, read: Read) -> list[bytes]:
    return tile.split(read(tile.path))


def _with_length(entry: bytes) -> bytes:
    if len(entry) > MAX_ENTRY_BYTES:
        raise ValueError(f"an entry of the log has at most {MAX_ENTRY_BYTES} bytes; this has {len(entry)}")
    return len(entry).to_bytes(2, "big") + entry
