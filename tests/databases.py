"""Databases for tests: migrated once per run into a template, then copied, on SQLite and PostgreSQL alike."""

import contextlib
import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections

from tests.environment import TEST_VAR_DIR

_TEMPLATE = "exchange_template"


def prepare(name: str) -> None:
    """Point this process at a fresh copy of the template called `name`."""
    _ensure_template()
    _copy(name)
    _use(name)


def copy_file(folder: Path) -> None:
    """Put a fresh copy of the template where an exchange with its state in `folder` looks for its database."""
    _ensure_template()
    folder.mkdir(parents=True)
    shutil.copyfile(_name(_TEMPLATE), folder / "exchange.sqlite3")


@contextlib.contextmanager
def own(name: str) -> Iterator[None]:
    """A database for one test alone, with real commits; the worker's own comes back afterwards."""
    before = _settings()["NAME"]
    _copy(name)
    _use_raw(_name(name))
    try:
        yield
    finally:
        _use_raw(before)
        _drop(name)


def _settings() -> dict[str, Any]:
    found: dict[str, Any] = connections.databases["default"]
    return found


def is_sqlite() -> bool:
    return bool(_settings()["ENGINE"].endswith("sqlite3"))


def _name(name: str) -> str:
    return str(TEST_VAR_DIR / f"{name}.sqlite3") if is_sqlite() else name


def _use(name: str) -> None:
    _use_raw(_name(name))


def _use_raw(raw: str) -> None:
    connections["default"].close()
    _settings()["NAME"] = raw
    connections["default"].settings_dict["NAME"] = raw


def _ensure_template() -> None:
    TEST_VAR_DIR.mkdir(parents=True, exist_ok=True)
    done = TEST_VAR_DIR / f"{_TEMPLATE}.done"
    with (TEST_VAR_DIR / f"{_TEMPLATE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return
        if not is_sqlite():
            _admin(f"CREATE DATABASE {_TEMPLATE}")
        before = _settings()["NAME"]
        _use(_TEMPLATE)
        call_command("migrate", verbosity=0)
        connections["default"].close()
        if is_sqlite():
            with sqlite3.connect(_name(_TEMPLATE)) as template:
                template.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _use_raw(before)
        done.touch()


def _copy(name: str) -> None:
    if is_sqlite():
        shutil.copyfile(_name(_TEMPLATE), _name(name))
    else:
        _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _admin(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")


def _drop(name: str) -> None:
    if is_sqlite():
        for suffix in ("", "-wal", "-shm"):
            Path(_name(name) + suffix).unlink(missing_ok=True)
    else:
        _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _admin(statement: str) -> None:
    """Run `statement` on the server's maintenance database, one at a time across workers."""
    import psycopg

    settings = _settings()
    with (TEST_VAR_DIR / "admin.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(
            host=settings["HOST"],
            port=settings["PORT"],
            user=settings["USER"],
            dbname="postgres",
            autocommit=True,
        ) as server:
            server.execute(statement)
