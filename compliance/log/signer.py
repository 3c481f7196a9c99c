"""The signer: the only one with the log's key. It believes neither the sequencer nor the database: it reads the
leaves again, compares with what it signed before, and would rather sign nothing than a second history."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from compliance import models
from compliance.log import checkpoints, notes, proofs, published, tiles
from compliance.log.published import Folder
from compliance.verifier.checkpoints import Checkpoint, open_checkpoint
from compliance.verifier.errors import Tampered, VerificationError
from compliance.verifier.merkle import leaf_hash
from compliance.verifier.notes import VerifierKey
from compliance.verifier.tiles import ENTRIES, WIDTH, Tile, tile_at
from exchange.kernel import signing
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp

KEY_FILE = "log.pem"
_READ_AT_ONCE = 20 * WIDTH

log = logging.getLogger("exchange.signer")


class ForkDetected(Conflict):
    """The database, or what is published, tells another history than the one that was signed."""

    default_code = "log_forked"


class Signer:
    """Signs the heads of the logs, with its own key and its own memory in `own_dir`."""

    def __init__(self, own_dir: Path, log_dir: Path, key: Ed25519PrivateKey) -> None:
        self._own_dir, self._log_dir, self._key = own_dir, log_dir, key
        self._next_look: dict[int, int] = {}  # year: the tile to compare with the database next

    @classmethod
    def from_settings(cls) -> "Signer":
        """The signer of this exchange; makes its key at the first start where keys may be made."""
        own_dir = Path(settings.EXCHANGE_SIGNER_DIR)
        own_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if settings.EXCHANGE_MAKE_KEYS:
            signing.write_secret(own_dir / KEY_FILE, signing.new_private_key)
        key = signing.load_private_key(own_dir / KEY_FILE)
        return cls(own_dir, Path(settings.EXCHANGE_LOG_DIR), key)

    def run_once(self, now: datetime) -> int:
        """Sign and publish the newest head of each log that grew; answers how many were signed.

        ForkDetected when a log must not be signed: an alarm stays in its folder until a run finds it well.
        """
        signed = 0
        with self._alone() as is_alone:
            if not is_alone:
                return 0
            refusals = []
            for year in self._years():
                try:
                    signed += self._sign_year(year, now)
                except ForkDetected as refusal:  # the other years' logs are signed all the same
                    refusals.append(refusal)
            if refusals:
                raise refusals[0]
        return signed

    def steps(self, year: int, now: datetime) -> Iterator[str]:
        """Bring one log up to its newest head, and say each step once it is on disk. A run that ends after
        any of them is taken up by the next."""
        row, folder = models.Log.objects.filter(year=year).first(), self._folder(year)
        head = row.heads.order_by("-size").first() if row else None
        if row is None or head is None:
            raise ForkDetected(f"a log of {year} was signed, and the database has none: was it restored?")
        vkey = notes.verifier_key(row.origin, self._key)
        last = self._last_signed(row, folder, vkey)
        size, root = (last[0].size, last[0].root) if last else (0, b"")
        if head.size < size or (head.size == size and bytes(head.root) != root):
            raise ForkDetected(
                f"the database's log of {year} has {head.size} leaves; another one of {size} was signed: "
                "was the database restored from a backup?"
            )
        if last and not _tiles_give(folder, last[0]):
            log.error("the tiles of %s do not give the root that was signed; they are written anew", row.origin)
            _require_root(_appended(row, proofs.Frontier(), size), root)
            yield from _write_tiles(row, folder, 0, size)
        if last:
            self._compare(row, folder, size)
        if last and head.size == size:
            note = last[1]
        else:
            yield from self._grow(row, folder, last[0] if last else None, head)
            note = checkpoints.sign(Checkpoint(row.origin, head.size, bytes(head.root)), self._key)
            published.write_whole(self._memory_of(year), note)
            yield "remembered"
        folder.write(published.VKEY, f"{vkey}\n".encode())
        folder.write(published.CHECKPOINT, note)
        yield "published"
        _record(row, head.size, note, now)
        yield "recorded"
        folder.prune(size, head.size)

    def _sign_year(self, year: int, now: datetime) -> int:
        folder = self._folder(year)
        try:
            steps = list(self.steps(year, now))
        except ForkDetected as refusal:
            log.critical("the log of %s is not signed: %s", year, refusal.detail)
            folder.write(published.ALARM, f"{timestamp(now)} {refusal.detail}\n".encode())
            raise
        if folder.read(published.ALARM) is not None:
            log.warning("the log of %s is well again", year)
            folder.remove(published.ALARM)
        return int("remembered" in steps)

    def _grow(
        self, row: models.Log, folder: Folder, last: Checkpoint | None, head: models.LogHead
    ) -> Iterator[str]:
        """Write the tiles of the new leaves, once these give the sequencer's root, and read them again."""
        size = last.size if last else 0
        before = proofs.Frontier.read_from(size, folder.read_tile)
        _require_root(_appended(row, before, head.size), bytes(head.root))
        yield from _write_tiles(row, folder, size, head.size)
        grown = Checkpoint(row.origin, head.size, tiles.tree_root(head.size, folder.read_tile))
        _require_root(grown.root, bytes(head.root))
        if last:
            try:
                grown.verify_grown_from(last, proofs.consistency_proof(size, head.size, folder.read_tile))
            except Tampered as finding:
                raise ForkDetected(f"the published tiles do not grow from what was signed: {finding}") from None

    def _last_signed(
        self, row: models.Log, folder: Folder, vkey: VerifierKey
    ) -> tuple[Checkpoint, bytes] | None:
        """The greatest checkpoint this signer knows that it signed: from its memory, or what it published."""
        memory = _bytes_of(self._memory_of(row.year))
        shown = row.checkpoints.order_by("-size").values_list("note", flat=True).first()
        known: list[tuple[Checkpoint, bytes]] = []
        for note in (memory, folder.read(published.CHECKPOINT), shown.encode() if shown else None):
            if note is None:
                continue
            try:
                known.append((open_checkpoint(note, [vkey]), note))
            except VerificationError as finding:
                if note is memory or memory is None:
                    raise ForkDetected(f"what was signed last cannot be believed: {finding}") from None
                log.error("a checkpoint of %s is not this signer's: %s", row.origin, finding)
        return max(known, key=lambda found: found[0].size, default=None)

    def _compare(self, row: models.Log, folder: Folder, size: int) -> None:
        """Compare 256 leaves of the database with what was signed, other ones each time; all of them while an
        alarm stands."""
        count = -(-size // WIDTH)
        first = self._next_look.get(row.year, 0) % count
        has_alarm = folder.read(published.ALARM) is not None
        for index in range(count) if has_alarm else [first]:
            _compare_tile(row, folder, tile_at(0, index, size))
        self._next_look[row.year] = first + 1

    def _years(self) -> list[int]:
        """Every year that the database or this signer's memory has a log of, the oldest first."""
        remembered = [int(f.stem) for f in self._own_dir.glob("*.checkpoint") if f.stem.isdecimal()]
        return sorted({*remembered, *models.Log.objects.values_list("year", flat=True)})

    def _folder(self, year: int) -> Folder:
        return Folder(self._log_dir / str(year))

    def _memory_of(self, year: int) -> Path:
        return self._own_dir / f"{year}.checkpoint"

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process signs with this memory now."""
        with (self._own_dir / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True


def _leaves(row: models.Log, start: int, stop: int) -> list[bytes]:
    """The leaves from `start` to `stop` of one log, as the database has them; none may be missing."""
    first = row.first_index + start
    found = list(
        Event.objects.filter(leaf_index__gte=first, leaf_index__lt=row.first_index + stop)
        .order_by("leaf_index")
        .values_list("leaf_index", "leaf")
    )
    for place, (index, _) in enumerate(found, start=first):
        if index != place:
            raise ForkDetected(f"leaf {place - row.first_index} is missing in the database")
    if len(found) != stop - start:
        raise ForkDetected(f"leaf {start + len(found)} is missing in the database")
    return [bytes(leaf) for _, leaf in found]


def _chunks(start: int, stop: int) -> Iterator[tuple[int, int]]:
    while start < stop:
        end = min(start + _READ_AT_ONCE, stop)
        yield start, end
        start = end


def _appended(row: models.Log, frontier: proofs.Frontier, size: int) -> bytes:
    """The root of the log of `size` leaves, from the frontier of its beginning and the database's leaves."""
    for start, stop in _chunks(frontier.size, size):
        frontier = frontier.append(map(leaf_hash, _leaves(row, start, stop)))
    return frontier.root()


def _write_tiles(row: models.Log, folder: Folder, start: int, stop: int) -> Iterator[str]:
    for first, last in _chunks(start, stop):
        for path, data in tiles.grow(first, _leaves(row, first, last), folder.read_tile).items():
            folder.write(path, data)
            yield path


def _compare_tile(row: models.Log, folder: Folder, tile: Tile) -> None:
    try:
        signed = tile.split(folder.read_tile(tile.path))
    except (OSError, Tampered):
        raise ForkDetected(
            f"{tile.path} of {row.origin} is damaged or gone: remove the folder “tile” of this log, "
            "and it is written anew from the database"
        ) from None
    first = tile.index * WIDTH
    for place, leaf in enumerate(_leaves(row, first, first + tile.width)):
        if leaf_hash(leaf) != signed[place]:
            raise ForkDetected(f"leaf {first + place} in the database is not the leaf that was signed")


def _tiles_give(folder: Folder, signed: Checkpoint) -> bool:
    """Whether the files that the next leaves are added to are those that were signed."""
    index = (signed.size - 1) // WIDTH
    hashes, entries = (tile_at(level, index, signed.size) for level in (0, ENTRIES))
    try:
        is_root = tiles.tree_root(signed.size, folder.read_tile) == signed.root
        last = [leaf_hash(entry) for entry in entries.split(folder.read_tile(entries.path))]
        return is_root and last == hashes.split(folder.read_tile(hashes.path))
    except (OSError, Tampered):
        return False


def _require_root(found: bytes, expected: bytes) -> None:
    if found != expected:
        raise ForkDetected("the leaves in the database do not give the root that was sealed or signed")


def _record(row: models.Log, size: int, note: bytes, now: datetime) -> None:
    """Let the database show what was signed; its copy may not differ."""
    shown, _ = models.Checkpoint.objects.get_or_create(
        log=row, size=size, defaults={"note": note.decode(), "signed_at": now}
    )
    if shown.note.encode() != note:
        raise ForkDetected(f"the database shows another checkpoint of {size} leaves than the signed one")


def _bytes_of(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None
