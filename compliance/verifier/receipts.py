"""Receipts: the events of one transfer, each as the exact bytes of its leaf with the proof that the log holds
it. A receipt brings everything to check it but the right to name the log's key."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from compliance.verifier.checkpoints import Checkpoint, EntryProof, parse_entry_proof
from compliance.verifier.errors import Incomplete, Tampered, VerificationError
from compliance.verifier.leaves import parse_leaf
from compliance.verifier.notes import VerifierKey
from compliance.verifier.spelling import read_base64, read_utf8, shown

FORMAT = "comptoir.receipt/1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says, nothing of it verified; `vkey` is only its hint at the log's key."""

    transfer: str
    events: tuple[tuple[bytes, EntryProof], ...]
    vkey: str

    @property
    def subject(self) -> str:
        return f"transfer:{self.transfer}"


@dataclass(frozen=True, slots=True)
class ProvenEvent:
    """An event that the log holds at `index`, under `checkpoint`."""

    index: int
    leaf: dict[str, object]
    checkpoint: Checkpoint

    def fact(self, name: str) -> object:
        """What the event states under `name`, or None."""
        facts = self.leaf.get("facts")
        return facts.get(name) if isinstance(facts, dict) else None


def parse_receipt(data: bytes) -> Receipt:
    """Read a receipt; refused when it is of another format or has fields too many or too few."""
    try:
        document = json.loads(read_utf8(data, "the receipt"), object_pairs_hook=_object_without_repeats)
    except (ValueError, RecursionError):
        raise Tampered("the receipt is not JSON, or gives a name twice") from None
    _require_fields(document, {"format", "transfer", "events", "vkey"}, "the receipt")
    if document["format"] != FORMAT:
        raise Tampered(f"the receipt's format is “{shown(document['format'])}”, not {FORMAT}")
    VerifierKey.parse(_read_text(document["vkey"]))
    events = document["events"]
    if not isinstance(events, list):
        raise Tampered("the receipt's events are not a list")
    return Receipt(
        transfer=_read_uuid(_read_text(document["transfer"])),
        events=tuple(_parse_event(event) for event in events),
        vkey=_read_text(document["vkey"]),
    )


def prove(receipt: Receipt, keys: Sequence[VerifierKey]) -> list[ProvenEvent]:
    """The events of `receipt` in the order of the log, once the log of `keys` is shown to hold each of them."""
    if not receipt.events:
        raise Incomplete("the receipt holds no event, so it proves nothing")
    proven = []
    for number, (entry, proof) in enumerate(receipt.events, start=1):
        try:
            proven.append(_prove_event(receipt.subject, entry, proof, keys))
        except VerificationError as refusal:
            raise Tampered(f"event {number} of {len(receipt.events)}: {refusal}") from None
    _refuse_repeats_and_forks(proven)
    return sorted(proven, key=lambda event: (event.checkpoint.origin, event.index))


def compare_asset(events: Sequence[ProvenEvent], sha256: str) -> None:
    """Refuse unless `sha256` is the digest that the events give of the asset."""
    digests = [digest for event in events if (digest := event.fact("sha256")) is not None]
    if not digests:
        raise Incomplete(
            "no event of the receipt gives the digest of the asset, so the file cannot be compared"
        )
    for digest in digests:
        if digest != sha256:
            raise Tampered(f"the file has the SHA-256 {sha256}; the events give {shown(digest)}")


def _parse_event(event: object) -> tuple[bytes, EntryProof]:
    fields = _require_fields(event, {"leaf", "proof"}, "an event of the receipt")
    return read_base64(_read_text(fields["leaf"])), parse_entry_proof(_read_text(fields["proof"]))


def _prove_event(subject: str, entry: bytes, proof: EntryProof, keys: Sequence[VerifierKey]) -> ProvenEvent:
    checkpoint = proof.verify(entry, keys)
    leaf = parse_leaf(entry)
    if leaf.get("subject") != subject:
        raise Tampered(f"it is about “{shown(leaf.get('subject'))}”, not about {subject}")
    return ProvenEvent(proof.index, leaf, checkpoint)


def _refuse_repeats_and_forks(events: Sequence[ProvenEvent]) -> None:
    if len({(event.checkpoint.origin, event.index) for event in events}) < len(events):
        raise Tampered("the receipt gives the same event twice")
    roots: dict[tuple[str, int], bytes] = {}
    for head in (event.checkpoint for event in events):
        if roots.setdefault((head.origin, head.size), head.root) != head.root:
            raise Tampered(f"the log “{shown(head.origin)}” signed two different trees of {head.size} leaves")


def _require_fields(value: object, names: set[str], what: str) -> dict[str, object]:
    if not isinstance(value, dict) or value.keys() != names:
        raise Tampered(f"{what} must have exactly the fields {', '.join(sorted(names))}")
    return value


def _read_text(value: object) -> str:
    # JSON can spell half a character, which no file and no signature can hold.
    if not isinstance(value, str) or any("\ud800" <= character <= "\udfff" for character in value):
        raise Tampered(f"“{shown(value)}” stands where the receipt must have text")
    return value


def _read_uuid(text: str) -> str:
    try:
        is_uuid = str(UUID(text)) == text
    except ValueError:
        is_uuid = False
    if not is_uuid:
        raise Tampered(f"the receipt's transfer “{shown(text)}” is not a UUID in its usual form")
    return text


def _object_without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found
