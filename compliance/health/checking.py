"""What anyone needs who checks the log: its newest signed heads, its key, and the command."""

from dataclasses import dataclass
from datetime import datetime

from compliance import queries
from compliance.log.published import VKEY, folder_of
from compliance.models import Checkpoint
from compliance.verifier.checkpoints import parse_checkpoint


@dataclass(frozen=True)
class Head:
    """A signed head, as a table shows it."""

    log: str
    size: int
    root_hex: str
    signed_at: datetime


def how_to_check(at_most: int) -> dict[str, object]:
    """What anyone needs who checks the log: its newest signed heads, at most so many, and the command."""
    coverage = queries.coverage()
    key = (folder_of(coverage.log).read(VKEY) or b"").decode().strip() if coverage else ""
    return {
        "coverage": coverage,
        "key": key,
        "root_hex": coverage.root.hex() if coverage else "",
        "heads": [_head(checkpoint) for checkpoint in queries.checkpoints(at_most)],
        "verify_command": f"comptoir-verify receipt receipt.json --vkey '{key}'",
    }


def _head(checkpoint: Checkpoint) -> Head:
    head = parse_checkpoint(checkpoint.note.partition("\n\n")[0] + "\n")
    return Head(checkpoint.log_id, head.size, head.root.hex(), checkpoint.signed_at)
