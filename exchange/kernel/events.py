"""record(), deliver() and what reacts: the Event log is audit trail, outbox, source of webhooks and the
leaves of the provable log at once. The database is the truth; messages carry only ids."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q

from exchange.kernel import canonical
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import ExchangeError
from exchange.kernel.event_rows import Written, insert
from exchange.kernel.ids import new_id
from exchange.kernel.models import Delivery, Event
from exchange.kernel.text import timestamp

Reaction = Callable[[str, datetime], None]
"""Called with the id in the Event's subject and the time; returns early when its work is done."""

Hook = TypeVar("Hook")
LARGEST_LEAF_BYTES = 65_535  # an entry of a C2SP tile bundle
REACT_TASK = "exchange.kernel.react"
LARGEST_MESSAGE = 200
"""Reactions that one message names at most."""
_SWEPT_TOGETHER = 20
_FIRST_SWEEP_SECONDS = 10
_LONGEST_BACKOFF_SECONDS = 3_600

log = logging.getLogger("exchange.events")
_reactions: dict[str, tuple[Reaction, ...]] = {}
_apart: set[str] = set()
_gathered: ContextVar[list[Written] | None] = ContextVar("gathered", default=None)


@dataclass(frozen=True)
class Gathered:
    """A reaction that follows many Events at once, with fewer statements: `many` does for each what `one` does, and is
    known by its name. Where it fails for several, each is followed on its own."""

    one: Reaction
    many: Callable[[Sequence[Event], datetime], None]

    def __call__(self, subject_id: str, now: datetime) -> None:
        self.one(subject_id, now)


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


@dataclass(frozen=True, slots=True)
class Happening:
    """What is to be recorded about a row, as record() takes it; not `is_followed` where what follows was done in the
    same transaction, so that no reaction has to."""

    name: str
    row: Recordable
    by: Actor
    facts: Mapping[str, Fact] | None = None
    typed: Mapping[str, str] | None = None
    detail: Mapping[str, object] | None = None
    is_followed: bool = True


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
    return record_many([Happening(name, row, by, facts, typed, detail)])[0]


def record_many(happenings: Sequence[Happening]) -> list[Event]:
    """Insert an Event for each, in this order and with as few statements as for one."""
    written = Written()
    for told in happenings:
        event = _draw_up(told)
        written.events.append(event)
        written.parties += [(event.pk, party) for party in sorted(set(told.row.event_parties()))]
        if told.typed or told.detail:
            written.details.append((event.pk, {**(told.detail or {}), **(told.typed or {})}))
        if told.is_followed:
            written.deliveries += _planned(event)
    gathered = _gathered.get()
    if gathered is None:
        _write(written)
    else:
        gathered.append(written)
        transaction.on_commit(written.stands)
    return written.events


@contextmanager
def together() -> Iterator[None]:
    """Write all that is recorded within, in the open transaction, by one statement at the end; an exception writes
    nothing, and what a savepoint within takes back is not written. Nobody finds these Events before."""
    if _gathered.get() is not None:
        yield
        return
    if not connection.in_atomic_block:
        raise RuntimeError("Events are recorded together in an open transaction")
    gathered: list[Written] = []
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
    standing = {id(found) for found in _hooked(Written)}
    written = Written()
    written.add(one for one in gathered if id(one) in standing)
    _write(written)


def _write(written: Written) -> None:
    if written.events:
        insert(written)
        _send_at_commit(written.deliveries)


def _draw_up(told: Happening) -> Event:
    event_id, salt, subject = new_id(), new_salt(), subject_of(told.row)
    leaf = leaf_of(
        told.name,
        event_id=str(event_id),
        salt=salt,
        at=timestamp(told.by.at),
        subject=subject,
        by=told.by,
        facts={**told.row.event_facts(), **(told.facts or {})},
        typed=told.typed,
    )
    return Event(
        id=event_id, name=told.name, subject=subject, at=told.by.at, leaf=leaf, leaf_hash=leaf_hash(leaf)
    )


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


def register(table: Mapping[str, Sequence[Reaction]], *, apart: Collection[Reaction] = ()) -> None:
    """Take the whole table of reactions: Event name -> what follows. Called once, at start. Those named `apart` take
    long or ask somebody outside: each has a message of its own, so that nothing waits for it."""
    _reactions.clear()
    _reactions.update({name: tuple(reactions) for name, reactions in table.items()})
    _apart.clear()
    _apart.update(name_of(one) for one in apart)


def reactions() -> Mapping[str, tuple[Reaction, ...]]:
    """The table of reactions as it was registered."""
    return dict(_reactions)


def name_of(reaction: Reaction) -> str:
    """How a Delivery names what is to be done."""
    if isinstance(reaction, Gathered):
        return name_of(reaction.one)
    return f"{reaction.__module__}.{getattr(reaction, '__name__', 'reaction')}"


def sweep(*, now: datetime, at_most: int = 200) -> int:
    """Send again what is overdue, oldest first; answers how many."""
    due = Delivery.objects.filter(done_at=None, due_at__lte=now).order_by("due_at")
    delivery_ids = list(due.values_list("pk", flat=True)[:at_most])
    for first in range(0, len(delivery_ids), _SWEPT_TOGETHER):
        send(delivery_ids[first : first + _SWEPT_TOGETHER])
    return len(delivery_ids)


def send(delivery_ids: Sequence[UUID]) -> None:
    """Ask a worker for these reactions by one message; losing it costs only a delay."""
    current_app.send_task(REACT_TASK, args=[str(one) for one in delivery_ids], ignore_result=True, retry=False)


def react(delivery_id: UUID, *, now: datetime) -> bool:
    """Run one reaction, unless it is done or another worker holds it; answers whether it is done now."""
    return bool(react_all([delivery_id], now=now))


def react_all(delivery_ids: Sequence[UUID], *, now: datetime) -> int:
    """Run these reactions, but those that are done or held by another worker, one after the other and each on its own
    merits; answers how many are done now."""
    done: list[UUID] = []
    for group in _groups(_claim(delivery_ids, now)):
        if len(group) > 1 and _follow_together(group, now):
            done += [one.pk for one in group]
        else:
            done += [one.pk for one in group if _follow(one, now)]
    if done:
        Delivery.objects.filter(pk__in=done, done_at=None).update(done_at=now)
    return len(done)


def _claim(delivery_ids: Sequence[UUID], now: datetime) -> list[Delivery]:
    """Take those that wait, so that no other worker runs them too; what a crash leaves is taken after the lease."""
    lease = now + timedelta(seconds=settings.EXCHANGE_REACTION_LEASE_SECONDS)
    waiting = Delivery.objects.filter(pk__in=delivery_ids, done_at=None)
    ready = waiting.filter(Q(attempts=0) | Q(due_at__lte=now))
    with transaction.atomic():
        mine = ready.select_for_update(skip_locked=True, of=("self",)).select_related("event").order_by("pk")
        found = list(mine)
        if found:
            ours = Delivery.objects.filter(pk__in=[one.pk for one in found])
            ours.update(attempts=F("attempts") + 1, due_at=lease)
    for one in found:
        one.attempts += 1
    return found


def _groups(found: Sequence[Delivery]) -> Iterable[list[Delivery]]:
    """Those that one call can follow, together; each other one by itself."""
    groups: dict[tuple[str, UUID | None], list[Delivery]] = {}
    for one in found:
        is_gathered = isinstance(_reaction_of(one), Gathered)
        groups.setdefault((one.reaction, None if is_gathered else one.pk), []).append(one)
    return groups.values()


def _follow_together(group: Sequence[Delivery], now: datetime) -> bool:
    reaction = _reaction_of(group[0])
    assert isinstance(reaction, Gathered)
    try:
        reaction.many([one.event for one in group], now)
    except Exception:  # one of them, perhaps: each is tried on its own
        log.info("%s failed for %d Events together", group[0].reaction, len(group), exc_info=True)
        return False
    return True


def _follow(delivery: Delivery, now: datetime) -> bool:
    reaction = _reaction_of(delivery)
    if reaction is None:  # the table no longer asks for it
        return True
    try:
        if isinstance(reaction, Gathered):
            reaction.many([delivery.event], now)
        else:
            reaction(delivery.event.subject_id, now)
    except Exception as error:
        waiting = Delivery.objects.filter(pk=delivery.pk, done_at=None)
        waiting.update(due_at=now + _backoff(delivery.attempts))
        if isinstance(error, ExchangeError):
            log.warning("%s to %s refused: %s", delivery.reaction, delivery.event.name, error.code)
        else:
            log.exception("%s to %s failed", delivery.reaction, delivery.event.name)
        return False
    return True


def _planned(event: Event) -> list[Delivery]:
    due_at = event.at + timedelta(seconds=_FIRST_SWEEP_SECONDS)
    return [
        Delivery(event=event, reaction=name_of(one), due_at=due_at) for one in _reactions.get(event.name, ())
    ]


class _Messages:
    """What is sent when the open transaction commits: one message for all that may follow together. It may name what
    a savepoint has taken back, which then is not found."""

    def __init__(self) -> None:
        self.together: list[UUID] = []
        self.apart: list[UUID] = []

    def send(self) -> None:
        for first in range(0, len(self.together), LARGEST_MESSAGE):
            send(self.together[first : first + LARGEST_MESSAGE])
        for one in self.apart:
            send([one])


def _send_at_commit(planned: Sequence[Delivery]) -> None:
    if not planned:
        return
    waiting = next(_hooked(_Messages), None)
    messages = waiting or _Messages()
    for one in planned:
        (messages.apart if one.reaction in _apart else messages.together).append(one.pk)
    if waiting is None:
        transaction.on_commit(messages.send, robust=True)


def _hooked(kind: type[Hook]) -> Iterator[Hook]:
    """Of what Django is to do when the open transaction commits, and no savepoint has taken back: ours of a kind."""
    for _, hook, *_ in connection.run_on_commit:
        if isinstance(found := getattr(hook, "__self__", None), kind):
            yield found


def _reaction_of(delivery: Delivery) -> Reaction | None:
    known = _reactions.get(delivery.event.name, ())
    return next((one for one in known if name_of(one) == delivery.reaction), None)


def _backoff(attempts: int) -> timedelta:
    return timedelta(seconds=min(5 * 2 ** min(attempts, 10), _LONGEST_BACKOFF_SECONDS))
