"""What of a log was pruned: a note, signed by the log itself, that says below which leaf its entries are gone. Their
hashes stay in the tiles, so every proof stays good (C2SP tlog-tiles, pruning)."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.verifier import said
from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.errors import Tampered
from compliance.verifier.notes import VerifierKey
from compliance.verifier.spelling import read_decimal

HEADING = "comptoir.log-pruned/1"
_WHAT = "the note of what was pruned"


@dataclass(frozen=True, slots=True)
class Pruned:
    """The entries below `minimum` of the log with the head `last` are gone since the moment `at`."""

    last: Checkpoint
    minimum: int
    at: str

    def __post_init__(self) -> None:
        if self.minimum > self.last.size:
            raise Tampered(f"{self.minimum} entries cannot be pruned of {self.last.size}")

    def text(self) -> str:
        """What is signed."""
        return said.text(HEADING, self.last, [("minimum", self.minimum), ("at", self.at)])


def open_pruned(note: bytes, keys: Sequence[VerifierKey]) -> Pruned:
    """Read what the log signed of its pruning with one of `keys`."""
    last, (minimum, at) = said.read(note, HEADING, ("minimum", "at"), what=_WHAT)
    found = Pruned(last, read_decimal(minimum), at)
    said.require_signed(note, found.text(), last.origin, keys, what=_WHAT)
    return found
