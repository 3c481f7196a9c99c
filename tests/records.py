"""Rows of the officer's desk in numbers, made by the database from one that came by the log."""

from uuid import UUID

from django.db import connection

from compliance.models import TransferRecord


def multiply(transfer_id: UUID, rows: int) -> None:
    """Let the desk hold so many rows: this transfer's, and its like under ids of their own."""
    columns = [field.column for field in TransferRecord._meta.concrete_fields if not field.primary_key]
    names, table = ", ".join(columns), TransferRecord._meta.db_table
    if connection.vendor == "sqlite":
        numbers = f"WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < {rows})"
        id_of_n, one = "printf('%%032x', n.n)", transfer_id.hex
    else:
        numbers = f"WITH n AS (SELECT generate_series(2, {rows}) AS n)"
        id_of_n, one = "lpad(to_hex(n.n), 32, '0')::uuid", str(transfer_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{numbers} INSERT INTO {table} (id, {names}) "
            f"SELECT {id_of_n}, {names} FROM n, {table} WHERE {table}.id = %s",
            [one],
        )
    assert TransferRecord.objects.count() == rows
