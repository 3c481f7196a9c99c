"""Tables by month on PostgreSQL, without a rewrite: a table that is there becomes the first partition of one by ranges
of its time-ordered key, and every month after it gets its own. Nothing here is run by the exchange itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

PAST = "past"
ADVANCE_MONTHS = 3


@dataclass(frozen=True)
class Table:
    """What is partitioned: by which key, and which unique columns lack it and so hold within a month alone."""

    name: str
    key: str = "id"
    primary: tuple[str, ...] = ("id",)
    unique_within: tuple[str, ...] = ()

    def partition(self, of: str) -> str:
        return f"{self.name}_{of}"


TABLES = (
    Table("kernel_event", unique_within=("leaf_index",)),
    Table("kernel_eventparty", key="event_id", primary=("participant_id", "event_id")),
    Table("contracts_transfer", unique_within=("token_id",)),
)


@dataclass(frozen=True)
class Reference:
    """A foreign key that points at a table."""

    table: str
    name: str
    definition: str


def first_of(month: datetime, after: int = 0) -> datetime:
    """The first moment of a month, or of one after it."""
    years, number = divmod(month.year * 12 + month.month - 1 + after, 12)
    return datetime(years, number + 1, 1, tzinfo=UTC)


def least_id(moment: datetime) -> UUID:
    """The least UUIDv7 that can be made from this moment on."""
    return UUID(int=round(moment.timestamp() * 1_000) << 80)


def prepare(database: psycopg.Connection, table: Table, until: datetime) -> None:
    """Prove that all rows are older than `until`, while everybody goes on reading and writing."""
    name, key = Identifier(table.name), Identifier(table.key)
    check, bound = Identifier(f"{table.name}_is_past"), Literal(least_id(until))
    database.execute(
        SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} < {}) NOT VALID").format(name, check, key, bound)
    )
    database.execute(SQL("ALTER TABLE {} VALIDATE CONSTRAINT {}").format(name, check))


def switch(database: psycopg.Connection, table: Table, until: datetime) -> None:
    """In the open transaction: make the table the first partition, and months for what comes. Moves no row."""
    past, name = Identifier(table.partition(PAST)), Identifier(table.name)
    is_past = Identifier(f"{table.name}_is_past")
    pointing, triggers = list(references(database, table.name)), _triggers(database, table.name)
    for reference in pointing:
        database.execute(SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*_names(reference)))
    for trigger, _ in triggers:
        database.execute(SQL("DROP TRIGGER {} ON {}").format(Identifier(trigger), name))
    indexes, keys = _shared_indexes(database, table), _foreign_keys(database, table.name)
    database.execute(SQL("ALTER TABLE {} RENAME TO {}").format(name, past))
    database.execute(
        SQL(
            "CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ({})"
        ).format(name, past, Identifier(table.key))
    )
    database.execute(SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(name, is_past))
    primary = SQL(", ").join(map(Identifier, table.primary))
    database.execute(SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(name, primary))
    for definition in indexes:
        database.execute(definition.encode())
    for reference in keys:
        database.execute(_add(reference, table.name))
    database.execute(_attach(table, PAST, None, until))
    database.execute(SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(past, is_past))
    for _, definition in triggers:
        database.execute(definition.encode())
    _guard_truncate(database, table, PAST)
    for after in range(ADVANCE_MONTHS):
        add_month(database, table, first_of(until, after))
    for reference in pointing:
        database.execute(_add(reference, reference.table, is_checked=False))


def keep_tokens(database: psycopg.Connection, since: datetime) -> None:
    """In the open transaction: let a table of its own say which tokens have started a transfer, since a month's unique
    column says it of that month alone. What is older than a token may live can be deleted from it."""
    database.execute(
        "CREATE TABLE contracts_transfer_token (token_id varchar(64) PRIMARY KEY, started_at timestamptz NOT NULL)"
    )
    database.execute(
        "INSERT INTO contracts_transfer_token SELECT token_id, started_at FROM contracts_transfer "
        "WHERE id >= %s AND started_at >= %s",
        [least_id(since), since],
    )
    database.execute(
        "CREATE FUNCTION contracts_transfer_token() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "
        "contracts_transfer_token VALUES (NEW.token_id, NEW.started_at); RETURN NULL; END $$"
    )
    database.execute(
        "CREATE TRIGGER contracts_transfer_token AFTER INSERT ON contracts_transfer "
        "FOR EACH ROW EXECUTE FUNCTION contracts_transfer_token()"
    )


def check_references(database: psycopg.Connection, table: Table) -> None:
    """Prove the foreign keys that point at a table, while everybody goes on."""
    for reference in references(database, table.name):
        database.execute(SQL("ALTER TABLE {} VALIDATE CONSTRAINT {}").format(*_names(reference)))


def add_month(database: psycopg.Connection, table: Table, month: datetime) -> None:
    """A partition for one month, with the unique columns that hold within it, and its guard against TRUNCATE."""
    word = f"{month:%Y_%m}"
    own = Identifier(table.partition(word))
    database.execute(
        SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
            own, Identifier(table.name), Literal(least_id(month)), Literal(least_id(first_of(month, 1)))
        )
    )
    for column in table.unique_within:
        database.execute(SQL("CREATE UNIQUE INDEX ON {} ({})").format(own, Identifier(column)))
    _guard_truncate(database, table, word)


def references(database: psycopg.Connection, name: str) -> Iterator[Reference]:
    """The foreign keys of other tables that point at this one."""
    yield from (
        Reference(*row)
        for row in database.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND confrelid = %s::regclass AND conparentid = 0",
            [name],
        )
    )


def _foreign_keys(database: psycopg.Connection, name: str) -> Sequence[Reference]:
    rows = database.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = %s::regclass AND conparentid = 0",
        [name],
    )
    return [Reference(*row) for row in rows]


def _triggers(database: psycopg.Connection, name: str) -> list[tuple[str, str]]:
    rows = database.execute(
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
        [name],
    )
    return [(str(trigger), str(definition)) for trigger, definition in rows]


def _shared_indexes(database: psycopg.Connection, table: Table) -> list[str]:
    """The definitions of the indexes that every partition has; those there are taken over as they are."""
    rows = database.execute(
        "SELECT pg_get_indexdef(indexrelid), indisunique, "
        "ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = indrelid AND attnum = ANY(indkey)) "
        "FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table.name],
    )
    found = []
    for definition, is_unique, columns in rows:
        if not is_unique or table.key in columns:
            unique, _, rest = str(definition).partition("INDEX ")
            found.append(f"{unique}INDEX ON {rest.partition(' ON ')[2]}")
    return found


def _attach(table: Table, of: str, begin: datetime | None, end: datetime) -> Composed:
    least = SQL("MINVALUE") if begin is None else Literal(least_id(begin))
    return SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
        Identifier(table.name), Identifier(table.partition(of)), least, Literal(least_id(end))
    )


def _guard_truncate(database: psycopg.Connection, table: Table, of: str) -> None:
    """A partition may be truncated past the guard of the whole, so each has its own."""
    own = Identifier(table.partition(of))
    guard = f"{table.name}_truncate"
    found = database.execute("SELECT 1 FROM pg_proc WHERE proname = %s", [guard]).fetchone()
    if found:
        database.execute(
            SQL("CREATE TRIGGER {} BEFORE TRUNCATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION {}()").format(
                Identifier(f"{table.partition(of)}_truncate"), own, Identifier(guard)
            )
        )


def _names(reference: Reference) -> tuple[Identifier, Identifier]:
    return Identifier(reference.table), Identifier(reference.name)


def _add(reference: Reference, table: str, *, is_checked: bool = True) -> Composed:
    not_yet = SQL("") if is_checked else SQL(" NOT VALID")
    definition = SQL(reference.definition)  # as PostgreSQL itself wrote it
    return SQL("ALTER TABLE {} ADD CONSTRAINT {} {}{}").format(
        Identifier(table), Identifier(reference.name), definition, not_yet
    )
