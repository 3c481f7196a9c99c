"""A desk with as many transfers as wanted, by statements of the database: each of its own recipient under its own right
and contract, with what the follower would have summed up of them."""

from dataclasses import dataclass
from importlib import import_module
from uuid import UUID

from django.db import connection, models

from compliance.models import (
    AgreedUse,
    DayCount,
    Duty,
    Flow,
    NoticeRow,
    Recipient,
    RecipientNotice,
    RecipientRight,
    RecordsMark,
    TransferRecord,
)

SECONDS_OF_MONTHS = 25_000_000
CONTRACTS = 100
ODD = 1_000
"""One in so many transfers is cut, goes elsewhere, or is a duty that is late."""


@dataclass(frozen=True)
class Spoken:
    """How a database says what both mean."""

    numbers: str
    of_n: str
    at: str

    @classmethod
    def of(cls, prefix: str, first: int, last: int) -> "Spoken":
        if connection.vendor == "sqlite":
            numbers = f"RECURSIVE n(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM n WHERE n < {last})"
            of_n = f"'{prefix}' || printf('%%012x', n.n)"
            return cls(numbers, of_n, "datetime('2026-01-03', '+' || ({seconds}) || ' seconds')")
        of_n = f"('{prefix}' || lpad(to_hex(n.n), 12, '0'))::uuid"
        at = "timestamptz '2026-01-03 00:00:00+00' + ({seconds}) * interval '1 second'"
        return cls(f"n AS (SELECT generate_series({first}::bigint, {last}) AS n)", of_n, at)

    def seconds(self, value: str) -> str:
        return self.at.format(seconds=value)


def transfers(seller_id: UUID, dataset_id: UUID, revision_id: UUID, *, first: int, last: int) -> None:
    """Let the desk hold the transfers of these numbers, and whatever follows from them."""
    said = Spoken.of(dataset_id.hex[:20], first, last)
    started = said.seconds(f"(n.n * 7919) %% {SECONDS_OF_MONTHS}")
    ended = said.seconds(f"(n.n * 7919) %% {SECONDS_OF_MONTHS} + 60")
    is_odd = f"n.n %% {ODD} = 0"
    known = {
        "id": said.of_n,
        "dataset_id": _uuid(dataset_id),
        "revision_id": _uuid(revision_id),
        "asset_id": _uuid(revision_id),
        "seller_id": _uuid(seller_id),
        **dict.fromkeys(("buyer_id", "entitlement_id", "agreement_id", "last_transfer_id"), said.of_n),
        "result": f"CASE WHEN {is_odd} THEN 'interrupted' ELSE 'completed' END",
        "reason": "''",
        "personal_data": "'personal'",
        "country_from": "'FR'",
        "country_to": f"CASE WHEN {is_odd} THEN 'US' ELSE 'DE' END",
        "country": "'DE'",
        "mechanism": f"CASE WHEN {is_odd} THEN 'scc' ELSE 'eea' END",
        "purpose": "'research'",
        "legal_basis": "'6.1.a'",
        "size_bytes": "1000",
        "sent_bytes": f"CASE WHEN {is_odd} THEN 600 ELSE 1000 END",
        **dict.fromkeys(("started_at", "first_at", "signed_at"), started),
        "last_at": ended,
        "delete_by": f"CASE WHEN {is_odd} THEN {started} ELSE {said.seconds('60000000')} END",
        "first_leaf": "0",
        "last_leaf": "0",
        "signed_leaf": "n.n",
        "transfers": "1",
        "running": "0",
        "affiliates": "0",
        "duration_days": "365",
        "deletion_days": "30",
    }
    for model in (TransferRecord, Recipient, RecipientRight, Duty):
        _insert(model, said.numbers, known)
    if first <= CONTRACTS:  # of which a register says each
        _insert(AgreedUse, Spoken.of(dataset_id.hex[:20], first, CONTRACTS).numbers, known)
    _sum_up()


def notice_rows(notice: RecipientNotice, *, first: int, last: int, state: str) -> None:
    """Give a notice the rows of the recipients of these numbers."""
    said = Spoken.of(notice.dataset_id.hex[:20], first, last)
    own = Spoken.of(notice.pk.hex[:20], first, last)
    is_told, is_closed = state != "queued", state in ("done", "impossible")
    known = {
        "id": own.of_n,
        "notice_id": _uuid(notice.pk),
        "buyer_id": said.of_n,
        "state": f"'{state}'",
        "is_whole": "TRUE",
        "contradiction": "''",
        "reason": "''",
        "reminders": "0",
        "received_at": said.seconds("0"),
        **({"sent_at": said.seconds("60"), "looked_at": said.seconds("n.n")} if is_told else {}),
        **({"closed_at": said.seconds("120")} if is_closed else {}),
    }
    _insert(NoticeRow, said.numbers, known)


def analyse() -> None:
    """Let the database learn what it holds, as it does by itself in time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _insert(model: type[models.Model], numbers: str, known: dict[str, str]) -> None:
    columns = [field.column for field in model._meta.concrete_fields if field.column in known]
    values = ", ".join(known[column] for column in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        # Parameters, though there are none, let "%%" mean one per cent sign on both.
        statement = f"WITH {numbers} INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM n"
        if connection.vendor == "postgresql":
            statement = f"INSERT INTO {table} ({', '.join(columns)}) WITH {numbers} SELECT {values} FROM n"
        cursor.execute(f"{statement} WHERE TRUE ON CONFLICT DO NOTHING", [])


def _sum_up() -> None:
    from django.apps import apps

    leaves = RecordsMark.objects.values_list("leaves", flat=True).get()
    Flow.objects.all().delete()
    DayCount.objects.all().delete()
    import_module("compliance.migrations.0017_records_of_processing").sum_up_flows(apps, None)
    import_module("compliance.migrations.0028_days_counted").sum_up_days(apps, None)
    RecordsMark.objects.update(leaves=leaves)


def _uuid(given: UUID) -> str:
    return f"'{given.hex}'" if connection.vendor == "sqlite" else f"'{given}'::uuid"
