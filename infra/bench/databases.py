"""Databases beside each other on the benchmark's server: an empty exchange, and what is made from it."""

from datetime import datetime
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection

from exchange.kernel import events
from infra.bench.leaves import leaves

EMPTY = "empty_exchange"
_COLUMNS = "id, name, subject, at, leaf, leaf_hash, leaf_index"
_SEALED_FROM = 1_000_000_000  # far from the places that a sequencer would give


def keep_empty() -> None:
    """Keep a copy of the exchange as it is before anything is sold."""
    connection.close()
    new(EMPTY, template=_url().rpartition("/")[2])


def new(name: str, *, template: str = "template1") -> str:
    """Make a database; answers its URL."""
    base = _url().rpartition("/")[0]
    with psycopg.connect(f"{base}/template1", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{base}/{name}"


def exchange_of(name: str, size: int) -> str:
    """An empty exchange but for so many sealed Events, of two parties each."""
    made = new(name, template=EMPTY)
    with psycopg.connect(made) as server:
        add_events(server, size, is_sealed=True)
    with psycopg.connect(made, autocommit=True) as server:
        server.execute("VACUUM ANALYZE")
    settle(made)
    return made


def add_events(server: "psycopg.Connection", size: int, *, first: int = 0, is_sealed: bool) -> None:
    """Add invented Events, from the `first` on."""
    with server.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE given (LIKE kernel_event)")
        with cursor.copy(f"COPY given ({_COLUMNS}) FROM STDIN") as copy:
            for number, (event_id, at, leaf) in enumerate(leaves(size, first), start=_SEALED_FROM + first):
                place = number if is_sealed else None
                copy.write_row(_row(UUID(event_id), at, leaf, place))
        cursor.execute(f"INSERT INTO kernel_event ({_COLUMNS}) SELECT {_COLUMNS} FROM given ORDER BY id")  # noqa: S608
        cursor.execute(
            "INSERT INTO kernel_eventparty (event_id, participant_id) "
            "SELECT given.id, md5((hashtext(given.id::text) % 500 + side)::text)::uuid "
            "FROM given, generate_series(1, 2) AS side"
        )
        cursor.execute("DROP TABLE given")


def settle(url: str = "") -> None:
    """Bring what was written to the disk, so that no case pays for the one before it."""
    with psycopg.connect(url or _url(), autocommit=True) as server:
        server.execute("CHECKPOINT")


def _row(event_id: UUID, at: datetime, leaf: bytes, place: int | None) -> tuple[object, ...]:
    return event_id, "transfer.started", f"transfer:{event_id}", at, leaf, events.leaf_hash(leaf), place


def _url() -> str:
    return str(settings.EXCHANGE_DATABASE_URL)
