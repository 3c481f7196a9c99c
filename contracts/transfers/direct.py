"""asyncpg's only door: one connection of this process to PostgreSQL, on the loop that serves requests, for the two
statements that every small download costs. Whoever finds it cut goes the ORM's way."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from django.conf import settings
from django.db import connection

CONNECTS_WITHIN_SECONDS = 5
TRIES_AGAIN_AFTER_SECONDS = 1.0
ANSWERS_WITHIN_SECONDS = 15

# One plan, made once: each row is found by its key. While tables are small the planner would rather read them whole,
# and would keep that plan when they have grown.
_SESSION = {
    "application_name": "comptoir-gateway",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "join_collapse_limit": "1",
    "jit": "off",
    "lock_timeout": "2s",
    "statement_timeout": "10s",
}
_LOST = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)

log = logging.getLogger("exchange.gateway")


class _Cut(Exception):
    """PostgreSQL cannot be reached, or went away: what was asked may have been done, or not."""


class Direct:
    """Connects when first asked, and again after a loss. Takes one question at a time."""

    def __init__(self) -> None:
        self._connection: asyncpg.Connection | None = None
        self._statements: dict[str, PreparedStatement] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._dead_until = 0.0

    async def write(self, statement: str, *columns: object) -> list[tuple[Any, ...]] | None:
        """Run a statement, which is a transaction of its own, and answer its rows. After a rival or a loss it is run
        once more, so it must be one that does nothing twice. None when it did not go: whatever became of it, it is
        found by whoever reads the rows anew."""
        if self._is_resting:
            return None
        for _ in range(2):
            try:
                return await self._run(statement, columns)
            except _Cut as cut:
                log.warning("the direct connection to PostgreSQL is cut (%s)", cut)
            except (asyncpg.TransactionRollbackError, asyncpg.UniqueViolationError) as rival:
                log.info("a group met a rival (%s)", type(rival).__name__)
            except asyncpg.PostgresError:
                log.exception("a group was refused whole")
                break
        return None

    @property
    def _is_resting(self) -> bool:
        """Whether it was tried in vain a moment ago."""
        loop = asyncio.get_running_loop()
        return self._loop is loop and loop.time() < self._dead_until

    async def _run(self, statement: str, columns: Sequence[object]) -> list[tuple[Any, ...]]:
        try:
            prepared = await self._prepared(statement)
            rows: list[tuple[Any, ...]] = await prepared.fetch(*columns, timeout=ANSWERS_WITHIN_SECONDS)
        except _LOST as error:
            self._hang_up()
            raise _Cut(type(error).__name__) from error
        return rows

    async def close(self) -> None:
        """Hang up for good, in good order."""
        if self._connection is not None and self._loop is asyncio.get_running_loop():
            await self._connection.close(timeout=CONNECTS_WITHIN_SECONDS)
        self._connection, self._statements = None, {}

    async def _prepared(self, statement: str) -> PreparedStatement:
        if (
            self._connection is None
            or self._connection.is_closed()
            or self._loop is not asyncio.get_running_loop()
        ):
            await self._connect()
        if (known := self._statements.get(statement)) is None:
            assert self._connection is not None
            name = f"direct_{len(self._statements)}"  # without one it would be parsed and planned each time
            known = await self._connection.prepare(statement, name=name)
            self._statements[statement] = known
        return known

    async def _connect(self) -> None:
        self._hang_up()
        loop = self._loop = asyncio.get_running_loop()
        self._dead_until = loop.time() + TRIES_AGAIN_AFTER_SECONDS
        self._connection = await asyncpg.connect(
            settings.EXCHANGE_DATABASE_URL,
            database=connection.settings_dict["NAME"],
            timeout=CONNECTS_WITHIN_SECONDS,
            statement_cache_size=0,
            server_settings=_SESSION,
        )
        self._dead_until = 0.0

    def _hang_up(self) -> None:
        gone, self._connection, self._statements = self._connection, None, {}
        if gone is not None and self._loop is not None and not self._loop.is_closed():
            gone.terminate()


def connection_of_its_own() -> Direct | None:
    """One that is not made yet; None where the exchange's database is not PostgreSQL."""
    return Direct() if connection.vendor == "postgresql" else None


def columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    """Rows as the columns that `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)]
