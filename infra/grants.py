"""What the exchange's processes may do in PostgreSQL, as a role that owns nothing: it cannot change or delete what must
stay, whatever the code does. Taken from the models and their triggers, so that no table is forgotten."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction

from exchange.kernel import triggers
from exchange.kernel.triggers import Guard

_MIGRATIONS = "django_migrations"
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Rights:
    """What the role may do with a table besides reading it and adding to it; `updates` are columns, None: all."""

    table: str
    updates: tuple[str, ...] | None
    may_delete: bool

    def statement(self, role: str) -> str:
        columns = "" if self.updates is None else f" ({', '.join(self.updates)})"
        update = "" if self.updates == () else f", UPDATE{columns}"
        delete = ", DELETE" if self.may_delete else ""
        return f"GRANT SELECT, INSERT{update}{delete} ON {self.table} TO {role}"


def rights() -> Iterator[Rights]:
    """The rights on every table of the models, less what a trigger refuses in every case."""
    guards = [trigger for trigger in triggers.registered() if isinstance(trigger, Guard) and not trigger.when]
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        own = [guard for guard in guards if guard.model is model and guard.only != "sqlite"]
        yield Rights(
            model._meta.db_table,
            _updates(model, [guard for guard in own if guard.operation == "UPDATE"]),
            may_delete=not any(guard.operation == "DELETE" for guard in own),
        )


def statements(role: str) -> list[str]:
    """The SQL that gives `role` these rights and takes every other from it."""
    if not _ROLE.fullmatch(role):
        raise ImproperlyConfigured(f"{role!r} is no name of a role: small letters, digits and _ alone")
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"REVOKE ALL ON SCHEMA public FROM {role}",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"GRANT SELECT ON {_MIGRATIONS} TO {role}",
        *(right.statement(role) for right in rights()),
    ]


@transaction.atomic
def apply(role: str) -> None:
    """Give `role` its rights, all or none."""
    given = statements(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            raise ImproperlyConfigured(f"there is no role {role}: CREATE ROLE {role} LOGIN makes it")
        if _keeps_every_right(role):
            raise ImproperlyConfigured(
                f"{role} is a superuser or owns the tables, so nothing can be kept from it; take another role"
            )
        for statement in given:
            cursor.execute(statement)


def is_restricted() -> bool:
    """Whether we are such a role: the tables are there, and another owns them."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL, current_user", [_MIGRATIONS])
        exists, role = cursor.fetchone()
    return bool(exists) and not _keeps_every_right(role)


def lacking() -> list[str]:
    """The tables on which we lack a right that our code needs, as after a newer version whose rights were not given."""
    with connection.cursor() as cursor:
        return [right.table for right in rights() if not all(_has(cursor, right))]


def _updates(model: type[models.Model], guards: list[Guard]) -> tuple[str, ...] | None:
    if not guards:
        return None
    frozen = {column for guard in guards for column in guard.frozen or triggers.columns(model)}
    return tuple(column for column in triggers.columns(model) if column not in frozen)


def _has(cursor: object, right: Rights) -> Iterator[bool]:
    wanted = ["SELECT", "INSERT", *(["DELETE"] if right.may_delete else [])]
    asked = [("has_table_privilege(%s, %s)", [right.table, name]) for name in wanted]
    if right.updates is None:
        asked.append(("has_table_privilege(%s, %s)", [right.table, "UPDATE"]))
    asked += [
        ("has_column_privilege(%s, %s, %s)", [right.table, name, "UPDATE"]) for name in right.updates or ()
    ]
    for question, values in asked:
        cursor.execute(f"SELECT {question}", values)  # type: ignore[attr-defined]
        yield bool(cursor.fetchone()[0])  # type: ignore[attr-defined]


def _keeps_every_right(role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(%s, relowner, 'MEMBER') FROM pg_class WHERE oid = to_regclass(%s)",
            [role, _MIGRATIONS],
        )
        found = cursor.fetchone()
    return found is not None and bool(found[0])
