"""A whole posting in one statement, where the database is PostgreSQL: a function there writes posting, entries and
seal, under the same triggers as anybody's rows."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from uuid import UUID

from django.db import connection, models, transaction

from exchange.kernel.ids import new_ids
from payments.ledger.posting_rules import AccountKey
from payments.models import Posting

_FUNCTION = """
CREATE OR REPLACE FUNCTION payments_post(
    posting uuid, kind text, key text, hash text, reference text, reverses uuid, at timestamptz,
    entries uuid[], codes text[], owners uuid[], providers text[], currencies text[], minors bigint[]
) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE accounts uuid[];
BEGIN
    SELECT array_agg(coalesce(
        (SELECT a.id FROM payments_account a
            WHERE a.owner_id = l.owner_id AND a.code = l.code AND a.currency = l.currency),
        (SELECT a.id FROM payments_account a
            WHERE l.owner_id IS NULL AND a.owner_id IS NULL
            AND a.code = l.code AND a.provider = l.provider AND a.currency = l.currency)
    ) ORDER BY l.place) INTO accounts
    FROM unnest($9, $10, $11, $12) WITH ORDINALITY AS l(code, owner_id, provider, currency, place);
    IF accounts IS NULL OR array_position(accounts, NULL) IS NOT NULL THEN
        RETURN FALSE;
    END IF;
    INSERT INTO payments_posting (id, seal_id, kind, key, payload_hash, reference, reverses_id, occurred_at)
    VALUES ($1, $1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;
    INSERT INTO payments_entry (id, posting_id, account_id, amount_minor, currency)
    SELECT l.id, $1, l.account_id, l.minor, l.currency
    FROM unnest($8, accounts, $13, $12) AS l(id, account_id, minor, currency)
    ORDER BY l.account_id;
    INSERT INTO payments_seal (id) VALUES ($1);
    RETURN TRUE;
END $$
"""


class WholePosting:
    """The function, installed with the triggers that it writes under."""

    model: type[models.Model] = Posting

    def names(self) -> list[str]:
        """It is no trigger itself."""
        return []

    def statements(self, vendor: str) -> list[str]:
        return [_FUNCTION] if vendor == "postgresql" else []


_CALL = "payments_post(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_LOCK = """
SELECT FROM payments_account a WHERE a.is_guarded AND (a.owner_id, a.code, a.currency) IN (
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[])
) ORDER BY a.id FOR NO KEY UPDATE
"""
Totals = Mapping[AccountKey, int]


def write(drafts: Sequence[tuple[Posting, Totals]], *, is_apart: bool) -> list[bool]:
    """Write each draft with its entries and its seal, by one statement, as a transaction of its own where none is open;
    with `is_apart`, an open one goes on after a refusal. Which were written: none on another database; not one whose
    account is still to be opened, whose key is taken, or whose reversed posting was reversed before."""
    if connection.vendor != "postgresql" or not all(totals for _, totals in drafts):
        return [False] * len(drafts)
    apart = transaction.atomic() if is_apart and connection.in_atomic_block else nullcontext()
    with apart, connection.cursor() as cursor:
        if len(drafts) > 1:
            cursor.execute(_LOCK, _guarded(drafts))
        calls = ", ".join([_CALL] * len(drafts))
        cursor.execute(f"SELECT {calls}", [value for draft in drafts for value in _arguments(*draft)])
        written = [bool(found) for found in cursor.fetchone()]
    for (draft, _), is_written in zip(drafts, written, strict=True):
        if is_written:
            draft._state.adding, draft._state.db = False, connection.alias
    return written


def _arguments(draft: Posting, totals: Totals) -> list[str | UUID | datetime | None]:
    codes, owners, providers, currencies = zip(*totals, strict=True)
    return [
        draft.pk,
        draft.kind,
        draft.key,
        draft.payload_hash,
        draft.reference,
        draft.reverses_id,
        draft.occurred_at,
        *(_array(one) for one in (new_ids(len(totals)), codes, owners, providers, currencies, totals.values())),
    ]


def _guarded(drafts: Sequence[tuple[Posting, Totals]]) -> list[str]:
    """Whose balances may move: several postings lock them all first, in one order, or two writers of several would
    wait for each other."""
    owned = {(owner, code, currency) for _, totals in drafts for code, owner, _, currency in totals if owner}
    return [_array(column) for column in zip(*owned, strict=True)] or ["{}"] * 3


def _array(values: Iterable[object]) -> str:
    """As PostgreSQL writes an array: of ids, codes and numbers, which hold no quotes. psycopg takes as long to write
    these arrays as for all the rest of the call."""
    return "{" + ",".join("NULL" if value is None else f'"{value}"' for value in values) + "}"
