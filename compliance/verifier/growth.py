"""What a log was: the root of its first leaves, from the tiles of what it is now."""

from pathlib import Path

from compliance.verifier.errors import Incomplete
from compliance.verifier.files import read_file
from compliance.verifier.merkle import leaf_hash
from compliance.verifier.tiles import ENTRIES, MAX_FILE_BYTES, WIDTH, Tile, root_by


def root_at(folder: Path, size: int) -> bytes:
    """The root over the first `size` leaves of the log in `folder`."""
    return root_by(size, lambda tile: _hashes(folder, tile))


def _hashes(folder: Path, wanted: Tile) -> list[bytes]:
    """The hashes of a tile, from any file that holds so many; entries do where level 0 is wanted."""
    for kind in (wanted.level, ENTRIES) if wanted.level == 0 else (wanted.level,):
        for wider in (WIDTH, *range(wanted.width, WIDTH)):
            tile = Tile(kind, wanted.index, wider)
            if (folder / tile.path).is_file():
                cells = tile.split(read_file(folder / tile.path, at_most=MAX_FILE_BYTES))[: wanted.width]
                return [leaf_hash(entry) for entry in cells] if kind == ENTRIES else cells
    whole = Tile(wanted.level, wanted.index, WIDTH).path
    raise Incomplete(f"no file holds the first {wanted.width} hashes of {whole}")
