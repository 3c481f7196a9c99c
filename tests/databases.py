"""Databases for tests: migrated once per run into a template, then copied, on SQLite and PostgreSQL alike."""

import contextlib
import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.db import connections

from tests.environment import TEST_VAR_DIR
from tests.standing import standing

if TYPE_CHECKING:
    import psycopg

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
    standing.fall()
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
            copy_on_server("template1", _TEMPLATE)
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
        _drop(name)
        copy_on_server(_TEMPLATE, name)


def copy_on_server(template: str, name: str) -> None:
    """A copy of a database on PostgreSQL, file by file: that costs half of writing each page to the server's log, as
    it would since version 15."""
    with _server() as server:
        as_files = " STRATEGY FILE_COPY" if server.info.server_version >= 150_000 else ""
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}{as_files}".encode())


def _drop(name: str) -> None:
    if is_sqlite():
        for suffix in ("", "-wal", "-shm"):
            Path(_name(name) + suffix).unlink(missing_ok=True)
    else:
        drop_on_server(name)


def drop_on_server(name: str) -> None:
    """End a database on PostgreSQL, whoever still uses it."""
    with _server() as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _server() -> "psycopg.Connection[Any]":
    """The server's maintenance database."""
    import psycopg

    settings = _settings()
    return psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname="postgres", autocommit=True
    )
