"""A log of its own for each test, the Events of transfers as the gateway records them, and the verifier as a
stranger runs it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests import databases

if TYPE_CHECKING:
    from compliance.log.signer import Signer
    from exchange.kernel.models import Event

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass(eq=False)
class Story:
    """One transfer, told Event by Event; its row is never saved, as the log knows no rows."""

    seller_id: UUID
    buyer_id: UUID
    size_bytes: int = 1_000
    at: datetime = NOW
    changed: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from contracts.models import Transfer
        from exchange.kernel.ids import new_id

        ids = {f"{noun}_id": new_id() for noun in ("entitlement", "asset", "dataset", "revision")}
        self.agreement_id = new_id()
        self.row = Transfer(
            id=new_id(),
            seller_id=self.seller_id,
            buyer_id=self.buyer_id,
            size_bytes=self.size_bytes,
            **ids,
        )

    @property
    def subject(self) -> str:
        return f"transfer:{self.row.pk}"

    def why(self) -> dict[str, Any]:
        return {
            "agreement": str(self.agreement_id),
            "class": "personal",
            "purpose": "research",
            "legal_basis": "consent",
            "country_from": "FR",
            "country_to": "DE",
            "mechanism": "eea",
            "clauses": [{"kind": "copies", "standing": "enforced", "ok": True, "reason": None}],
            "sealed": {"record": "0192f0c1-7a3b-7c4d-8e5f-0123456789ab", "sha256": "ab" * 32},
            **self.changed,
        }

    def tell(self, name: str, sent_bytes: int = 0, *, minutes: int = 0, **facts: Any) -> "Event":
        """Record "transfer.<name>"; the start says why, the rest what has left."""
        from exchange.kernel import events
        from exchange.kernel.actors import Actor

        self.row.sent_bytes = sent_bytes
        by = Actor.system("gateway", at=self.at + timedelta(minutes=minutes))
        more = self.why() if name == "started" else {}
        return events.record(f"transfer.{name}", self.row, by=by, facts={**more, **facts})

    def refused(self, code: str) -> "Event":
        """Record an attempt under the entitlement that was refused."""
        from contracts.models import Entitlement
        from exchange.kernel import events
        from exchange.kernel.actors import Actor

        entitlement = Entitlement(
            id=self.row.entitlement_id,
            agreement_id=self.agreement_id,
            dataset_id=self.row.dataset_id,
            revision_id=self.row.revision_id,
            seller_id=self.seller_id,
            buyer_id=self.buyer_id,
        )
        by = Actor.system("gateway", at=self.at)
        return events.record("transfer.refused", entitlement, by=by, facts={"code": code})

    def whole(self) -> "Story":
        """A transfer from its start to its last byte."""
        self.tell("started")
        self.tell("completed", self.size_bytes, minutes=1)
        return self


@dataclass
class PublicLog:
    """The log of one test: where it is published, and its signer."""

    public: Path
    own: Path

    def signer(self) -> "Signer":
        """A signer as after a fresh start of its process."""
        from compliance.log.signer import Signer

        return Signer.from_settings()

    def folder(self, log: int | str = 2026) -> Path:
        return self.public / str(log)

    def vkey(self, log: int | str = 2026) -> str:
        return (self.folder(log) / "vkey").read_text().strip()

    def seal(self, now: datetime = NOW) -> int:
        """Seal all that waits, and let the desk's rows follow; answers how many."""
        from compliance.follower import follow
        from compliance.log.sealing import seal_batch

        count = 0
        while sealed := seal_batch(now):
            count += sealed
        while follow():
            pass
        return count

    def publish(self, now: datetime = NOW) -> None:
        """Seal and sign all that waits."""
        self.seal(now)
        self.signer().run_once(now)


@pytest.fixture
def public_log(tmp_path: Path, settings: Any) -> PublicLog:
    settings.EXCHANGE_LOG_DIR = tmp_path / "log"
    settings.EXCHANGE_SIGNER_DIR = tmp_path / "signer"
    return PublicLog(tmp_path / "log", tmp_path / "signer")


@pytest.fixture
def story() -> Callable[..., Story]:
    """A transfer between two organisations that nobody else knows, or between those given."""
    from exchange.kernel.ids import new_id

    def make(seller_id: UUID | None = None, buyer_id: UUID | None = None, **more: Any) -> Story:
        return Story(seller_id or new_id(), buyer_id or new_id(), **more)

    return make


@pytest.fixture
def verify() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run `comptoir-verify` as its own process."""

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "compliance.verifier", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def without_triggers(database: None) -> Callable[[str], Any]:
    """Let a superuser change rows that triggers guard, and put the triggers back."""
    from django.db import connection

    @contextmanager
    def lifted(table: str) -> Iterator[None]:
        from exchange.kernel import triggers

        own = [t for t in triggers.registered() if t.model._meta.db_table == table]
        with connection.cursor() as cursor:
            for name in (name for trigger in own for name in trigger.names()):
                cursor.execute(
                    f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else f" ON {table}")
                )
            yield
            for statement in (s for trigger in own for s in trigger.statements(connection.vendor)):
                cursor.execute(statement)

    return lifted


@pytest.fixture
def backup(own_database: None, tmp_path: Path) -> Iterator[Callable[[], Callable[[], None]]]:
    """Copy the database; what is answered restores that copy in its place."""
    from django.db import connection

    copies: list[str] = []

    def take() -> Callable[[], None]:
        current = str(connection.settings_dict["NAME"])
        connection.close()
        if databases.is_sqlite():
            copy = tmp_path / "backup.sqlite3"
            with sqlite3.connect(current) as source, sqlite3.connect(copy) as target:
                source.backup(target)

            def restore() -> None:
                connection.close()
                for suffix in ("", "-wal", "-shm"):
                    Path(current + suffix).unlink(missing_ok=True)
                shutil.copyfile(copy, current)

        else:
            copies.append(f"{current}_backup")
            databases.copy_on_server(current, copies[-1])

            def restore() -> None:
                connection.close()
                databases.drop_on_server(current)
                databases.copy_on_server(copies[-1], current)

        return restore

    yield take
    for copy in copies:
        databases.drop_on_server(copy)


@pytest.fixture
def process_environment(own_database: None, public_log: PublicLog) -> dict[str, str]:
    """The environment of a process of the exchange that works on this test's database and log."""
    from django.db import connection

    given = connection.settings_dict
    url = f"sqlite:///{given['NAME']}"
    if not databases.is_sqlite():
        url = f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    return {
        **os.environ,
        "EXCHANGE_DATABASE_URL": url,
        "EXCHANGE_LOG_DIR": str(public_log.public),
        "EXCHANGE_SIGNER_DIR": str(public_log.own),
        "EXCHANGE_SEQUENCER_MILLISECONDS": "20",
    }
