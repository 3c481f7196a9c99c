"""transition(): the only writer of any `state` column. It follows the table on the model and records the
Event in the same transaction."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import connection, models

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


def known_states(noun: str, *states: str) -> models.CheckConstraint:
    """Tells the database the words of a state column too (a test compares them with the model's State)."""
    return models.CheckConstraint(condition=models.Q(state__in=states), name=f"{noun}_state_known")
