"""Checkpoints (C2SP tlog-checkpoint), the signed heads of a log, and proofs of one entry under a checkpoint
(C2SP tlog-proof). A quorum of witnesses vouches that everybody is shown the same head."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.verifier.errors import Incomplete, Tampered
from compliance.verifier.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash, verify_consistency, verify_inclusion
from compliance.verifier.notes import VerifierKey, WitnessKey, cosignatures, open_note
from compliance.verifier.spelling import read_base64, read_decimal, read_utf8, shown

PROOF_HEADING = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the log `origin` when it had `size` leaves."""

    origin: str
    size: int
    root: bytes

    def verify_grown_from(self, older: "Checkpoint", proof: Sequence[bytes]) -> None:
        """Refuse unless this head keeps every leaf of `older`, as `proof` shows."""
        if older.origin != self.origin:
            raise Tampered(f"one checkpoint is of “{shown(older.origin)}”, the other of “{shown(self.origin)}”")
        if older.size == 0 and not proof:
            return
        verify_consistency(older.size, self.size, proof, older.root, self.root)


@dataclass(frozen=True, slots=True)
class EntryProof:
    """Where an entry stands, the hashes beside its path to the root, and the checkpoint, still unverified."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def verify(self, entry: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
        """The checkpoint that one of `keys` signed and that holds `entry` at the index; else refused."""
        checkpoint = open_checkpoint(self.checkpoint, keys)
        verify_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint


def open_checkpoint(note: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Read a checkpoint that the log itself signed with one of `keys`."""
    # A log signs under the name of its origin: a key of another log, even a known one, does not speak for it.
    origin = read_utf8(note.split(b"\n", 1)[0], "the checkpoint")
    own = [key for key in keys if key.name == origin]
    if not own:
        given = ", ".join(shown(key.name) for key in keys) or "none"
        raise Tampered(f"the checkpoint is of the log “{shown(origin)}”; the keys given are for: {given}")
    return parse_checkpoint(open_note(note, own))


def require_quorum(note: bytes, keys: Sequence[WitnessKey], quorum: int) -> dict[WitnessKey, int]:
    """Which of `keys` cosigned the checkpoint, and when; Incomplete unless `quorum` different ones did."""
    found = cosignatures(note, keys)
    # One key under two names is one witness.
    if (count := len({key.public for key in found})) < quorum:
        raise Incomplete(f"{count} of the given witnesses cosigned the checkpoint; {quorum} must have")
    return found


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint's note: origin, size, root, and extension lines, which are passed over."""
    origin, *rest = text.split("\n")
    if not origin or len(rest) < 3 or rest[-1] or "" in rest[:-1]:
        raise Tampered("a checkpoint is an origin, a size and a root hash on three lines, none of them empty")
    size, root = read_decimal(rest[0]), _read_hash(rest[1])
    if size == 0 and root != EMPTY_ROOT:
        raise Tampered("the checkpoint of an empty log has the root of a log that is not")
    return Checkpoint(origin, size, root)


def parse_entry_proof(text: str) -> EntryProof:
    """Read a tlog-proof; its checkpoint stays as it is, to be verified with `EntryProof.verify`."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != PROOF_HEADING:
        raise Tampered(
            f"a proof begins with the line {PROOF_HEADING} and has an empty line before its checkpoint"
        )
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = read_base64(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise Tampered("the proof does not give the index of its entry")
    index = read_decimal(lines.pop(0).removeprefix("index "))
    return EntryProof(index, _read_hashes(lines), checkpoint.encode(), extra)


def parse_consistency_proof(text: str) -> tuple[bytes, ...]:
    """Read a consistency proof as a witness is sent it: one base64 hash per line."""
    return _read_hashes(text.removesuffix("\n").split("\n")) if text else ()


def _read_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > _MOST_HASHES:
        raise Tampered(f"a proof of more than {_MOST_HASHES} hashes fits no tree")
    return tuple(_read_hash(line) for line in lines)


def _read_hash(text: str) -> bytes:
    value = read_base64(text)
    if len(value) != HASH_BYTES:
        raise Tampered(f"a hash has {HASH_BYTES} bytes; “{shown(text)}” has {len(value)}")
    return value
