"""What the log gives away: checkpoints (C2SP tlog-checkpoint), proofs of one entry (C2SP tlog-proof) and
receipts. To read and verify them: `compliance.verifier`."""

import json
from collections.abc import Sequence
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.log import notes
from compliance.verifier.checkpoints import PROOF_HEADING, Checkpoint
from compliance.verifier.notes import VerifierKey
from compliance.verifier.receipts import FORMAT
from compliance.verifier.spelling import base64_text


def checkpoint_text(head: Checkpoint) -> str:
    """What is signed: origin, size and root, each on a line."""
    if not head.origin or "\n" in head.origin:
        raise ValueError("the origin of a log is one line that is not empty")
    return f"{head.origin}\n{head.size}\n{base64_text(head.root)}\n"


def sign(head: Checkpoint, key: Ed25519PrivateKey) -> bytes:
    """The checkpoint as the note that the log publishes, signed under the name of its origin."""
    return notes.sign(checkpoint_text(head), head.origin, key)


def entry_proof(index: int, hashes: Sequence[bytes], checkpoint: bytes) -> str:
    """The tlog-proof of the entry at `index`: its inclusion proof in front of the signed `checkpoint`."""
    lines = [PROOF_HEADING, f"index {index}", *map(base64_text, hashes), "", checkpoint.decode()]
    return "\n".join(lines)


def consistency_text(hashes: Sequence[bytes]) -> str:
    """A consistency proof as a witness is sent it: one base64 hash per line."""
    return "".join(f"{base64_text(value)}\n" for value in hashes)


def receipt(transfer: UUID, events: Sequence[tuple[bytes, str]], key: VerifierKey) -> bytes:
    """The receipt of a transfer: each event's leaf with its tlog-proof. `key` is a hint, not a proof."""
    document = {
        "format": FORMAT,
        "transfer": str(transfer),
        "events": [{"leaf": base64_text(leaf), "proof": proof} for leaf, proof in events],
        "vkey": str(key),
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
