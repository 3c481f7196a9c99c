"""Where a log keeps its hashes and entries (C2SP tlog-tiles): files of 256, the last of each level partial,
a hash of level L+1 for each full file of level L."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from compliance.verifier.errors import Tampered
from compliance.verifier.merkle import HASH_BYTES, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRIES = -1
MAX_ENTRY_BYTES = 2**16 - 1
MAX_FILE_BYTES = WIDTH * (2 + MAX_ENTRY_BYTES)
_MAX_LEVEL = 63
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One file: the `index`-th of its level, with the first `width` of its 256 places filled. The entries
    themselves have the level ENTRIES."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        place, rest = f"{self.index % 1_000:03}", self.index // 1_000
        while rest:
            place, rest = f"x{rest % 1_000:03}/{place}", rest // 1_000
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{place}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @classmethod
    def at(cls, path: str) -> "Tile | None":
        """The tile whose path this is; None for any other path, however alike."""
        match = _PATH.fullmatch(path)
        if not match:
            return None
        level, place, width = match.groups()
        tile = cls(
            ENTRIES if level == "entries" else int(level),
            int(place.replace("x", "").replace("/", "")),
            WIDTH if width is None else int(width),
        )
        return tile if tile.path == path and tile.level <= _MAX_LEVEL and tile.width > 0 else None

    def split(self, data: bytes) -> list[bytes]:
        """The hashes or entries in this file; Tampered when they are not exactly `width`."""
        cells = _split_entries(data) if self.level == ENTRIES else _split_hashes(data)
        if cells is None or len(cells) != self.width:
            what = "entries" if self.level == ENTRIES else "hashes"
            raise Tampered(f"{self.path} does not hold exactly {self.width} {what}")
        return cells


def hashes_at(level: int, size: int) -> int:
    """How many hashes, or entries, a log of `size` leaves has at `level`."""
    return size >> (HEIGHT * max(level, 0))


def tile_at(level: int, index: int, size: int) -> Tile:
    """The `index`-th tile of `level` as it is when the log has `size` leaves."""
    return Tile(level, index, min(WIDTH, hashes_at(level, size) - index * WIDTH))


def root_by(size: int, cells: Callable[[Tile], list[bytes]]) -> bytes:
    """The root of the log of `size` leaves, from the hashes in the last tile of each level alone."""
    edge: list[bytes] = []
    level = 0
    while count := hashes_at(level, size):
        index, width = divmod(count, WIDTH)
        if width:
            edge = [root_of([*cells(Tile(level, index, width)), *edge])]
        level += 1
    return root_of(edge)


def _split_hashes(data: bytes) -> list[bytes] | None:
    if len(data) % HASH_BYTES:
        return None
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def _split_entries(data: bytes) -> list[bytes] | None:
    entries, start = [], 0
    while start < len(data):
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if end > len(data):
            return None
        entries.append(data[start + 2 : end])
        start = end
    return entries


def leaf_hashes(bundle: bytes) -> list[bytes]:
    """The leaf hash of each entry in a file of entries; none where its end is cut off."""
    found, start, size = [], 0, len(bundle)
    while start + 2 <= size:
        end = start + 2 + (bundle[start] << 8 | bundle[start + 1])
        if end > size:
            break
        found.append(hashlib.sha256(b"\x00" + bundle[start + 2 : end]).digest())
        start = end
    return found if start == size else []
