"""The signer: the only one with the log's key. It believes neither the sequencer nor the database: it reads the
leaves again, compares with what it signed before, and would rather sign nothing than a second history."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from compliance import models
from compliance.log import checkpoints, history, names, notes, proofs, published, tiles
from compliance.log.cosigning import Witnesses
from compliance.log.history import ForkDetected
from compliance.log.memory import KEY_FILE, Memory
from compliance.log.published import Folder, folder_of
from compliance.verifier.checkpoints import Checkpoint, open_checkpoint
from compliance.verifier.errors import Tampered, VerificationError
from compliance.verifier.notes import VerifierKey
from compliance.verifier.prunings import Pruned
from compliance.verifier.successions import Succession, open_succession
from compliance.verifier.tiles import WIDTH, tile_at
from exchange.kernel import pruning, signing
from exchange.kernel.text import timestamp

log = logging.getLogger("exchange.signer")


@dataclass(frozen=True, slots=True)
class Signed:
    """A head that was signed, and its note with the cosignatures that are known."""

    head: Checkpoint
    note: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """One log as the signer finds it; `row` is None where the database has none of that name."""

    name: str
    row: models.Log | None
    folder: Folder
    vkey: VerifierKey


class Signer:
    """Signs the heads of the logs, with its own key and its own memory."""

    def __init__(self, memory: Memory, key: Ed25519PrivateKey, witnesses: Witnesses) -> None:
        self.memory, self._key, self._witnesses = memory, key, witnesses
        self._next_look: dict[str, int] = {}  # log: the tile to compare with the database next

    @classmethod
    def from_settings(cls) -> "Signer":
        """The signer of this exchange; makes its key at the first start where keys may be made."""
        own_dir = Path(settings.EXCHANGE_SIGNER_DIR)
        own_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if settings.EXCHANGE_MAKE_KEYS:
            signing.write_secret(own_dir / KEY_FILE, signing.new_private_key)
        key = signing.load_private_key(own_dir / KEY_FILE)
        return cls(Memory(own_dir), key, Witnesses.from_settings())

    def run_once(self, now: datetime) -> int:
        """Sign and publish the newest head of each log that grew; answers how many were signed.

        ForkDetected when a log must not be signed: an alarm stays in its folder until a run finds it well.
        """
        signed = 0
        with self.memory.alone() as is_alone:
            if not is_alone:
                return 0
            refusals = []
            for known in self.logs():
                try:
                    signed += self._sign_log(known, now)
                except ForkDetected as refusal:  # the other logs are signed all the same
                    refusals.append(refusal)
            if refusals:
                raise refusals[0]
        return signed

    def steps(self, name: str, now: datetime) -> Iterator[str]:
        """Bring one log up to its newest head, and say each step once it is on disk. A run that ends after
        any of them is taken up by the next."""
        known = self.known(name)
        if (ended := self.succession(known)) is not None:
            yield from self._guard_ended(known, ended, now)
            return
        if known.row is not None and pruning.is_pruned(known.row.first_index):
            yield from self._guard_pruned(known, self.last_signed(known), now)
            return
        row, folder, last = known.row, known.folder, self.last_signed(known)
        head = row.heads.order_by("-size").first() if row else None
        if row is None or (head is None and last is not None):
            raise ForkDetected(f"a log of {name} was signed, and the database has none: was it restored?")
        self._require_announced(row)
        if head is None:  # a successor, before its first leaf
            return
        size = _size_still_held(row, last, head)
        if last:
            yield from _mend_tiles(row, folder, last.head)
            self._compare(row, folder, size)
            self._witnesses.require_agreement(last.head, last.note, folder.read_tile)
        is_grown = last is None or size < head.size
        if last and not is_grown:
            signed = last
        else:
            yield from _grow(row, folder, last.head if last else None, head)
            grown = Checkpoint(row.origin, head.size, bytes(head.root))
            signed = Signed(grown, checkpoints.sign(grown, self._key))
            self.memory.keep_checkpoint(name, signed.note)
            yield "remembered"
        note = self._witnesses.cosign(signed.head, signed.note, folder.read_tile, waits=is_grown)
        if note != signed.note:
            self.memory.keep_checkpoint(name, note)
            yield "cosigned"
        folder.write(published.VKEY, f"{known.vkey}\n".encode())
        folder.write(published.CHECKPOINT, note)
        yield "published"
        _record(row, signed.head, note, known.vkey, now)
        yield "recorded"
        folder.prune(size, head.size)

    def logs(self) -> list[Known]:
        """Every log that the database or this signer knows, the oldest first."""
        found = {*self.memory.names(), *models.Log.objects.values_list("name", flat=True)}
        return [self.known(name) for name in sorted(found)]

    def known(self, name: str) -> Known:
        """One log; its key stands under the origin that it was opened with."""
        row, remembered = models.Log.objects.filter(name=name).first(), self.memory.checkpoint(name)
        origin = names.origin_of(name)
        if row is not None:
            origin = row.origin
        elif remembered is not None:
            origin = remembered.split(b"\n", 1)[0].decode()
        return Known(name, row, folder_of(name), notes.verifier_key(origin, self._key))

    def last_signed(self, known: Known) -> Signed | None:
        """The greatest checkpoint of a log this signer knows that it signed: from its memory, or what it published."""
        memory = self.memory.checkpoint(known.name)
        rows = models.Checkpoint.objects.filter(log_id=known.name).order_by("-size")
        shown = rows.values_list("note", flat=True).first()
        found: list[Signed] = []
        for note in (memory, known.folder.read(published.CHECKPOINT), shown.encode() if shown else None):
            if note is None:
                continue
            try:
                found.append(Signed(open_checkpoint(note, [known.vkey]), note))
            except VerificationError as finding:
                if note is memory or memory is None:
                    raise ForkDetected(f"what was signed last cannot be believed: {finding}") from None
                log.error("a checkpoint of %s is not this signer's: %s", known.vkey.name, finding)
        return max(found, key=lambda signed: signed.head.size, default=None)

    def succession(self, known: Known) -> Succession | None:
        """How a log ended; None while it goes on."""
        note = self.memory.successor(known.name) or known.folder.read(published.SUCCESSOR)
        try:
            return None if note is None else open_succession(note, [known.vkey])
        except VerificationError as finding:
            raise ForkDetected(f"how the log of {known.name} ended cannot be believed: {finding}") from None

    def end(self, known: Known, succession: Succession) -> None:
        """Sign that a log has ended, remember it, and publish it."""
        note = notes.sign(succession.text(), known.vkey.name, self._key)
        self.memory.keep_successor(known.name, note)
        known.folder.write(published.SUCCESSOR, note)
        known.folder.remove(published.ALARM)

    def _sign_log(self, known: Known, now: datetime) -> int:
        folder = known.folder
        try:
            steps = list(self.steps(known.name, now))
        except ForkDetected as refusal:
            log.critical("the log of %s is not signed: %s", known.name, refusal.detail)
            folder.write(published.ALARM, f"{timestamp(now)} {refusal.detail}\n".encode())
            raise
        if folder.read(published.ALARM) is not None:
            log.warning("the log of %s is well again", known.name)
            folder.remove(published.ALARM)
        return int("remembered" in steps)

    def _guard_ended(self, known: Known, ended: Succession, now: datetime) -> Iterator[str]:
        """Refuse when what was kept of a log that ended has changed, or the log that goes on is gone."""
        if not models.Log.objects.filter(origin=ended.successor).exists():
            raise ForkDetected(
                f"the log of {known.name} goes on as {ended.successor}, which the database has not: was it restored?"
            )
        if note := self.memory.successor(known.name):
            known.folder.write(published.SUCCESSOR, note)
        if not ended.kept:
            return
        if known.row is None:
            raise ForkDetected(f"a log of {known.name} was signed, and the database has none: was it restored?")
        shown = known.folder.head()  # it may be older than the last head, never than what was kept
        if shown is not None and pruning.is_pruned(known.row.first_index):
            yield from self._guard_pruned(known, Signed(shown.checkpoint, shown.note), now)
        elif shown is not None:
            self._compare(known.row, known.folder, shown.checkpoint.size, ended.kept)

    def _guard_pruned(self, known: Known, last: Signed | None, now: datetime) -> Iterator[str]:
        """Say which entries are gone, take their files away, and refuse when the tiles no longer give what was signed:
        the database cannot write those anew."""
        folder = known.folder
        try:
            is_whole = last is not None and tiles.tree_root(last.head.size, folder.read_tile) == last.head.root
        except (OSError, Tampered):
            is_whole = False
        if last is None or not is_whole:
            raise ForkDetected(
                f"the tiles of {known.vkey.name} are damaged or gone, and its entries were pruned: bring the folder "
                "“tile” of this log back from a backup"
            )
        if folder.read(published.PRUNED) is None:
            pruned = Pruned(last.head, last.head.size, timestamp(now))
            folder.write(published.PRUNED, notes.sign(pruned.text(), known.vkey.name, self._key))
            yield "pruned"
        folder.remove_entries()

    def _require_announced(self, row: models.Log) -> None:
        """Refuse a successor that the operator did not tell this signer of."""
        if not names.is_successor(row.name):
            return
        for known in self.logs():
            ended = self.succession(known)
            if ended is not None and ended.successor == row.origin:
                return
        raise ForkDetected(
            f"the database has a log of {row.name}, and no log ended for it: finish with the command succeed_log"
        )

    def _compare(self, row: models.Log, folder: Folder, size: int, kept: int | None = None) -> None:
        """Compare 256 leaves of the database with what was signed, other ones each time; all of them while an
        alarm stands. Of a log that ended, those that were `kept`."""
        stop = size if kept is None else kept
        count = -(-stop // WIDTH)
        first = self._next_look.get(row.name, 0) % count
        has_alarm = folder.read(published.ALARM) is not None
        for index in range(count) if has_alarm else [first]:
            history.compare_tile(row, folder, tile_at(0, index, size), stop)
        self._next_look[row.name] = first + 1


def _size_still_held(row: models.Log, last: Signed | None, head: models.LogHead) -> int:
    """How many leaves are signed; refused when the database has fewer, or others."""
    if last is None:
        return 0
    size = last.head.size
    if head.size < size or (head.size == size and bytes(head.root) != last.head.root):
        raise ForkDetected(
            f"the database's log of {row.name} has {head.size} leaves; another one of {size} was signed: "
            "was the database restored from a backup?"
        )
    return size


def _mend_tiles(row: models.Log, folder: Folder, last: Checkpoint) -> Iterator[str]:
    if not history.tiles_give(folder, last):
        log.error("the tiles of %s do not give the root that was signed; they are written anew", row.origin)
        history.require_root(history.frontier(row, last.size).root(), last.root)
        yield from history.write_tiles(row, folder, 0, last.size)


def _grow(row: models.Log, folder: Folder, last: Checkpoint | None, head: models.LogHead) -> Iterator[str]:
    """Write the tiles of the new leaves, once these give the sequencer's root, and read them again."""
    size = last.size if last else 0
    before = proofs.Frontier.read_from(size, folder.read_tile)
    history.require_root(history.frontier(row, head.size, before).root(), bytes(head.root))
    yield from history.write_tiles(row, folder, size, head.size)
    grown = Checkpoint(row.origin, head.size, tiles.tree_root(head.size, folder.read_tile))
    history.require_root(grown.root, bytes(head.root))
    if last:
        try:
            grown.verify_grown_from(last, proofs.consistency_proof(size, head.size, folder.read_tile))
        except Tampered as finding:
            raise ForkDetected(f"the published tiles do not grow from what was signed: {finding}") from None


def _record(row: models.Log, head: Checkpoint, note: bytes, vkey: VerifierKey, now: datetime) -> None:
    """Let the database show what was signed; its copy may not differ."""
    shown, _ = models.Checkpoint.objects.get_or_create(
        log=row, size=head.size, defaults={"note": note.decode(), "signed_at": now}
    )
    if open_checkpoint(shown.note.encode(), [vkey]) != head:
        raise ForkDetected(f"the database shows another checkpoint of {head.size} leaves than the signed one")
