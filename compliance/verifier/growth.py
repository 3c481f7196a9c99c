"""What a log was: the root of its first leaves, from the tiles of what it is now."""

from pathlib import Path

from compliance.verifier.errors import Incomplete
from compliance.verifier.files import read_file
from compliance.verifier.merkle import leaf_hash, root_of
from compliance.verifier.tiles import ENTRIES, MAX_FILE_BYTES, WIDTH, Tile, hashes_at


def root_at(folder: Path, size: int) -> bytes:
    """The root over the first `size` leaves of the log in `folder`, from the last tile of each level alone."""
    edge: list[bytes] = []
    level = 0
    while count := hashes_at(level, size):
        index, width = divmod(count, WIDTH)
        if width:
            edge = [root_of([*_hashes(folder, level, index, width), *edge])]
        level += 1
    return root_of(edge)


def _hashes(folder: Path, level: int, index: int, width: int) -> list[bytes]:
    """The first `width` hashes of a tile, from any file that holds so many; entries do where level 0 is wanted."""
    for kind in (level, ENTRIES) if level == 0 else (level,):
        for wider in (WIDTH, *range(width, WIDTH)):
            tile = Tile(kind, index, wider)
            if (folder / tile.path).is_file():
                cells = tile.split(read_file(folder / tile.path, at_most=MAX_FILE_BYTES))[:width]
                return [leaf_hash(entry) for entry in cells] if kind == ENTRIES else cells
    raise Incomplete(f"no file holds the first {width} hashes of {Tile(level, index, WIDTH).path}")
