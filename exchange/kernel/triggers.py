"""What the database itself refuses, on SQLite and PostgreSQL alike. SQLite rebuilds tables to migrate them, and a
trigger is lost with its table, or in the way where it names another: so all are installed anew after every migrate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from django.apps import AppConfig
from django.db import connection, models

Operation = Literal["INSERT", "UPDATE", "DELETE"]


class Trigger(Protocol):
    @property
    def model(self) -> type[models.Model]: ...
    def names(self) -> list[str]: ...
    def statements(self, vendor: str) -> list[str]: ...


@dataclass(frozen=True)
class Guard:
    """Refuse `operation` with `message` where `when` holds (SQL over OLD and NEW, the same on both databases
    unless the guard is for one vendor `only`; empty means always) and, for an UPDATE, one of the `frozen`
    columns would change (None: any update)."""

    model: type[models.Model]
    label: str
    operation: Operation
    message: str
    when: str = ""
    frozen: tuple[str, ...] | None = None
    only: Literal["", "sqlite", "postgresql"] = ""

    def names(self) -> list[str]:
        return [self._name] if self.only in ("", connection.vendor) else []

    @property
    def _name(self) -> str:
        return f"{self.model._meta.db_table}_{self.label}"

    def statements(self, vendor: str) -> list[str]:
        if self.only not in ("", vendor):
            return []
        name, table = self._name, self.model._meta.db_table
        condition = self._condition(vendor)
        if vendor == "sqlite":
            when = f"WHEN {condition}" if condition else ""
            return [
                f"DROP TRIGGER IF EXISTS {name}",
                f"CREATE TRIGGER {name} BEFORE {self.operation} ON {table} {when} "
                f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END",
            ]
        returned = "OLD" if self.operation == "DELETE" else "NEW"
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition or 'TRUE'} THEN RAISE EXCEPTION '{self.message}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {returned}; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE {self.operation} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]

    def _condition(self, vendor: str) -> str:
        parts = [f"({self.when})"] if self.when else []
        if self.frozen:
            differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
            parts.append("(" + " OR ".join(f"OLD.{c} {differs} NEW.{c}" for c in self.frozen) + ")")
        return " AND ".join(parts)


@dataclass(frozen=True)
class Action:
    """After each row is inserted, do `statement` (SQL over NEW, the same on both databases unless the action is for one
    vendor `only`)."""

    model: type[models.Model]
    label: str
    statement: str
    only: Literal["", "sqlite", "postgresql"] = ""

    def names(self) -> list[str]:
        return [self._name] if self.only in ("", connection.vendor) else []

    @property
    def _name(self) -> str:
        return f"{self.model._meta.db_table}_{self.label}"

    def statements(self, vendor: str) -> list[str]:
        if self.only not in ("", vendor):
            return []
        name, table = self._name, self.model._meta.db_table
        if vendor == "sqlite":
            return [
                f"DROP TRIGGER IF EXISTS {name}",
                f"CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN {self.statement}; END",
            ]
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{self.statement}; RETURN NULL; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]


@dataclass(frozen=True)
class TruncateGuard:
    """PostgreSQL's TRUNCATE passes row triggers by; this refuses it. SQLite has no such statement."""

    model: type[models.Model]

    def names(self) -> list[str]:
        return [f"{self.model._meta.db_table}_truncate"] if connection.vendor == "postgresql" else []

    def statements(self, vendor: str) -> list[str]:
        if vendor == "sqlite":
            return []
        table = self.model._meta.db_table
        name = f"{table}_truncate"
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; "
            "END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ]


def append_only(
    model: type[models.Model], *, set_once: str | None = None, kept_while: str = ""
) -> list[Trigger]:
    """No row may be changed or deleted; the column `set_once` may go from NULL to a value, once. `kept_while` is SQL
    over OLD: a row for which it is false may be deleted after all."""
    table = model._meta.db_table
    message = f"{table} is append-only"
    found: list[Trigger] = [Guard(model, "no_delete", "DELETE", message, kept_while), TruncateGuard(model)]
    if set_once is None:
        return [Guard(model, "no_update", "UPDATE", message), *found]
    return [
        Guard(model, "no_update", "UPDATE", message, frozen=columns(model, but=(set_once,))),
        Guard(model, "set_once", "UPDATE", message, when=f"OLD.{set_once} IS NOT NULL"),
        *found,
    ]


def frozen_but(model: type[models.Model], *mutable: str, when: str = "") -> list[Trigger]:
    """Rows stay, and only the `mutable` columns may change (where `when` holds)."""
    table = model._meta.db_table
    return [
        Guard(
            model,
            "frozen",
            "UPDATE",
            f"{table}: what is signed or sealed is frozen",
            when,
            columns(model, but=mutable),
        ),
        Guard(model, "no_delete", "DELETE", f"{table}: rows are kept", when),
    ]


def columns(model: type[models.Model], *, but: Iterable[str] = ()) -> tuple[str, ...]:
    """The model's columns in the database, but those named."""
    left_out = set(but)
    return tuple(f.column for f in model._meta.concrete_fields if f.column and f.column not in left_out)


_registered: dict[str, Sequence[Trigger]] = {}


def register(app_label: str, triggers: Sequence[Trigger]) -> None:
    """Take an app's triggers; called from its AppConfig.ready()."""
    _registered[app_label] = triggers


def registered() -> list[Trigger]:
    return [trigger for triggers in _registered.values() for trigger in triggers]


def lift(sender: AppConfig, *, plan: Sequence[object], **_: object) -> None:
    """Take all triggers off a SQLite that is about to be migrated (receiver of pre_migrate)."""
    if not plan or connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")


def install(sender: AppConfig, **_: object) -> None:
    """Install the triggers of the app that was just migrated (receiver of post_migrate)."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for trigger in _registered.get(sender.label, ()):
            if trigger.model._meta.db_table in existing:
                for statement in trigger.statements(connection.vendor):
                    cursor.execute(statement)
