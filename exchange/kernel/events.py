"""record(), deliver() and what reacts: the Event log is audit trail, outbox, source of webhooks and the
leaves of the provable log at once. The database is the truth; messages carry only ids."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q

from exchange.kernel import canonical
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import ExchangeError
from exchange.kernel.ids import new_id
from exchange.kernel.models import Delivery, Event, EventDetail, EventParty
from exchange.kernel.text import timestamp

Reaction = Callable[[str, datetime], None]
"""Called with the id in the Event's subject and the time; returns early when its work is done."""

LARGEST_LEAF_BYTES = 65_535  # an entry of a C2SP tile bundle
REACT_TASK = "exchange.kernel.react"
_FIRST_SWEEP_SECONDS = 10
_LONGEST_BACKOFF_SECONDS = 3_600

log = logging.getLogger("exchange.events")
_reactions: dict[str, tuple[Reaction, ...]] = {}


class Recordable(Protocol):
    """A row that Events can be about."""

    @property
    def pk(self) -> object: ...
    def event_facts(self) -> Mapping[str, Fact]:
        """Opaque ids, enumerations and numbers; nothing that a person typed, no personal data."""
        ...

    def event_parties(self) -> Iterable[UUID]:
        """The participants who may see this row's Events."""
        ...


def record(
    name: str,
    row: Recordable,
    *,
    by: Actor,
    facts: Mapping[str, Fact] | None = None,
    typed: Mapping[str, str] | None = None,
    detail: Mapping[str, object] | None = None,
) -> Event:
    """Insert the Event `name` about `row` in the open transaction, with the row's own facts and `facts`.

    What a person `typed` enters the leaf as a salted hash and the detail as it is.
    """
    event_id, salt = new_id(), new_salt()
    subject = subject_of(row)
    leaf = leaf_of(
        name,
        event_id=str(event_id),
        salt=salt,
        at=timestamp(by.at),
        subject=subject,
        by=by,
        facts={**row.event_facts(), **(facts or {})},
        typed=typed,
    )
    event = Event(id=event_id, name=name, subject=subject, at=by.at, leaf=leaf, leaf_hash=leaf_hash(leaf))
    _insert(event, sorted(set(row.event_parties())))
    if typed or detail:
        EventDetail.objects.create(event=event, body={**(detail or {}), **(typed or {})})
    _plan_reactions(event)
    return event


def leaf_of(
    name: str,
    *,
    event_id: str,
    salt: str,
    at: str,
    subject: str,
    by: Actor,
    facts: Mapping[str, Fact],
    typed: Mapping[str, str] | None = None,
) -> bytes:
    """The leaf of an Event: the canonical bytes that enter the log. Whoever writes an Event past `record` asks for
    its leaf here."""
    body: dict[str, Fact] = {
        "v": "comptoir.event/1",
        "id": event_id,
        "salt": salt,
        "type": name,
        "ts": at,
        "actor": by.name,
        "actor_kind": str(by.kind),
        "actor_participant": str(by.participant_id) if by.participant_id else None,
        "subject": subject,
        "facts": facts,
    }
    if typed:
        body["typed"] = {key: salted_hash(salt, value) for key, value in typed.items()}
    leaf = canonical.encode(body)
    if len(leaf) > LARGEST_LEAF_BYTES:
        raise ValueError(f"the leaf of {name} has {len(leaf)} bytes")
    return leaf


def new_salt() -> str:
    """What makes a leaf's hash say nothing of the leaf."""
    return secrets.token_urlsafe(16)


def subject_of(row: Recordable) -> str:
    """How Events and apps below name a row of an app above: "offer:<uuid>"."""
    assert isinstance(row, models.Model)
    return f"{row._meta.model_name}:{row.pk}"


def salted_hash(salt: str, value: str) -> str:
    """What stands in a leaf for something a person typed."""
    return hashlib.sha256(f"{salt}\n{value}".encode()).hexdigest()


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962: the hash of a leaf is over 0x00 and its bytes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def register(table: Mapping[str, Sequence[Reaction]]) -> None:
    """Take the whole table of reactions: Event name -> what follows. Called once, at start."""
    _reactions.clear()
    _reactions.update({name: tuple(reactions) for name, reactions in table.items()})


def reactions() -> Mapping[str, tuple[Reaction, ...]]:
    """The table of reactions as it was registered."""
    return dict(_reactions)


def deliver(event_id: UUID) -> None:
    """Send a message for each reaction to the Event that has not run; losing it costs only a delay."""
    for delivery_id in Delivery.objects.filter(event_id=event_id, done_at=None).values_list("pk", flat=True):
        _send(delivery_id)


def sweep(*, now: datetime, at_most: int = 200) -> int:
    """Send again what is overdue, oldest first; answers how many."""
    due = Delivery.objects.filter(done_at=None, due_at__lte=now).order_by("due_at")
    delivery_ids = list(due.values_list("pk", flat=True)[:at_most])
    for delivery_id in delivery_ids:
        _send(delivery_id)
    return len(delivery_ids)


def react(delivery_id: UUID, *, now: datetime) -> bool:
    """Run one reaction, unless it is done or another worker holds it; answers whether it is done now."""
    lease = now + timedelta(seconds=settings.EXCHANGE_REACTION_LEASE_SECONDS)
    waiting = Delivery.objects.filter(pk=delivery_id, done_at=None)
    if not waiting.filter(Q(attempts=0) | Q(due_at__lte=now)).update(attempts=F("attempts") + 1, due_at=lease):
        return False
    delivery = Delivery.objects.select_related("event").get(pk=delivery_id)
    reaction = _reaction_named(delivery.event.name, delivery.reaction)
    if reaction is None:  # the table no longer asks for it
        waiting.update(done_at=now)
        return True
    try:
        reaction(delivery.event.subject_id, now)
    except Exception as error:
        waiting.update(due_at=now + _backoff(delivery.attempts))
        if isinstance(error, ExchangeError):
            log.warning("%s to %s refused: %s", delivery.reaction, delivery.event.name, error.code)
        else:
            log.exception("%s to %s failed", delivery.reaction, delivery.event.name)
        return False
    waiting.update(done_at=now)
    return True


def _insert(event: Event, parties: Sequence[UUID]) -> None:
    """Write an Event and who may see it: every verb does, so PostgreSQL takes both in one statement."""
    if connection.vendor != "postgresql":
        event.save(force_insert=True)
        EventParty.objects.bulk_create(EventParty(event=event, participant_id=party) for party in parties)
        return
    statement = (
        "INSERT INTO kernel_event (id, name, subject, at, leaf, leaf_hash) VALUES (%s, %s, %s, %s, %s, %s)"
    )
    values: list[Any] = [event.pk, event.name, event.subject, event.at, event.leaf, event.leaf_hash]
    if parties:
        rows = ", ".join(["(%s, %s)"] * len(parties))
        columns = "(event_id, participant_id)"
        statement = f"WITH written AS ({statement}) INSERT INTO kernel_eventparty {columns} VALUES {rows}"  # noqa: S608
        values += (value for party in parties for value in (event.pk, party))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    event._state.adding, event._state.db = False, connection.alias


def _plan_reactions(event: Event) -> None:
    following = _reactions.get(event.name, ())
    if not following:
        return
    Delivery.objects.bulk_create(
        Delivery(event=event, reaction=_name(r), due_at=event.at + timedelta(seconds=_FIRST_SWEEP_SECONDS))
        for r in following
    )
    event_id = event.pk
    transaction.on_commit(lambda: deliver(event_id), robust=True)


def _send(delivery_id: UUID) -> None:
    current_app.send_task(REACT_TASK, args=[str(delivery_id)], ignore_result=True, retry=False)


def _reaction_named(event_name: str, reaction_name: str) -> Reaction | None:
    return next((r for r in _reactions.get(event_name, ()) if _name(r) == reaction_name), None)


def _name(reaction: Reaction) -> str:
    return f"{reaction.__module__}.{getattr(reaction, '__name__', 'reaction')}"


def _backoff(attempts: int) -> timedelta:
    return timedelta(seconds=min(5 * 2 ** min(attempts, 10), _LONGEST_BACKOFF_SECONDS))
