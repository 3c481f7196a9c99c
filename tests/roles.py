"""A PostgreSQL role as the exchange's processes run under, and what is done with its rights alone."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from infra import grants


@contextmanager
def role() -> Iterator[str]:
    """A role with its rights; roles belong to the whole server, so it goes with the block."""
    name = f"comptoir_{secrets.token_hex(4)}"
    execute(f"CREATE ROLE {name}")
    grants.apply(name)
    yield name
    execute(f"DROP OWNED BY {name}")
    execute(f"DROP ROLE {name}")


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """What the block does, it does with the role's rights alone."""
    execute(f"SET ROLE {name}")
    try:
        yield
    finally:
        execute("RESET ROLE")


def execute(statement: str) -> list[Any]:
    """Run SQL; answers its rows, if it has any."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
