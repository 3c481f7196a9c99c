"""The sequencer: gives each Event that has none its place in the year's log, in batches, one transaction each.
It takes what has no place, never what is later than the last: commits do not come in the order of ids."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from compliance import records
from compliance.log.proofs import Frontier
from compliance.models import Log, LogHead
from compliance.verifier.notes import is_key_name
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event

LARGEST_BATCH = 5_000
_LOCK = int.from_bytes(b"sequence")  # of all advisory locks in this database, the sequencer's


def seal_batch(now: datetime, at_most: int = LARGEST_BATCH) -> int:
    """Seal up to `at_most` Events into the log of the year, with the desk's rows; answers how many.

    Zero when nothing waits, or when another sequencer is at it.
    """
    waiting = Event.objects.filter(leaf_index=None)
    if not waiting.exists():  # asked outside, so that an idle sequencer takes no write lock
        return 0
    with transaction.atomic():
        if not _is_alone():
            return 0
        log, frontier = _open_log(now)
        batch = list(waiting.order_by("id").values_list("id", "name", "leaf_hash", "leaf")[:at_most])
        if not batch:
            return 0
        first = log.first_index + frontier.size
        _give_places([event_id for event_id, *_ in batch], first)
        frontier = frontier.append(bytes(leaf_hash) for _, _, leaf_hash, _ in batch)
        LogHead.objects.create(
            log=log, size=frontier.size, root=frontier.root(), frontier=frontier.to_bytes(), sealed_at=now
        )
        records.write(
            (first + place, bytes(leaf))
            for place, (_, name, _, leaf) in enumerate(batch)
            if records.is_about_transfer(name)
        )
    return len(batch)


def _is_alone() -> bool:
    """Whether this transaction is the only sequencer; on SQLite, having the write lock says so."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _open_log(now: datetime) -> tuple[Log, Frontier]:
    """The log that grows now, and its frontier; the first batch of a year opens the year's own."""
    newest = Log.objects.order_by("-year").first()
    head = LogHead.objects.filter(log=newest).order_by("-size").first()
    if newest and head and newest.year >= now.year:
        return newest, Frontier.from_bytes(bytes(head.frontier))
    first_index = newest.first_index + head.size if newest and head else 0
    opened = Log.objects.create(year=now.year, origin=_origin(now.year), first_index=first_index, opened_at=now)
    ended = {"ended_size": str(head.size), "ended_root": bytes(head.root).hex()} if head else {}
    events.record("log.opened", opened, by=Actor.system("sequencer", at=now), facts=ended)
    return opened, Frontier()


def _origin(year: int) -> str:
    name = settings.EXCHANGE_LOG_NAME or f"{urlsplit(settings.EXCHANGE_URL).netloc}/log"
    if not is_key_name(name):
        raise RuntimeError(f"EXCHANGE_LOG_NAME is {name!r}; a log's name holds no space and no plus")
    return f"{name}/{year}"


def _give_places(event_ids: Sequence[UUID], first: int) -> None:
    """Write the leaf_index of these Events: contiguous, from `first` on."""
    table, key = Event._meta.db_table, Event._meta.pk
    rows = [(first + place, key.get_db_prep_value(i, connection)) for place, i in enumerate(event_ids)]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(f"UPDATE {table} SET leaf_index = %s WHERE id = %s", rows)  # noqa: S608
        else:
            places, ids = map(list, zip(*rows, strict=True))
            cursor.execute(
                f"UPDATE {table} SET leaf_index = given.place "  # noqa: S608
                f"FROM unnest(%s::bigint[], %s::uuid[]) AS given(place, id) WHERE {table}.id = given.id",
                [places, ids],
            )
        if cursor.rowcount != len(rows):
            raise RuntimeError(f"{len(rows)} Events were to get a place in the log; {cursor.rowcount} did")
