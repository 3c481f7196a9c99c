"""Events as leaves of the log, as a page shows them: what happened, how far each is proven, and the proof of one of
them, drawn, with the place of the public files that a browser checks it by."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from compliance import words
from compliance.proofs import drawing, leaves, receipts
from compliance.proofs.drawing import Picture, Step
from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.merkle import leaf_hash
from compliance.words import Mark, Words
from exchange.kernel.models import Event
from exchange.look.formats import short


@dataclass(frozen=True)
class Moment:
    """One Event on a timeline."""

    event: Event
    title: Words
    note: Words
    mark: Mark
    is_drawn: bool


@dataclass(frozen=True)
class Proof:
    """A leaf on its way to the signed root. `place` is its number in its log, whose public files lie under
    `address`."""

    event: Event
    address: str
    place: int
    hash_hex: str
    text: str
    checkpoint: Checkpoint
    key_id: str
    steps: list[Step]
    wide: Picture
    tall: Picture

    @property
    def hash_short(self) -> str:
        return short(self.hash_hex)

    @property
    def root_hex(self) -> str:
        return self.checkpoint.root.hex()

    @property
    def root_short(self) -> str:
        return short(self.root_hex)


def chosen(events: Sequence[Event], proven_leaves: int, leaf: int | None) -> Event | None:
    """The Event whose leaf is asked for, else the last one that is proven; None before any is."""
    proven = [event for event in events if event.leaf_index is not None and event.leaf_index < proven_leaves]
    asked = [event for event in proven if event.leaf_index == leaf]
    return next(iter(asked), proven[-1] if proven else None)


def asked_leaf(typed: str) -> int | None:
    """The index in an address; None for anything that is none."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None


def moments(events: Sequence[Event], proven_leaves: int, drawn: Event | None) -> list[Moment]:
    """What happened, in the Events' order; `drawn` is the one whose proof is shown."""
    return [_moment(event, proven_leaves, event is drawn) for event in events]


def of(event: Event) -> Proof | None:
    """The proof of an Event's leaf; None before a signed head covers it."""
    if event.leaf_index is None:
        return None
    leaf = bytes(event.leaf)
    found = receipts.prove(event.leaf_index, leaf)
    log, _ = leaves.place_of(event.leaf_index)
    if found is None or log is None:
        return None
    proof, head = found
    steps = drawing.steps(proof.index, head.checkpoint.size, proof.hashes)
    return Proof(
        event=event,
        address=reverse("log_file", args=[log, "vkey"]).removesuffix("vkey"),
        place=proof.index,
        hash_hex=leaf_hash(leaf).hex(),
        text=leaf.decode(),
        checkpoint=head.checkpoint,
        key_id=head.key.id.hex(),
        steps=steps,
        wide=drawing.wide(steps),
        tall=drawing.tall(steps),
    )


def _moment(event: Event, proven_leaves: int, is_drawn: bool) -> Moment:
    facts = json.loads(bytes(event.leaf)).get("facts", {})
    code = facts.get("code")
    proof = "waiting"
    if event.leaf_index is not None:
        proof = "checkpointed" if event.leaf_index < proven_leaves else "sealed"
    note = words.reason_words(code) if isinstance(code, str) else ""
    return Moment(event, words.EVENTS.get(event.name, event.name), note, words.PROOFS[proof], is_drawn)
