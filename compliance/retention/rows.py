"""Retention and legal holds as their pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from compliance import labels
from compliance.marks import Mark
from compliance.models import LegalHold, Sweep
from compliance.retention import words
from compliance.retention.desk import Plan
from compliance.retention.prunings import KIND as LEAVES
from compliance.retention.sweep import Waiting
from exchange.kernel.actors import Actor
from exchange.participants import queries as participants

Scope = LegalHold.Scope


@dataclass(frozen=True)
class KindRow:
    """A kind of record: how long it is kept, and what waits; `waiting` is empty where years of the log go, or where
    another part of the exchange takes it away."""

    words: words.Words
    length: str
    waiting: Waiting | None
    goes_by_year: bool


@dataclass(frozen=True)
class HoldRow:
    """A hold with what it is on, in words."""

    hold: LegalHold
    scope: words.Words
    target: str
    mark: Mark


def kinds(plan: Plan) -> list[KindRow]:
    """Every period of the profile, with what the next sweep would take."""
    waiting = {one.kind: one for one in plan.waiting}
    return [
        KindRow(words.KINDS.get(name, name), words.length(period), waiting.get(name), name == LEAVES)
        for name, period in plan.periods
    ]


def holds(found: Iterable[LegalHold], *, by: Actor) -> list[HoldRow]:
    """Holds with the names of what they are on."""
    rows = list(found)
    datasets = labels.names("dataset", [UUID(row.target) for row in rows if row.scope == Scope.DATASET])
    ids = [UUID(row.target) for row in rows if row.scope == Scope.PARTICIPANT]
    called = dict(participants.participants_visible_to(by).filter(pk__in=ids).values_list("pk", "name"))
    names = {str(one): name for one, name in {**datasets, **called}.items()}
    return [
        HoldRow(row, words.SCOPES[row.scope], names.get(row.target, row.target), words.STATES[row.state])
        for row in rows
    ]


def sweeps(found: Iterable[Sweep]) -> list[tuple[Sweep, words.Words]]:
    """Sweeps with the names of their kinds."""
    return [(row, words.KINDS.get(row.kind, row.kind)) for row in found]
