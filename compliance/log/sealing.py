"""The sequencer: gives each Event that has none its place in the year's log, in batches, one transaction each.
It takes what has no place, never what is later than the last: commits do not come in the order of ids."""

from datetime import datetime

from django.db import connection, transaction

from compliance.log import names
from compliance.log.proofs import Frontier
from compliance.models import Log, LogHead
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event

LARGEST_BATCH = 5_000
_EVENTS = Event._meta.db_table
_GIVE_PLACES = f"""
UPDATE {_EVENTS} SET leaf_index = given.place FROM (
    SELECT id, %s - 1 + row_number() OVER (ORDER BY id) AS place
    FROM (SELECT id FROM {_EVENTS} WHERE leaf_index IS NULL ORDER BY id LIMIT %s) AS waiting
) AS given WHERE {_EVENTS}.id = given.id RETURNING leaf_index, leaf_hash
"""  # noqa: S608
_LOCK = int.from_bytes(b"sequence")  # of all advisory locks in this database, the sequencer's


def seal_batch(now: datetime, at_most: int = LARGEST_BATCH) -> int:
    """Seal up to `at_most` Events into the log of the year; answers how many.

    Zero when nothing waits, or when another sequencer is at it.
    """
    # Asked outside the transaction, so that an idle sequencer takes no write lock.
    if not Event.objects.filter(leaf_index=None).exists():
        return 0
    with transaction.atomic():
        if not is_alone():
            return 0
        log, frontier = open_log(now)
        sealed = _give_places(log.first_index + frontier.size, at_most)
        if not sealed:
            return 0
        frontier = frontier.append(sealed)
        LogHead.objects.create(
            log=log, size=frontier.size, root=frontier.root(), frontier=frontier.to_bytes(), sealed_at=now
        )
    return len(sealed)


def is_alone(*, waits: bool = False) -> bool:
    """Whether this transaction is the only sequencer, at last where it `waits`; on SQLite, having the write lock
    says so."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def open_log(now: datetime) -> tuple[Log, Frontier]:
    """The log that grows now, and its frontier; the first batch of a year opens the year's own."""
    newest = Log.objects.order_by("-name").first()
    head = LogHead.objects.filter(log=newest).order_by("-size").first()
    frontier = Frontier.from_bytes(bytes(head.frontier)) if head else Frontier()
    if newest and names.year_of(newest.name) >= now.year:
        return newest, frontier
    first_index = newest.first_index + frontier.size if newest else 0
    name = str(now.year)
    opened = Log.objects.create(name=name, origin=names.origin_of(name), first_index=first_index, opened_at=now)
    ended = {"ended_size": str(frontier.size), "ended_root": frontier.root().hex()} if newest else {}
    events.record("log.opened", opened, by=Actor.system("sequencer", at=now), facts=ended)
    return opened, Frontier()


def _give_places(first: int, at_most: int) -> list[bytes]:
    """Write the leaf_index of Events that have none, the oldest first: contiguous, from `first` on. Answers the hashes
    of their leaves in that order."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_PLACES, [first, at_most])
        given = sorted(cursor.fetchall())
    if [place for place, _ in given] != list(range(first, first + len(given))):
        raise RuntimeError(f"Events were to get the places from {first} on, without a gap; they did not")
    return [bytes(leaf_hash) for _, leaf_hash in given]
