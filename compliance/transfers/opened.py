"""One transfer as its page shows it: why it was allowed, what happened to it, and the proof of one of its leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from compliance import words
from compliance.models import TransferRecord
from compliance.proofs import proven
from compliance.queries import facts_of
from compliance.transfers import desk, rows
from compliance.transfers.desk import Opened
from compliance.transfers.rows import Row
from compliance.words import Words
from exchange.kernel.actors import Actor
from exchange.participants.vault import Kept

_DECISIONS = ("transfer.started", "transfer.refused")


@dataclass(frozen=True)
class Reason:
    """One thing that was checked before a byte left, and how it is held."""

    title: Words
    note: Words
    standing: str
    is_met: bool


@dataclass(frozen=True)
class Shown:
    row: Row
    facts: Mapping[str, Any]
    reasons: list[Reason]
    moments: list[proven.Moment]
    proof: proven.Proof | None
    kept: Kept | None
    decision_id: UUID | None

    @property
    def is_refused(self) -> bool:
        return self.row.record.result == TransferRecord.Result.REFUSED


def show(opened: Opened, *, leaf: int | None, by: Actor) -> Shown:
    """Everything behind one row; the proof is of the leaf that is asked for, else of the last one proven."""
    facts = facts_of(opened.events)
    chosen = proven.chosen(opened.events, opened.proven_leaves, leaf)
    [row] = rows.of([opened.record], proven_leaves=opened.proven_leaves, by=by)
    return Shown(
        row=row,
        facts=facts,
        reasons=list(_reasons(facts, opened.record)),
        moments=proven.moments(opened.events, opened.proven_leaves, chosen),
        proof=proven.of(chosen) if chosen else None,
        kept=desk.kept_of(opened.events, by=by),
        decision_id=next((event.pk for event in opened.events if event.name in _DECISIONS), None),
    )


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
