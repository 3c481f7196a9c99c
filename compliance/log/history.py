"""What the database says of a log's past, and whether it is what was signed. The published tiles are the witness
of what was signed; a difference is a fork, and names the first leaf it is seen at."""

from collections.abc import Iterator
from itertools import takewhile

from compliance import models
from compliance.log import proofs, tiles
from compliance.log.published import Folder
from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.errors import Tampered
from compliance.verifier.merkle import leaf_hash
from compliance.verifier.tiles import ENTRIES, WIDTH, Tile, tile_at
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event

_READ_AT_ONCE = 20 * WIDTH


class ForkDetected(Conflict):
    """The database, a witness, or what is published, tells another history than the one that was signed."""

    default_code = "log_forked"


def leaves(row: models.Log, start: int, stop: int) -> list[bytes]:
    """The leaves from `start` to `stop` of one log, as the database has them; none may be missing."""
    found = _leaves_without_gap(row, start, stop)
    if len(found) != stop - start:
        raise ForkDetected(f"leaf {start + len(found)} is missing in the database")
    return found


def _leaves_without_gap(row: models.Log, start: int, stop: int) -> list[bytes]:
    """The leaves from `start` on, up to `stop` or to the first that is missing."""
    first = row.first_index + start
    rows = Event.objects.filter(leaf_index__gte=first, leaf_index__lt=row.first_index + stop)
    found = rows.order_by("leaf_index").values_list("leaf_index", "leaf")
    return [bytes(leaf) for place, (index, leaf) in enumerate(found, start=first) if index == place]


def _chunks(start: int, stop: int) -> Iterator[tuple[int, int]]:
    while start < stop:
        end = min(start + _READ_AT_ONCE, stop)
        yield start, end
        start = end


def frontier(row: models.Log, size: int, start: proofs.Frontier | None = None) -> proofs.Frontier:
    """The frontier of the log of `size` leaves, from the database's leaves after `start`."""
    found = start or proofs.Frontier()
    for first, last in _chunks(found.size, size):
        found = found.append(map(leaf_hash, leaves(row, first, last)))
    return found


def write_tiles(row: models.Log, folder: Folder, start: int, stop: int) -> Iterator[str]:
    for first, last in _chunks(start, stop):
        for path, data in tiles.grow(first, leaves(row, first, last), folder.read_tile).items():
            folder.write(path, data)
            yield path


def compare_tile(row: models.Log, folder: Folder, tile: Tile, stop: int | None = None) -> None:
    """Refuse unless the database has the leaves of a tile as they were signed, up to the leaf `stop` if given."""
    try:
        signed = tile.split(folder.read_tile(tile.path))
    except (OSError, Tampered):
        raise ForkDetected(
            f"{tile.path} of {row.origin} is damaged or gone: remove the folder “tile” of this log, "
            "and it is written anew from the database"
        ) from None
    first = tile.index * WIDTH
    end = first + tile.width if stop is None else min(stop, first + tile.width)
    for place, leaf in enumerate(leaves(row, first, end)):
        if leaf_hash(leaf) != signed[place]:
            raise ForkDetected(f"leaf {first + place} in the database is not the leaf that was signed")


def is_whole(row: models.Log, signed: Checkpoint) -> bool:
    """Whether the database has every leaf that was signed; asks no tile."""
    try:
        return frontier(row, signed.size).root() == signed.root
    except ForkDetected:
        return False


def kept(row: models.Log, folder: Folder, size: int) -> int:
    """With how many leaves the database's log begins as the published tiles of `size` leaves do."""
    count = 0
    for index in range(-(-size // WIDTH)):
        tile = tile_at(0, index, size)
        try:
            signed = tile.split(folder.read_tile(tile.path))
        except (OSError, Tampered):
            break
        pairs = zip(_leaves_without_gap(row, count, count + tile.width), signed, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: leaf_hash(pair[0]) == pair[1], pairs))
        count += same
        if same < tile.width:
            break
    return count


def tiles_give(folder: Folder, signed: Checkpoint) -> bool:
    """Whether the files that the next leaves are added to are those that were signed."""
    index = (signed.size - 1) // WIDTH
    hashes, entries = (tile_at(level, index, signed.size) for level in (0, ENTRIES))
    try:
        is_root = tiles.tree_root(signed.size, folder.read_tile) == signed.root
        last = [leaf_hash(entry) for entry in entries.split(folder.read_tile(entries.path))]
        return is_root and last == hashes.split(folder.read_tile(hashes.path))
    except (OSError, Tampered):
        return False


def require_root(found: bytes, expected: bytes) -> None:
    if found != expected:
        raise ForkDetected("the leaves in the database do not give the root that was sealed or signed")
