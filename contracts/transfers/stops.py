"""How a gateway hears that a right may have ended: PostgreSQL tells it by a trigger that no verb can forget, SQLite
shows that somebody has written, and the clock is asked in between whatever they say."""

import asyncio
import logging
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper

from contracts.models import Entitlement
from datasets.models import Revision
from exchange.kernel.triggers import Trigger
from exchange.participants.models import Participant

POLL_SECONDS = 0.2
LOOK_SECONDS = 0.03
AGAIN_SECONDS = 2.0
_CHANNEL = "transfers_stop"

log = logging.getLogger("exchange.gateway")


@dataclass(frozen=True)
class Announcement:
    """Tells every gateway, at commit, that rows of `model` were changed so that `when` holds (PostgreSQL)."""

    model: type[models.Model]
    when: str

    def names(self) -> list[str]:
        return [self._name] if connection.vendor == "postgresql" else []

    def statements(self, vendor: str) -> list[str]:
        if vendor == "sqlite":
            return []
        table = self.model._meta.db_table
        return [
            f"CREATE OR REPLACE FUNCTION {self._name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"PERFORM pg_notify('{_CHANNEL}', ''); RETURN NULL; END $$",
            f"DROP TRIGGER IF EXISTS {self._name} ON {table}",
            f"CREATE TRIGGER {self._name} AFTER UPDATE ON {table} FOR EACH ROW WHEN ({self.when}) "
            f"EXECUTE FUNCTION {self._name}()",
        ]

    @property
    def _name(self) -> str:
        return f"{self.model._meta.db_table}_stops"


def announcements() -> list[Trigger]:
    """A trigger for each change that ends or suspends a right."""
    return [
        Announcement(
            Entitlement,
            "OLD.state = 'active' AND (NEW.state <> 'active' OR OLD.ends_at IS DISTINCT FROM NEW.ends_at)",
        ),
        Announcement(Participant, "OLD.state = 'verified' AND NEW.state <> 'verified'"),
        Announcement(Revision, "OLD.state = 'sealed' AND NEW.state <> 'sealed'"),
    ]


class Stops:
    """One process's ear. `pause` lasts until a right may have ended."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self._file: sqlite3.Connection | None = None
        self._version = 0

    async def pause(self) -> None:
        """Until the database tells of a change, and at most POLL_SECONDS."""
        if connection.vendor == "postgresql":
            if self._listener is None or self._listener.done():
                self._listener = asyncio.get_running_loop().create_task(self._listen())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), POLL_SECONDS)
            self._told.clear()
            return
        for _ in range(round(POLL_SECONDS / LOOK_SECONDS)):
            await asyncio.sleep(LOOK_SECONDS)
            if self._has_changed():
                return

    async def close(self) -> None:
        """Hear no more."""
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        if self._file is not None:
            self._file.close()
            self._file = None

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_parameters(connection)) as line:
                    await line.execute(f"LISTEN {_CHANNEL}")
                    self._told.set()  # whatever was told before
                    async for _ in line.notifies():
                        self._told.set()
            except (psycopg.Error, OSError) as error:
                log.warning(
                    "the database does not tell of stops (%s); the gateway asks it", type(error).__name__
                )
            await asyncio.sleep(AGAIN_SECONDS)

    def _has_changed(self) -> bool:
        """Whether another connection has written; costs no lock and no read of rows."""
        try:
            if self._file is None:
                self._file = sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=0)
            version = int(self._file.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return True
        before, self._version = self._version, version
        return version != before


def _parameters(wrapper: BaseDatabaseWrapper) -> dict[str, Any]:
    """How Django connects, as psycopg's asynchronous connection takes it."""
    given: dict[str, Any] = dict(wrapper.get_connection_params())
    for name in ("cursor_factory", "context", "prepare_threshold"):
        given.pop(name, None)
    return given | {"autocommit": True}
