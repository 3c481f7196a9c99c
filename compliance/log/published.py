"""A log as the files that everyone may read: tiles, the checkpoint, the verifier key. The signer writes
them, each whole or not at all; receipts and the public door only read."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from compliance.verifier.checkpoints import Checkpoint, open_checkpoint
from compliance.verifier.errors import VerificationError
from compliance.verifier.files import write_whole
from compliance.verifier.merkle import HASH_BYTES
from compliance.verifier.notes import VerifierKey
from compliance.verifier.tiles import ENTRIES, WIDTH, Tile, hashes_at
from exchange.kernel.errors import Unavailable

CHECKPOINT = "checkpoint"
VKEY = "vkey"
SUCCESSOR = "successor"  # how a log ended before its year did; only such a log has it
PRUNED = "pruned"  # which entries are no longer kept; only a log whose time is over has it
ALARM = "ALARM"  # why the signer refuses to sign; no path of a log, so the public door never serves it
_LENGTH_BYTES = 2


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint that the folder shows, its note, and the key that it was opened with."""

    checkpoint: Checkpoint
    note: bytes
    key: VerifierKey


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one log."""

    path: Path

    def read(self, name: str) -> bytes | None:
        """The file of that name, or None."""
        try:
            # Not by Path.open(), which takes longer than the reading: a proof reads five files.
            with open(f"{self.path}/{name}", "rb", buffering=0) as file:  # noqa: PTH123
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read_tile(self, path: str) -> bytes:
        """The file at `path`; a partial one that has been taken away is cut from its full successor."""
        if (data := self.read(path)) is not None:
            return data
        tile = Tile.at(path)
        if tile is None or tile.width == WIDTH:
            raise FileNotFoundError(path)
        full = (self.path / Tile(tile.level, tile.index, WIDTH).path).read_bytes()
        return _cut(full, tile)

    def write(self, name: str, data: bytes) -> None:
        """Put `data` at `name`, on disk before it is seen; what is there already is left alone."""
        if self.read(name) != data:
            write_whole(self.path / name, data)

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            (self.path / name).unlink()

    def remove_entries(self) -> None:
        """Take all bundles of entries away; the tiles of their hashes stay."""
        shutil.rmtree(self.path / "tile" / "entries", ignore_errors=True)

    def head(self) -> Head | None:
        """The newest published checkpoint; None before the first. Unavailable when it is damaged."""
        note, key = self.read(CHECKPOINT), self.read(VKEY)
        if note is None or key is None:
            return None
        try:
            vkey = VerifierKey.parse(key.decode().strip())
            return Head(open_checkpoint(note, [vkey]), note, vkey)
        except (VerificationError, UnicodeDecodeError):
            raise Unavailable("the published log is damaged; tell the operator", code="log_alarm") from None

    def shows(self, tile: Tile) -> bool:
        """Whether a sound checkpoint is published that covers every hash or entry of `tile`."""
        try:
            head = self.head()
        except Unavailable:
            return False
        reach = hashes_at(tile.level, head.checkpoint.size) if head else 0
        return tile.index * WIDTH + tile.width <= reach

    def prune(self, old_size: int, size: int) -> None:
        """Take away the partial tiles that have become full since `old_size`: the full ones hold the same.

        One tile further back too, where a crash may have left some.
        """
        for level in _levels(size):
            first = max(0, hashes_at(level, old_size) // WIDTH - 1)
            for index in range(first, min(first + 2, hashes_at(level, size) // WIDTH)):
                shutil.rmtree(self.path / f"{Tile(level, index, WIDTH).path}.p", ignore_errors=True)


def folder_of(log: str) -> Folder:
    """The folder of the log of that name, as settings place it."""
    return Folder(Path(settings.EXCHANGE_LOG_DIR) / log)


def alarms() -> list[str]:
    """Why logs are not signed; empty when all is well."""
    found = sorted(Path(settings.EXCHANGE_LOG_DIR).glob(f"*/{ALARM}"))
    return [alarm.read_text().strip() for alarm in found]


def _cut(data: bytes, tile: Tile) -> bytes:
    """The beginning of a full tile's file that its partial `tile` held."""
    if tile.level != ENTRIES:
        return data[: tile.width * HASH_BYTES]
    full = Tile(tile.level, tile.index, WIDTH)
    return _bundle(full.split(data)[: tile.width])


def _bundle(entries: Sequence[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def _levels(size: int) -> list[int]:
    levels, level = [ENTRIES], 0
    while hashes_at(level, size):
        levels.append(level)
        level += 1
    return levels
