"""transition() and transition_many(): the only writers of any `state` column. They follow the table on the model and
record the Event in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import Case, Value, When

from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict

Row = TypeVar("Row", bound=models.Model)
Transitions = Mapping[str, tuple[set[Any], Any, str]]
"""verb: (states it may start from, state it leads to, Event it records)"""


def transition(
    row: Row,
    verb: str,
    *,
    by: Actor,
    facts: Mapping[str, Fact] | None = None,
    typed: Mapping[str, str] | None = None,
    **changes: object,
) -> Row:
    """Move `row` along `verb`, write `changes` with it and record the Event; Conflict when no row moved.

    The update is conditional on the state in the database, so a stale copy cannot win.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{verb} needs an open transaction: its change and its Event belong together")
    table: Transitions = row.TRANSITIONS  # type: ignore[attr-defined]
    sources, target, event_name = table[verb]
    rows = type(row)._base_manager.filter(pk=row.pk, state__in=sources)
    if not rows.update(state=target, **changes):
        current = type(row)._base_manager.filter(pk=row.pk).values_list("state", flat=True).first()
        noun = row._meta.verbose_name
        raise Conflict(f"cannot {verb.replace('_', ' ')} this {noun}: it is {current}", code="wrong_state")
    row.refresh_from_db()
    events.record(event_name, row, by=by, facts=facts, typed=typed)  # type: ignore[arg-type]
    return row


@dataclass(frozen=True, slots=True)
class Move(Generic[Row]):
    """A row that is to go along a verb, what changes with it, and who does it."""

    row: Row
    by: Actor
    changes: Mapping[str, object] = field(default_factory=dict)
    facts: Mapping[str, Fact] | None = None
    typed: Mapping[str, str] | None = None


def transition_many(moves: Sequence[Move[Row]], verb: str) -> list[Row]:
    """Move rows of one model along `verb`, all by one statement, and record their Events; Conflict, and nothing of it,
    where one of them did not move.

    Whoever decides for each row on its own has locked them before, or made them in the same transaction: so what each
    holds is what the database has.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{verb} needs an open transaction: its changes and their Events belong together")
    if not moves:
        return []
    model = type(moves[0].row)
    table: Transitions = model.TRANSITIONS  # type: ignore[attr-defined]
    sources, target, event_name = table[verb]
    rows = model._base_manager.filter(pk__in=[move.row.pk for move in moves], state__in=sources)
    if rows.update(state=target, **_written(moves)) != len(moves):
        raise Conflict(
            f"cannot {verb.replace('_', ' ')} all of these: one has moved meanwhile", code="wrong_state"
        )
    for move in moves:
        for name, value in {"state": target, **move.changes}.items():
            setattr(move.row, name, value)
    events.record_many(
        [
            events.Happening(event_name, move.row, move.by, move.facts, move.typed)  # type: ignore[arg-type]
            for move in moves
        ]
    )
    return [move.row for move in moves]


def _written(moves: Sequence[Move[Row]]) -> dict[str, object]:
    """What is written to each column: one value, or one for each row."""
    found: dict[str, object] = {}
    for name in moves[0].changes:
        values = [move.changes[name] for move in moves]
        if all(value == values[0] for value in values):
            found[name] = values[0]
            continue
        column = type(moves[0].row)._meta.get_field(name)
        assert isinstance(column, models.Field)
        cases = (When(pk=move.row.pk, then=Value(move.changes[name], column)) for move in moves)
        found[name] = Case(*cases, output_field=column)
    return found


def known_states(noun: str, *states: str) -> models.CheckConstraint:
    """Tells the database the words of a state column too (a test compares them with the model's State)."""
    return models.CheckConstraint(condition=models.Q(state__in=states), name=f"{noun}_state_known")
