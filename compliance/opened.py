"""One transfer as its page shows it: why it was allowed, what happened to it, and the proof of one of its leaves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from compliance import proof_drawing, receipts, rows, words
from compliance.desk import Opened
from compliance.models import TransferRecord
from compliance.proof_drawing import Picture, Step
from compliance.queries import facts_of
from compliance.rows import Row
from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.merkle import leaf_hash
from compliance.words import Mark, Words
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.look.formats import short


@dataclass(frozen=True)
class Reason:
    """One thing that was checked before a byte left, and how it is held."""

    title: Words
    note: Words
    standing: str
    is_met: bool


@dataclass(frozen=True)
class Moment:
    """One Event of the transfer on its timeline."""

    event: Event
    title: Words
    note: Words
    mark: Mark
    is_drawn: bool


@dataclass(frozen=True)
class Proof:
    """A leaf on its way to the signed root. `place` is its number in the log of its year."""

    event: Event
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


@dataclass(frozen=True)
class Shown:
    row: Row
    facts: Mapping[str, Any]
    reasons: list[Reason]
    moments: list[Moment]
    proof: Proof | None
    is_sealed: bool

    @property
    def is_refused(self) -> bool:
        return self.row.record.result == TransferRecord.Result.REFUSED


def show(opened: Opened, *, leaf: int | None, by: Actor) -> Shown:
    """Everything behind one row; the proof is of the leaf that is asked for, else of the last one proven."""
    facts = facts_of(opened.events)
    chosen = _chosen(opened, leaf)
    [row] = rows.of([opened.record], proven_leaves=opened.proven_leaves, by=by)
    return Shown(
        row=row,
        facts=facts,
        reasons=list(_reasons(facts, opened.record)),
        moments=[_moment(event, opened.proven_leaves, event is chosen) for event in opened.events],
        proof=_proof(chosen) if chosen else None,
        is_sealed=isinstance(facts.get("sealed"), dict),
    )


def _chosen(opened: Opened, leaf: int | None) -> Event | None:
    proven = [
        event
        for event in opened.events
        if event.leaf_index is not None and event.leaf_index < opened.proven_leaves
    ]
    asked = [event for event in proven if event.leaf_index == leaf]
    return next(iter(asked), proven[-1] if proven else None)


def _proof(event: Event) -> Proof | None:
    assert event.leaf_index is not None
    leaf = bytes(event.leaf)
    found = receipts.prove(event.leaf_index, leaf)
    if found is None:
        return None
    proof, head = found
    steps = proof_drawing.steps(proof.index, head.checkpoint.size, proof.hashes)
    return Proof(
        event=event,
        place=proof.index,
        hash_hex=leaf_hash(leaf).hex(),
        text=leaf.decode(),
        checkpoint=head.checkpoint,
        key_id=head.key.id.hex(),
        steps=steps,
        wide=proof_drawing.wide(steps),
        tall=proof_drawing.tall(steps),
    )


def _moment(event: Event, proven_leaves: int, is_drawn: bool) -> Moment:
    facts = json.loads(bytes(event.leaf)).get("facts", {})
    code = facts.get("code")
    proof = "waiting"
    if event.leaf_index is not None:
        proof = "checkpointed" if event.leaf_index < proven_leaves else "sealed"
    note = words.reason_words(code) if isinstance(code, str) else ""
    return Moment(event, words.EVENTS.get(event.name, event.name), note, words.PROOFS[proof], is_drawn)


def _reasons(facts: Mapping[str, Any], record: TransferRecord) -> list[Reason]:
    if record.result == TransferRecord.Result.REFUSED and not facts.get("clauses"):
        return [
            Reason(
                _("Refused before any clause was read"), words.reason_words(record.reason), "enforced", False
            )
        ]
    found = [
        Reason(
            _("Link and licence in force"),
            _("signed by the exchange, not expired; both organisations verified"),
            "enforced",
            True,
        )
    ]
    for clause in facts.get("clauses") or []:
        kind, reason = str(clause.get("kind")), clause.get("reason")
        found.append(
            Reason(
                words.CLAUSES.get(kind, kind),
                words.reason_words(str(reason)) if reason else "",
                str(clause.get("standing")),
                clause.get("ok") is True,
            )
        )
    if "mechanism" in facts:
        mechanism = str(facts.get("mechanism") or "")
        ground = words.GROUNDS.get(mechanism) or words.reason_words(record.reason)
        found.append(Reason(_("Destination"), ground, "enforced", bool(mechanism)))
    return found
