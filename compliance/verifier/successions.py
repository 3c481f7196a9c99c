"""How a log ends before its year does: a note, signed by the log itself, that names its last head, the leaves that were
kept, and the log that goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.errors import Tampered
from compliance.verifier.merkle import HASH_BYTES
from compliance.verifier.notes import VerifierKey, open_note
from compliance.verifier.spelling import base64_text, read_base64, read_decimal, read_utf8, shown

HEADING = "comptoir.log-successor/1"
_FIELDS = ("log", "size", "root", "kept", "successor")


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
        """What is signed. It begins with no origin and has no size in its second line: no checkpoint is like it."""
        values = (
            self.last.origin,
            self.last.size,
            base64_text(self.last.root),
            self.kept,
            self.successor,
        )
        lines = [f"{name} {value}" for name, value in zip(_FIELDS, values, strict=True)]
        return "\n".join([HEADING, *lines, ""])


def open_succession(note: bytes, keys: Sequence[VerifierKey]) -> Succession:
    """Read a succession that the log which ended signed itself with one of `keys`."""
    found = _parse(read_utf8(note, "the succession").partition("\n\n")[0] + "\n")
    own = [key for key in keys if key.name == found.last.origin]
    if open_note(note, own) != found.text():
        raise Tampered("the succession has another spelling than the one that is signed")
    return found


def _parse(text: str) -> Succession:
    lines = text.split("\n")
    if len(lines) != len(_FIELDS) + 2 or lines[0] != HEADING or lines[-1]:
        raise Tampered(f"a succession is the line {HEADING} and {len(_FIELDS)} more")
    values = []
    for name, line in zip(_FIELDS, lines[1:-1], strict=True):
        found, space, value = line.partition(" ")
        if found != name or not space or not value:
            raise Tampered(f"“{shown(line)}” stands where a succession gives its {name}")
        values.append(value)
    origin, size, root, kept, successor = values
    hash_ = read_base64(root)
    if len(hash_) != HASH_BYTES:
        raise Tampered(f"a hash has {HASH_BYTES} bytes; the succession gives one of {len(hash_)}")
    return Succession(Checkpoint(origin, read_decimal(size), hash_), read_decimal(kept), successor)
