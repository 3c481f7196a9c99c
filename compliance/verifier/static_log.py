"""A whole log as a folder of static files (`checkpoint` and `tile/…`): every file is compared with all others
that speak of the same leaves, and their root with the one that the log signed."""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from compliance.verifier.checkpoints import Checkpoint, open_checkpoint
from compliance.verifier.errors import Incomplete, Tampered
from compliance.verifier.files import read_file
from compliance.verifier.merkle import leaf_hash, root_of
from compliance.verifier.notes import MAX_NOTE_BYTES, VerifierKey
from compliance.verifier.prunings import open_pruned
from compliance.verifier.tiles import ENTRIES, MAX_FILE_BYTES, WIDTH, Tile, hashes_at, leaf_hashes, tile_at

Hashes = list[bytes | None]  # hashes, None where no file gives one


@dataclass(slots=True)
class Findings:
    """What the check of a folder came to. `unchecked` are files that reach beyond the tree; of the entries that lack,
    `pruned_entries` are those that the log itself says it no longer keeps."""

    checkpoint: Checkpoint
    files: int = 0
    missing_entries: int = 0
    pruned_entries: int = 0
    missing_hashes: int = 0
    is_root_proven: bool = False
    unchecked: list[str] = field(default_factory=list)


def check_folder(folder: Path, keys: Sequence[VerifierKey]) -> Findings:
    """Compare every file of the log in `folder`; Tampered at the first contradiction."""
    head = folder / "checkpoint"
    if not head.is_file():
        raise Incomplete("the folder has no file “checkpoint”, so nothing says what the log should be")
    findings = Findings(open_checkpoint(read_file(head, at_most=MAX_NOTE_BYTES), keys))
    size, root = findings.checkpoint.size, findings.checkpoint.root
    files = _find_tiles(folder, size, findings)
    pruned = _pruned_below(folder, keys, findings.checkpoint)
    findings.pruned_entries = _missing(ENTRIES, size, files, stop=pruned)
    findings.missing_entries = _missing(ENTRIES, size, files) - findings.pruned_entries
    known: dict[int, bytes] = {}
    edge: Hashes = []
    level = 0
    while hashes_at(level, size):
        findings.missing_hashes += _missing(level, size, files)
        known, edge = _check_level(folder, level, size, files, known, edge)
        level += 1
    found = _root(edge)
    if found not in (None, root):
        raise Tampered("the files agree with each other, but not with the root that the log signed")
    findings.is_root_proven = found == root
    return findings


def _find_tiles(folder: Path, size: int, findings: Findings) -> list[Tile]:
    """The files that hold something of the tree of `size` leaves: entries before hashes."""
    files = []
    for parent, _, names in os.walk(folder / "tile"):
        for name in names:
            file = Path(parent, name)
            path = file.relative_to(folder).as_posix()
            tile = Tile.at(path)
            reach = 0 if tile is None else hashes_at(tile.level, size) - tile.index * WIDTH
            if tile is None or reach < tile.width:
                findings.unchecked.append(path)
            if tile is not None and reach > 0 and file.is_file():
                files.append(tile)
    findings.files = len(files)
    return sorted(files)


def _pruned_below(folder: Path, keys: Sequence[VerifierKey], head: Checkpoint) -> int:
    """Below which leaf the log says, signed, that its entries are gone; 0 where it says nothing."""
    note = folder / "pruned"
    if not note.is_file():
        return 0
    found = open_pruned(read_file(note, at_most=MAX_NOTE_BYTES), keys)
    if found.last != head:
        raise Tampered("what the log says of its pruning is about another head than the one it shows")
    return found.minimum


def _missing(level: int, size: int, files: Sequence[Tile], stop: int | None = None) -> int:
    """How many hashes of `level`, or entries, no file holds; of those before `stop` where it is given."""
    reach = hashes_at(level, size) if stop is None else stop
    held: dict[int, int] = {}
    for file in files:
        if file.level == level:
            width = min(file.width, tile_at(level, file.index, size).width, reach - file.index * WIDTH)
            held[file.index] = max(width, held.get(file.index, 0))
    return reach - sum(held.values())


def _check_level(
    folder: Path, level: int, size: int, files: Sequence[Tile], known: dict[int, bytes], edge: Hashes
) -> tuple[dict[int, bytes], Hashes]:
    """Compare the files of one level with each other and with what is `known` from below. Answers what is known
    above: the roots of full tiles by their place, and the root of all that lies in partial tiles, if any."""
    on_shelf: dict[int, list[Tile]] = defaultdict(list)
    for file in files:
        if max(file.level, 0) == level:
            on_shelf[file.index].append(file)
    last, width = divmod(hashes_at(level, size), WIDTH)
    roots: dict[int, bytes] = {}
    for index in sorted({*on_shelf, *(place // WIDTH for place in known), *([last] if width else [])}):
        quick = _root_of_full(folder, level, index, on_shelf[index], known) if index < last else None
        if quick is not None:
            roots[index] = quick
            continue
        first = index * WIDTH
        row: Hashes = [known.get(first + place) for place in range(tile_at(level, index, size).width)]
        for file in on_shelf[index]:
            _compare(row, file, read_file(folder / file.path, at_most=MAX_FILE_BYTES))
        if len(row) < WIDTH:
            edge = [_root(row + edge)]
        elif (root := _root(row)) is not None:
            roots[index] = root
    return roots, edge


def _root_of_full(
    folder: Path, level: int, index: int, files: Sequence[Tile], known: dict[int, bytes]
) -> bytes | None:
    """The root of a full tile whose files are all there and agree; None for any other, which the slow way explains."""
    below = Tile(ENTRIES, index, WIDTH)
    if sorted(files) != ([below] if level == 0 else []) + [Tile(level, index, WIDTH)]:
        return None
    if level == 0:
        hashes = leaf_hashes(read_file(folder / below.path, at_most=MAX_FILE_BYTES))
    else:
        hashes = [known[place] for place in range(index * WIDTH, (index + 1) * WIDTH) if place in known]
    tile = read_file(folder / Tile(level, index, WIDTH).path, at_most=MAX_FILE_BYTES)
    return root_of(hashes) if len(hashes) == WIDTH and b"".join(hashes) == tile else None


def _compare(row: Hashes, file: Tile, data: bytes) -> None:
    """Fill `row` from a file; Tampered where it holds something else already."""
    cells = file.split(data)
    hashes = [leaf_hash(entry) for entry in cells] if file.level == ENTRIES else cells
    for place, value in enumerate(hashes[: len(row)]):
        if row[place] not in (None, value):
            number = file.index * WIDTH + place
            what = f"hash {number} of level {file.level}" if file.level > 0 else f"leaf {number}"
            raise Tampered(f"{file.path} contradicts other files about {what}")
        row[place] = value


def _root(hashes: Hashes) -> bytes | None:
    known = [value for value in hashes if value is not None]
    return root_of(known) if len(known) == len(hashes) else None
