"""What the database itself refuses about postings, and how balances follow entries: row by row on SQLite, all entries
of a statement at once on PostgreSQL. The same walls stand on both."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, models

from exchange.kernel.triggers import Action, Guard, Trigger, TruncateGuard, append_only, frozen_but
from payments.ledger import sql
from payments.models import Account, Entry, Posting, Seal

_NOT_OPEN = "entries go into a posting that exists and is not sealed"
_OTHER_CURRENCY = "an entry has the currency of its account"
_TOO_FEW = "a posting needs two entries or more before its seal"
_UNBALANCED = "a posting must sum to zero in each currency"
_NOT_OPPOSITE = "a reversal is the exact opposite of what it reverses"
_BY_HAND = "a balance moves by entries alone"
# each posting's entries by its own index: a join by "or" would read the whole table
_DIFFERS_FROM_REVERSED = (
    "EXISTS (SELECT 1 FROM (SELECT account_id, amount_minor FROM payments_entry WHERE posting_id = NEW.id "
    "UNION ALL SELECT account_id, amount_minor FROM payments_entry WHERE "
    "posting_id = (SELECT p.reverses_id FROM payments_posting p WHERE p.id = NEW.id)) e "
    "GROUP BY e.account_id HAVING SUM(e.amount_minor) <> 0)"
)


def all_of_them() -> list[Trigger]:
    """Every trigger of the ledger. That a posting is sealed at all is the work of its deferred foreign key: without
    one, no commit."""
    return [
        sql.WholePosting(),
        *append_only(Posting),
        *append_only(Entry),
        *append_only(Seal),
        *_row_by_row(),
        *_statement_by_statement(),
        *_accounts(),
    ]


def _row_by_row() -> list[Trigger]:
    """On SQLite."""
    return [
        Guard(
            Seal,
            "two_entries",
            "INSERT",
            _TOO_FEW,
            when="(SELECT COUNT(*) FROM payments_entry e WHERE e.posting_id = NEW.id) < 2",
            only="sqlite",
        ),
        Guard(
            Seal,
            "balanced",
            "INSERT",
            _UNBALANCED,
            when="EXISTS (SELECT 1 FROM payments_entry e WHERE e.posting_id = NEW.id "
            "GROUP BY e.currency HAVING SUM(e.amount_minor) <> 0)",
            only="sqlite",
        ),
        Guard(
            Seal,
            "opposite",
            "INSERT",
            _NOT_OPPOSITE,
            when="CASE WHEN (SELECT p.reverses_id FROM payments_posting p WHERE p.id = NEW.id) IS NULL THEN "  # noqa: S608
            "FALSE "
            f"ELSE {_DIFFERS_FROM_REVERSED} END",
            only="sqlite",
        ),
        Guard(
            Entry,
            "unsealed",
            "INSERT",
            _NOT_OPEN,
            when="NOT EXISTS (SELECT 1 FROM payments_posting p LEFT JOIN payments_seal s ON s.id = p.id "
            "WHERE p.id = NEW.posting_id AND s.id IS NULL)",
            only="sqlite",
        ),
        Guard(
            Entry,
            "currency",
            "INSERT",
            _OTHER_CURRENCY,
            when="NOT EXISTS (SELECT 1 FROM payments_account a "
            "WHERE a.id = NEW.account_id AND a.currency = NEW.currency)",
            only="sqlite",
        ),
        Guard(
            Entry,
            "whole",
            "INSERT",
            "an entry is a whole number of minor units",
            when="typeof(NEW.amount_minor) <> 'integer'",
            only="sqlite",
        ),
        Action(
            Entry,
            "moves_balance",
            "UPDATE payments_account SET balance_minor = balance_minor + NEW.amount_minor "
            "WHERE id = NEW.account_id AND is_guarded",
            only="sqlite",
        ),
    ]


def _statement_by_statement() -> list[Trigger]:
    """On PostgreSQL. Each look is one statement and so one snapshot: a rival's posting is unseen, or seen with its
    seal. Guarded accounts are moved in the order of their ids: two postings then never wait for each other."""
    return [
        _Together(
            Entry,
            "stand",
            "AFTER INSERT ON payments_entry REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT",
            "DECLARE are_open boolean; are_alike boolean; moved record;",
            "SELECT bool_and(EXISTS (SELECT FROM payments_posting p WHERE p.id = e.posting_id) "  # noqa: S608
            "AND NOT EXISTS (SELECT FROM payments_seal s WHERE s.id = e.posting_id)), "
            "bool_and((SELECT a.currency FROM payments_account a WHERE a.id = e.account_id) "
            "IS NOT DISTINCT FROM e.currency) INTO are_open, are_alike FROM fresh e; "
            f"IF NOT are_open THEN {_refuse(_NOT_OPEN)} END IF; "
            f"IF NOT are_alike THEN {_refuse(_OTHER_CURRENCY)} END IF; "
            "FOR moved IN SELECT e.account_id, sum(e.amount_minor) AS minor FROM fresh e "
            "WHERE (SELECT a.is_guarded FROM payments_account a WHERE a.id = e.account_id) "
            "GROUP BY e.account_id ORDER BY e.account_id LOOP "
            "UPDATE payments_account SET balance_minor = balance_minor + moved.minor WHERE id = moved.account_id; "
            "END LOOP; RETURN NULL;",
            before=("unsealed", "currency", "moves_balance"),
        ),
        _Together(
            Seal,
            "stands",
            "BEFORE INSERT ON payments_seal FOR EACH ROW",
            "DECLARE entries bigint; is_balanced boolean;",
            "SELECT sum(one.entries), bool_and(one.minor = 0) INTO entries, is_balanced FROM "  # noqa: S608
            "(SELECT count(*) AS entries, sum(e.amount_minor) AS minor FROM payments_entry e "
            "WHERE e.posting_id = NEW.id GROUP BY e.currency) one; "
            f"IF entries IS NULL OR entries < 2 THEN {_refuse(_TOO_FEW)} END IF; "
            f"IF NOT is_balanced THEN {_refuse(_UNBALANCED)} END IF; "
            "IF (SELECT p.reverses_id FROM payments_posting p WHERE p.id = NEW.id) IS NOT NULL "
            f"AND {_DIFFERS_FROM_REVERSED} THEN {_refuse(_NOT_OPPOSITE)} END IF; RETURN NEW;",
            before=("two_entries", "balanced", "opposite"),
        ),
    ]


def _accounts() -> list[Trigger]:
    """A balance follows entries and nothing else. PostgreSQL knows that another trigger is at work; SQLite is
    shown the newest entry, whose posting is still open."""
    return [
        *frozen_but(Account, "balance_minor"),
        TruncateGuard(Account),
        Guard(Account, "opens_empty", "INSERT", "an account opens empty", when="NEW.balance_minor <> 0"),
        Guard(
            Account,
            "by_hand",
            "UPDATE",
            _BY_HAND,
            when="pg_trigger_depth() < 2",
            frozen=("balance_minor",),
            only="postgresql",
        ),
        Guard(
            Account,
            "by_hand",
            "UPDATE",
            _BY_HAND,
            when="NOT EXISTS (SELECT 1 FROM payments_entry e "
            "WHERE e.rowid = (SELECT MAX(rowid) FROM payments_entry) AND e.account_id = NEW.id "
            "AND e.amount_minor = NEW.balance_minor - OLD.balance_minor "
            "AND NOT EXISTS (SELECT 1 FROM payments_seal s WHERE s.id = e.posting_id))",
            frozen=("balance_minor",),
            only="sqlite",
        ),
    ]


@dataclass(frozen=True)
class _Together:
    """Several walls in one trigger of PostgreSQL, which takes the place of those that stood `before` it, one by one."""

    model: type[models.Model]
    label: str
    when: str
    declared: str
    body: str
    before: Sequence[str]

    def names(self) -> list[str]:
        return [f"{self._table}_{self.label}"] if connection.vendor == "postgresql" else []

    @property
    def _table(self) -> str:
        return self.model._meta.db_table

    def statements(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        name = f"{self._table}_{self.label}"
        return [
            *(f"DROP TRIGGER IF EXISTS {self._table}_{label} ON {self._table}" for label in self.before),
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {self.declared} "
            f"BEGIN {self.body} END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {self._table}",
            f"CREATE TRIGGER {name} {self.when} EXECUTE FUNCTION {name}()",
        ]


def _refuse(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"
