"""The rules of a witness (C2SP tlog-witness): it cosigns a head only when the log signed it and it grew, as the proof
shows, from the last head that was cosigned; each refusal has the status that the specification gives it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from compliance.verifier.checkpoints import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    parse_consistency_proof,
)
from compliance.verifier.errors import Tampered
from compliance.verifier.notes import WitnessKey, cosignatures, cosigned_text
from compliance.verifier.spelling import base64_text, read_decimal, read_utf8, shown
from compliance.witness.known_logs import KnownLog, key_for
from compliance.witness.state import State

SIZE_TYPE = "text/x.tlog.size"
_MOST_HASHES = 63


class Refusal(Exception):
    """A request that is not cosigned: the status of the answer, a line for the witness's own log, and the size that
    the witness knows, where the asker should be told. `is_alarm` when the log itself looks false."""

    def __init__(self, status: int, why: str, *, size: int | None = None, is_alarm: bool = False) -> None:
        super().__init__(why)
        self.status, self.size, self.is_alarm = status, size, is_alarm


@dataclass(frozen=True, slots=True)
class Request:
    """A head as it was sent, the size that it is said to grow from, and the proof; nothing of it verified."""

    old_size: int
    proof: tuple[bytes, ...]
    head: Checkpoint
    note: bytes

    @property
    def text(self) -> str:
        """What is signed of the note."""
        return self.note.decode().rpartition("\n\n")[0] + "\n"

    def signed_by(self, name: str) -> bytes:
        """The note with the signatures under this name alone."""
        lines = self.note.decode().rpartition("\n\n")[2].splitlines(keepends=True)
        own = [line for line in lines if line.startswith(f"— {name} ")]
        return "".join([self.text, "\n", *own]).encode()


class Witness:
    """Cosigns with one key; what it cosigned before is in `state`."""

    def __init__(self, state: State, logs: Sequence[KnownLog]) -> None:
        self._state, self._logs = state, logs
        self._name, self._key = state.key()
        self._one_at_a_time = threading.Lock()

    @property
    def key(self) -> WitnessKey:
        """Its public key."""
        return WitnessKey(self._name, self._key.public_key().public_bytes_raw())

    def add_checkpoint(self, body: bytes, now: int) -> bytes:
        """The cosignature line for the head in `body`, at the second `now`; else Refusal."""
        asked = _parse(body)
        key = key_for(asked.head.origin, self._logs)
        if key is None:
            raise Refusal(404, f"the log {shown(asked.head.origin)} is not known here")
        try:
            open_checkpoint(asked.note, [key])
        except Tampered as finding:
            raise Refusal(403, str(finding)) from None
        if asked.old_size > asked.head.size:
            raise Refusal(400, f"a head of {asked.head.size} leaves does not grow from {asked.old_size}")
        with self._one_at_a_time:  # or a slower request could take the record back
            self._require_growth(asked)
            line = self._cosign(asked.text, now)
            self._state.keep(asked.head.origin, asked.signed_by(key.name) + line)
        return line

    def _require_growth(self, asked: Request) -> None:
        head = asked.head
        last = self._state.head(head.origin)
        size = last.size if last else 0
        if asked.old_size != size:
            raise Refusal(409, f"{head.origin} sent from {asked.old_size}; {size} are cosigned", size=size)
        if last and head.size == size and head.root != last.root:
            kept = self._state.keep_evidence(head.origin, asked.note)
            why = f"FORK: {head.origin} signed two trees of {size} leaves; the other one is kept as {kept.name}"
            raise Refusal(409, why, size=size, is_alarm=True)
        try:
            if last is None or size == 0:
                _require_no_proof(asked)
            else:
                head.verify_grown_from(last, asked.proof)
        except Tampered as finding:
            why = f"NOT GROWN: {head.origin} from {size} to {head.size}: {finding}"
            raise Refusal(422, why, is_alarm=True) from None

    def _cosign(self, text: str, now: int) -> bytes:
        signature = self._key.sign(cosigned_text(text, now).encode())
        return f"— {self._name} {base64_text(self.key.id + now.to_bytes(8, 'big') + signature)}\n".encode()


def _require_no_proof(asked: Request) -> None:
    if asked.proof:
        raise Tampered("a proof from no leaves has no hashes")


def _parse(body: bytes) -> Request:
    try:
        head, blank, note = body.partition(b"\n\n")
        old, *hashes = read_utf8(head, "the request").split("\n")
        if not blank or not old.startswith("old ") or len(hashes) > _MOST_HASHES:
            raise Tampered("a request is an old size, at most 63 hashes, an empty line and a checkpoint")
        cosignatures(note, [])  # is it a note at all?
        proof = parse_consistency_proof("\n".join(hashes))
        checkpoint = parse_checkpoint(note.decode().rpartition("\n\n")[0] + "\n")
        return Request(read_decimal(old.removeprefix("old ")), proof, checkpoint, note)
    except Tampered as finding:
        raise Refusal(400, str(finding)) from None
