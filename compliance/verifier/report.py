"""What `comptoir-verify` prints: what was given, what was checked, and, as loudly, what was not."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from compliance.verifier.checkpoints import Checkpoint, require_quorum
from compliance.verifier.errors import Misuse
from compliance.verifier.notes import VerifierKey, WitnessKey
from compliance.verifier.receipts import ProvenEvent
from compliance.verifier.spelling import base64_text, shown


@dataclass(frozen=True)
class Trust:
    """Whom the reader believes: the keys of logs, and how many of which witnesses must have cosigned."""

    keys: Sequence[VerifierKey]
    witnesses: Sequence[WitnessKey] = ()
    quorum: int = 0

    @classmethod
    def of(
        cls,
        keys: Sequence[VerifierKey] | None,
        witnesses: Sequence[WitnessKey] | None,
        quorum: int | None,
    ) -> "Trust":
        """As the command line gives it; a quorum that nobody could reach, or of nobody, is refused."""
        known = tuple(witnesses or ())
        needed = len(known) if quorum is None else quorum
        if needed > len(known) or (known and needed < 1):
            raise Misuse(f"a quorum of {needed} of {len(known)} witnesses cannot be: give more of --witness")
        return cls(tuple(keys or ()), known, needed)


def say(line: str, to: TextIO | None = None) -> None:
    """Print one line that no terminal can be tricked by."""
    print(shown(line, at_most=1_000), file=to or sys.stdout)


def say_head(head: Checkpoint, keys: Sequence[VerifierKey]) -> None:
    own = " or ".join(str(key) for key in keys if key.name == head.origin)
    say(f"log {head.origin}, {head.size} leaves, root {base64_text(head.root)}, signed by {own}")


def say_events(events: Sequence[ProvenEvent]) -> None:
    say(f"{'leaf':>10}  {'time':<24}  {'event':<24}  {'bytes sent':>16}")
    for event in events:
        sent = event.fact("sent_bytes")
        time, name = shown(event.leaf.get("ts", "-")), shown(event.leaf.get("type", "-"))
        say(f"{event.index:>10}  {time:<24}  {name:<24}  {'-' if sent is None else shown(sent):>16}")


def say_key_was_a_hint() -> None:
    say(
        "NOT CHECKED: the log's key. It was taken from the receipt itself, so anyone could have made this "
        "receipt. Get the log's key from a source you trust and give it with --vkey."
    )


def check_witnesses(heads: Mapping[Checkpoint, bytes], trust: Trust) -> None:
    """Refuse unless a quorum of the witnesses cosigned each of these notes; say so where nobody asked for one."""
    if not trust.witnesses:
        say("NOT CHECKED: witnesses. Nobody but the log vouches that it shows everyone the same tree.")
    for head, note in heads.items() if trust.witnesses else ():
        found = require_quorum(note, trust.witnesses, trust.quorum)
        for witness, seconds in sorted(found.items(), key=str):
            say(f"checked: {witness.name} cosigned the tree of {head.size} leaves on {_moment(seconds)}")


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"
