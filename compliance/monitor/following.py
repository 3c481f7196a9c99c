"""One look at a log: its newest head must be signed, and be the old tree and the new leaves, each hash of which is
fetched and put together here. Nothing that the log says of itself is believed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from compliance.monitor.memory import Memory
from compliance.monitor.places import Place, Unreachable
from compliance.monitor.rules import SKIPPED, broken_by, remember
from compliance.verifier.checkpoints import Checkpoint, open_checkpoint
from compliance.verifier.errors import Tampered, VerificationError
from compliance.verifier.leaves import parse_leaf
from compliance.verifier.merkle import EMPTY_ROOT, append_to, join, leaf_hash, root_of
from compliance.verifier.notes import VerifierKey
from compliance.verifier.prunings import open_pruned
from compliance.verifier.tiles import ENTRIES, WIDTH, Tile, hashes_at, tile_at

OF_THE_MOMENT = {"unreachable", "signature", "inconsistency", "stale"}
"""Alarms that end by themselves once a look finds the log well; what an entry says stays an alarm."""


@dataclass(frozen=True)
class Alarm:
    """Something is wrong; `kind` is for programs, the sentence for people."""

    kind: str
    sentence: str


@dataclass(frozen=True)
class Look:
    """What one look came to; `head` is the newest that holds."""

    head: Checkpoint | None
    alarms: Sequence[Alarm]

    @property
    def is_well(self) -> bool:
        return not any(alarm.kind in OF_THE_MOMENT for alarm in self.alarms)


def look(place: Place, keys: Sequence[VerifierKey], memory: Memory, *, reads_entries: bool) -> Look:
    """Follow the log to its newest head. Remembers only what held."""
    try:
        note = place.read("checkpoint")
        if note is None:
            return Look(None, [Alarm("unreachable", "the log shows no checkpoint")])
        head = open_checkpoint(note, keys)
    except Unreachable as error:
        return Look(None, [Alarm("unreachable", f"the log's checkpoint cannot be read: {error}")])
    except VerificationError as finding:
        return Look(None, [Alarm("signature", f"the log's checkpoint cannot be believed: {finding}")])
    try:
        with memory.round():
            return Look(head, list(_follow(place, head, memory, keys if reads_entries else None)))
    except Unreachable as error:
        return Look(None, [Alarm("unreachable", f"{head.origin} cannot be followed: {error}")])
    except VerificationError as finding:
        return Look(None, [Alarm("inconsistency", f"{head.origin} contradicts itself: {finding}")])


def _pruned_below(place: Place, keys: Sequence[VerifierKey], head: Checkpoint) -> int:
    """Below which leaf the log says, signed, that its entries are gone; 0 where it says nothing."""
    note = place.read("pruned")
    if note is None:
        return 0
    found = open_pruned(note, keys)
    if found.last != head:
        raise Tampered("what it says of its pruning is about another head than the one it shows")
    return found.minimum


def _follow(
    place: Place, head: Checkpoint, memory: Memory, entries_of: Sequence[VerifierKey] | None
) -> Iterator[Alarm]:
    """Follow to `head`; entries are read where the log's keys are given for them."""
    was, frontier, entries = memory.head(head.origin) or (Checkpoint(head.origin, 0, EMPTY_ROOT), [], 0)
    if head.size < was.size:
        raise Tampered(f"it shows {head.size} leaves, and has shown {was.size}: leaves were taken away")
    frontier, roots = list(frontier), []
    for tile, cells in _tiles(place, 0, was.size, head.size):
        append_to(frontier, max(was.size, tile.index * WIDTH), cells[max(0, was.size - tile.index * WIDTH) :])
        if tile.width == WIDTH:
            roots.append(root_of(cells))
    if join(frontier) != head.root:
        raise Tampered(
            f"the {head.size} leaves that it shows, the first {was.size} as they were, do not give the root it signed"
        )
    _compare_above(place, 1, was.size // WIDTH, roots, head.size)
    if entries_of is not None and entries < head.size:
        start = max(entries, _pruned_below(place, entries_of, head))
        if start > entries:
            memory.note(SKIPPED, head.origin)
        yield from _judge(head.origin, _entries(place, start, head.size), memory)
        entries = head.size
    memory.keep_head(head, frontier, entries)


def _tiles(place: Place, level: int, start: int, size: int) -> Iterator[tuple[Tile, list[bytes]]]:
    """The tiles of a level that hold what comes after `start` hashes, as the log of `size` leaves has them."""
    count = hashes_at(level, size)
    for index in range(start // WIDTH, -(-count // WIDTH) if count > start else start // WIDTH):
        tile = tile_at(level, index, size)
        yield tile, _cells(place, tile)


def _cells(place: Place, tile: Tile) -> list[bytes]:
    if (data := place.read(tile.path)) is not None:
        return tile.split(data)
    full = Tile(tile.level, tile.index, WIDTH)  # what was partial may have become full since the checkpoint
    if tile.width == WIDTH or (data := place.read(full.path)) is None:
        raise Tampered(f"{tile.path} is not there, though the signed tree reaches it")
    return full.split(data)[: tile.width]


def _compare_above(place: Place, level: int, first: int, roots: Sequence[bytes], size: int) -> None:
    """The tiles above must hold the roots of the full tiles below."""
    if not roots:
        return
    above: list[bytes] = []
    for tile, cells in _tiles(place, level, first, size):
        begin = tile.index * WIDTH
        for place_in, value in enumerate(cells, start=begin):
            if first <= place_in < first + len(roots) and value != roots[place_in - first]:
                raise Tampered(f"{tile.path} holds another hash of tile {place_in} than its leaves give")
        if tile.width == WIDTH:
            above.append(root_of(cells))
    _compare_above(place, level + 1, first // WIDTH, above, size)


def _entries(place: Place, start: int, size: int) -> Iterator[tuple[int, bytes]]:
    """The entries after the first `start`, each shown to be the leaf that was hashed."""
    for tile, cells in _tiles(place, ENTRIES, start, size):
        hashes = _cells(place, Tile(0, tile.index, tile.width))
        for number, entry in enumerate(cells, start=tile.index * WIDTH):
            if leaf_hash(entry) != hashes[number % WIDTH]:
                raise Tampered(f"entry {number} is not the leaf that was signed")
            if number >= start:
                yield number, entry


def _judge(origin: str, entries: Iterable[tuple[int, bytes]], memory: Memory) -> Iterator[Alarm]:
    """What entries say against themselves and against each other. Those of one batch may stand in another order than
    they happened, so a doubt is looked at again once all are read."""
    doubts: list[tuple[int, dict[str, object]]] = []
    for number, entry in entries:
        try:
            leaf = parse_leaf(entry)
        except VerificationError as finding:
            yield Alarm("unparsable", f"entry {number} of {origin} cannot be read: {finding}")
            continue
        remember(leaf, memory)
        if any(broken_by(leaf, memory)):
            doubts.append((number, leaf))
    for number, leaf in doubts:
        for kind, sentence in broken_by(leaf, memory):
            yield Alarm(kind, f"entry {number} of {origin}: {sentence}")
