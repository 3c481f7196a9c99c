"""How a log ends before its year does: a note, signed by the log itself, that names its last head, the leaves that were
kept, and the log that goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.verifier import said
from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.errors import Tampered
from compliance.verifier.notes import VerifierKey
from compliance.verifier.spelling import read_decimal

HEADING = "comptoir.log-successor/1"
_WHAT = "the succession"


@dataclass(frozen=True, slots=True)
class Succession:
    """The log `last.origin` ended with the head `last`. Of its leaves the exchange still has the first `kept`; the log
    `successor` holds what came after them. Proofs under the old heads stay good."""

    last: Checkpoint
    kept: int
    successor: str

    def __post_init__(self) -> None:
        if self.kept > self.last.size:
            raise Tampered(f"{self.kept} leaves cannot be kept of {self.last.size}")

    @property
    def gap(self) -> int:
        """How many signed leaves the exchange has no more."""
        return self.last.size - self.kept

    def text(self) -> str:
        """What is signed."""
        return said.text(HEADING, self.last, [("kept", self.kept), ("successor", self.successor)])


def open_succession(note: bytes, keys: Sequence[VerifierKey]) -> Succession:
    """Read a succession that the log which ended signed itself with one of `keys`."""
    last, (kept, successor) = said.read(note, HEADING, ("kept", "successor"), what=_WHAT)
    found = Succession(last, read_decimal(kept), successor)
    said.require_signed(note, found.text(), last.origin, keys, what=_WHAT)
    return found
