"""The rows of Events as they are written: every verb writes some, so PostgreSQL takes all of them in one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from exchange.kernel.models import Delivery, Event, EventDetail, EventParty


@dataclass
class Written:
    """What is to be inserted for several Events."""

    events: list[Event] = field(default_factory=list)
    parties: list[tuple[UUID, UUID]] = field(default_factory=list)
    details: list[tuple[UUID, Mapping[str, object]]] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def stands(self) -> None:
        """Stands among what Django does at a commit for as long as no savepoint takes these rows back."""

    def add(self, others: Iterable["Written"]) -> None:
        """Take the rows of others behind these."""
        for other in others:
            self.events += other.events
            self.parties += other.parties
            self.details += other.details
            self.deliveries += other.deliveries


def insert(written: Written) -> None:
    """Write Events, who may see them, what is shown of them and what follows."""
    if connection.vendor != "postgresql":
        Event.objects.bulk_create(written.events)
        EventParty.objects.bulk_create(
            EventParty(event_id=event_id, participant_id=party) for event_id, party in written.parties
        )
        EventDetail.objects.bulk_create(
            EventDetail(event_id=event_id, body=body) for event_id, body in written.details
        )
        Delivery.objects.bulk_create(written.deliveries)
        return
    body = EventDetail._meta.get_field("body")
    tables: list[tuple[str, str, list[tuple[Any, ...]]]] = [
        (
            "kernel_event (id, name, subject, at, leaf, leaf_hash)",
            "uuid, text, text, timestamptz, bytea, bytea",
            [(one.pk, one.name, one.subject, one.at, one.leaf, one.leaf_hash) for one in written.events],
        ),
        ("kernel_eventparty (event_id, participant_id)", "uuid, uuid", list(written.parties)),
        (
            "kernel_eventdetail (event_id, body)",
            "uuid, jsonb",
            [(event_id, body.get_db_prep_save(shown, connection)) for event_id, shown in written.details],
        ),
        (
            "kernel_delivery (id, event_id, reaction, attempts, due_at)",
            "uuid, uuid, text, integer, timestamptz",
            [(one.pk, one.event_id, one.reaction, 0, one.due_at) for one in written.deliveries],
        ),
    ]
    inserts = [_insertion(into, kinds) for into, kinds, rows in tables if rows]
    others = ", ".join(f"written_{place} AS ({insert})" for place, insert in enumerate(inserts[:-1]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {others} {inserts[-1]}" if others else inserts[-1],
            [list(column) for _, _, rows in tables if rows for column in zip(*rows, strict=True)],
        )
    for event in written.events:
        event._state.adding, event._state.db = False, connection.alias


def _insertion(into: str, kinds: str) -> str:
    """Column by column: the statement is the same for any number of rows, so nobody takes it apart again."""
    columns = ", ".join(f"%s::{kind}[]" for kind in kinds.split(", "))
    return f"INSERT INTO {into} SELECT * FROM unnest({columns})"  # noqa: S608
