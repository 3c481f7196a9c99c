"""Events and transfers by month, shown on a copy of an exchange with as many of each as wanted: the switch moves no
row, what the database refuses it still refuses, the verbs go on, and the questions that are asked most stay quick.

    python -m infra.bench.partition --rows 10000000
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from infra.bench import __main__ as bench
from infra.bench import months
from infra.bench.__main__ import say
from infra.bench.months import TABLES

if TYPE_CHECKING:
    from infra.bench.market import Market

_ASKED_TIMES = 20


@dataclass(frozen=True)
class Question:
    """What is asked often, as the exchange asks it, and what of."""

    name: str
    text: str
    values: Sequence[object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, ask, switch, ask again; ends with 1 when anything is not as it was."""
    parser = argparse.ArgumentParser(prog="python -m infra.bench.partition", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="Events, and as many transfers")
    rows = parser.parse_args(arguments).rows
    with ExitStack() as until, tempfile.TemporaryDirectory(prefix="comptoir-bench-") as scratch:
        bench.become_exchange(Path(scratch), until)
        from django.conf import settings
        from django.db import connection

        from infra.bench import market

        sold = market.make(buyers=2, large_bytes=1024)
        try:
            return show(settings.EXCHANGE_DATABASE_URL, sold, rows)
        finally:
            connection.close()


def show(url: str, sold: "Market", rows: int) -> int:
    """Do it, and say what it took."""
    now = datetime.now(UTC)
    until = months.first_of(now, 1)
    verbs = Verbs(sold)
    verbs.work("before")
    with psycopg.connect(url, autocommit=True) as database:
        timed("invented Events, parties and transfers", lambda: fill(database, rows, now))
        before = counts(database)
        for name, count in before.items():
            say(f"{name:60} {count:10,} rows, {size(database, name) / count:,.0f} bytes each with indexes")
        asked = list(questions(database))
        slow = {question.name: milliseconds(database, question) for question in asked}
        take(database, until, now)
        later = {question.name: milliseconds(database, question) for question in asked}
        say("\n| question | one table, ms | by month, ms |\n|---|---|---|")
        for name in slow:
            say(f"| {name} | {slow[name]:.2f} | {later[name]:.2f} |")
        found = [counts(database) == before, *refusals(database, verbs)]
    verbs.work("after")
    say(f"\n{sum(found)} of {len(found)} checks hold")
    return 0 if all(found) else 1


def take(database: psycopg.Connection, until: datetime, now: datetime) -> None:
    """Switch each table in a transaction of its own, and say how long others had to wait."""
    for table in TABLES:
        timed(f"{table.name}: prove that all rows are past", lambda: months.prepare(database, table, until))  # noqa: B023

        def switch() -> None:
            with database.transaction():
                months.switch(database, table, until)  # noqa: B023
                if table.name == "contracts_transfer":  # noqa: B023
                    months.keep_tokens(database, now - timedelta(days=1))

        timed(f"{table.name}: switch, under lock", switch)
        timed(f"{table.name}: prove the references to it", lambda: months.check_references(database, table))  # noqa: B023
    timed("look at the new tables (ANALYZE)", lambda: database.execute("ANALYZE"))


class Verbs:
    """What the exchange does all day, on the tables as they are."""

    def __init__(self, sold: "Market") -> None:
        self._sold = sold
        self.used: list[str] = []

    def work(self, when: str) -> None:
        """A download is started, and the log sealed; RuntimeError when a verb does not do what it should."""
        from django.utils import timezone

        from compliance.log.sealing import seal_batch
        from exchange.kernel.models import Event

        if self.start() is not None:
            raise RuntimeError("a download was refused")
        while seal_batch(timezone.now()):
            pass
        if Event.objects.filter(leaf_index=None).exists():
            raise RuntimeError("the sequencer leaves Events behind")
        say(f"verbs {when} the switch: a download started, its Event sealed")

    def start(self) -> str | None:
        """Start a download with a fresh token; answers the code of a refusal."""
        from django.utils import timezone

        from tests import sales

        path = self._sold.paths(self._sold.small, 1)[0]
        verdict = sales.start(path, timezone.now())
        return verdict.code


def fill(database: psycopg.Connection, rows: int, now: datetime) -> None:
    """Invent so many of each, over the year until now, by statements of a million."""
    example = database.execute(
        "SELECT convert_from(leaf, 'UTF8') FROM kernel_event WHERE name = 'transfer.started' LIMIT 1"
    ).fetchone()
    if example is None:
        raise RuntimeError("there is no Event to make others like")
    begin = datetime(now.year, 1, 1, tzinfo=UTC)
    spread = (now - timedelta(days=2) - begin).total_seconds() / rows
    database.execute(
        "SET session_replication_role = replica"
    )  # what is invented needs no look at what it names
    for first in range(0, rows, 1_000_000):
        numbers: dict[str, Any] = {
            "first": first,
            "last": min(first + 1_000_000, rows) - 1,
            "begin": begin,
            "spread": spread,
        }
        database.execute(_MOMENTS, numbers)
        database.execute(_EVENTS, {"leaf": example[0]})
        database.execute(_PARTIES)
        database.execute(_transfers(database))
        database.execute("DROP TABLE moment")
        say(f"{numbers['last'] + 1:,} rows of each")
    database.execute("SET session_replication_role = DEFAULT")
    database.execute("VACUUM ANALYZE")


_UUID = (
    "(lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || "
    "substr(md5({salt} || n), 1, 3) || '8' || substr(md5({salt} || n), 4, 15))::uuid"
)
_MOMENTS = (
    "CREATE TEMPORARY TABLE moment AS SELECT n, at, "  # noqa: S608
    + _UUID.format(salt="'event'")
    + " AS event_id, "
    + _UUID.format(salt="'transfer'")
    + " AS transfer_id FROM (SELECT n, %(begin)s::timestamptz + n * %(spread)s * interval '1 second' AS at "
    "FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n) AS given"
)
_EVENTS = (
    "INSERT INTO kernel_event (id, name, subject, at, leaf, leaf_hash, leaf_index) "
    "SELECT event_id, 'transfer.started', 'transfer:' || transfer_id, at, leaf, sha256('\\x00'::bytea || leaf), "
    "1000000000 + n FROM (SELECT moment.*, convert_to(overlay(%(leaf)s placing event_id::text from 1), 'UTF8') AS leaf "
    "FROM moment) AS made"
)
_PARTIES = (
    "INSERT INTO kernel_eventparty (event_id, participant_id) SELECT event_id, "
    "md5(((n + side) %% 1000)::text)::uuid FROM moment, generate_series(1, 2) AS side".replace("%%", "%")
)
_OF_ITS_OWN = {  # columns of a transfer that differ from the example's
    "id": "transfer_id",
    "token_id": "md5('token' || n)",
    "state": "'completed'",
    "sent_bytes": "size_bytes",
    **dict.fromkeys(("started_at", "active_at", "ended_at"), "at"),
}


def _transfers(database: psycopg.Connection) -> bytes:
    """The statement that invents a transfer for each moment, like the one that is there."""
    columns = [
        str(name)
        for (name,) in database.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'contracts_transfer'::regclass AND attnum > 0 "
            "AND NOT attisdropped"
        )
    ]
    values = ", ".join(_OF_ITS_OWN.get(name, f"example.{name}") for name in columns)
    return (
        f"INSERT INTO contracts_transfer ({', '.join(columns)}) SELECT {values} FROM moment, "  # noqa: S608
        "(SELECT * FROM contracts_transfer ORDER BY id LIMIT 1) AS example"
    ).encode()


def questions(database: psycopg.Connection) -> Iterator[Question]:
    """What the gateway, the desk, the signer and the parties ask most."""
    row = database.execute(
        "SELECT e.subject, p.participant_id, t.token_id, t.buyer_id, t.id FROM kernel_event e "
        "JOIN kernel_eventparty p ON p.event_id = e.id "
        "JOIN contracts_transfer t ON e.subject = 'transfer:' || t.id WHERE e.leaf_index >= 1000000777 LIMIT 1"
    ).fetchone()
    if row is None:
        raise RuntimeError("nothing was invented")
    subject, participant, token, buyer, transfer = row
    yield Question(
        "the Events of one transfer", "SELECT * FROM kernel_event WHERE subject = %s ORDER BY id", [subject]
    )
    yield Question(
        "a party's newest 100 Events",
        "SELECT e.* FROM kernel_event e JOIN kernel_eventparty p ON p.event_id = e.id "
        "WHERE p.participant_id = %s ORDER BY e.id DESC LIMIT 100",
        [participant],
    )
    yield Question(
        "what waits for the sequencer",
        "SELECT id FROM kernel_event WHERE leaf_index IS NULL ORDER BY id LIMIT 5000",
        [],
    )
    yield Question(
        "5,120 leaves for the signer",
        "SELECT leaf_index, leaf_hash FROM kernel_event WHERE leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index",
        [1_000_000_000, 1_000_005_120],
    )
    yield Question(
        "the transfer that a token started", "SELECT * FROM contracts_transfer WHERE token_id = %s", [token]
    )
    yield Question("a transfer by its id", "SELECT * FROM contracts_transfer WHERE id = %s", [transfer])
    yield Question(
        "a buyer's newest 100 transfers",
        "SELECT * FROM contracts_transfer WHERE buyer_id = %s ORDER BY id DESC LIMIT 100",
        [buyer],
    )


def milliseconds(database: psycopg.Connection, question: Question) -> float:
    """The median time of an answer, once it is in memory."""
    taken = []
    for _ in range(_ASKED_TIMES):
        began = time.perf_counter()
        database.execute(question.text.encode(), question.values).fetchall()
        taken.append(time.perf_counter() - began)
    return median(taken[1:]) * 1_000


def counts(database: psycopg.Connection) -> dict[str, int]:
    """How many rows each table has."""
    found = {}
    for table in TABLES:
        row = database.execute(f"SELECT count(*) FROM {table.name}".encode()).fetchone()  # noqa: S608
        found[table.name] = int(row[0]) if row else 0
    return found


def size(database: psycopg.Connection, name: str) -> int:
    """The bytes of a table on disk, indexes included."""
    row = database.execute("SELECT pg_total_relation_size(%s::regclass)", [name]).fetchone()
    return int(row[0]) if row else 0


def refusals(database: psycopg.Connection, verbs: Verbs) -> Iterator[bool]:
    """Whether the database still refuses what it refused, in the past and in a month to come."""
    soon = months.least_id(months.first_of(datetime.now(UTC), 1) + timedelta(days=1))
    columns = "id, name, subject, at, leaf, leaf_hash, leaf_index"
    add = f"INSERT INTO kernel_event ({columns}) VALUES (%s, 'x', 'x', now(), %s, %s, %s)"  # noqa: S608
    yield allowed(database, "an Event of next month", add, [soon, b"leaf", b"hash", 2_000_000_000])
    other = UUID(int=soon.int + 1)
    yield refused(database, "a place given twice within a month", add, [other, b"leaf", b"hash", 2_000_000_000])
    for name, where in (("past", "leaf_index = 1000000005"), ("next month", "leaf_index = 2000000000")):
        for act in (
            "UPDATE kernel_event SET leaf = 'x'",
            "UPDATE kernel_event SET leaf_index = 7",
            "DELETE FROM kernel_event",
        ):
            yield refused(database, f"{act.lower()} ({name})", f"{act} WHERE {where}", [])
    for table in ("kernel_event", "kernel_event_past", "kernel_eventparty_past"):
        yield refused(database, f"truncate {table}", f"TRUNCATE {table} CASCADE", [])
    party = "INSERT INTO kernel_eventparty (event_id, participant_id) VALUES (%s, gen_random_uuid())"
    yield allowed(database, "a party to an Event of next month", party, [soon])
    again = (
        "INSERT INTO contracts_transfer SELECT (jsonb_populate_record(t, jsonb_build_object('id', %s::uuid))).* "
        "FROM (SELECT t FROM contracts_transfer t ORDER BY id DESC LIMIT 1) AS newest"
    )
    yield refused(database, "a token used again in another month", again, [soon])


def allowed(database: psycopg.Connection, name: str, text: str, values: Sequence[object]) -> bool:
    return _tried(database, name, text, values) is None


def refused(database: psycopg.Connection, name: str, text: str, values: Sequence[object]) -> bool:
    return _tried(database, f"{name}: refused", text, values) is not None


def _tried(database: psycopg.Connection, name: str, text: str, values: Sequence[object]) -> str | None:
    """What the database said against it, if anything."""
    try:
        with database.transaction():
            database.execute(text.encode(), values)
            database.execute("SET CONSTRAINTS ALL IMMEDIATE")
        said = None
    except psycopg.IntegrityError as error:
        said = str(error).splitlines()[0]
    say(f"{name:60} {said or 'done'}")
    return said


def timed(name: str, act: Callable[[], object]) -> None:
    """Do it, and say how long it took."""
    began = time.perf_counter()
    act()
    say(f"{name:60} {time.perf_counter() - began:10.3f} s")


if __name__ == "__main__":
    sys.exit(main())
