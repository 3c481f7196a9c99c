"""What the database itself refuses about money: a posting that does not balance or changes, an account moved by
hand, a frozen charge rewritten. The same walls stand on SQLite and on PostgreSQL."""

from exchange.kernel.triggers import (
    Action,
    Guard,
    Trigger,
    TruncateGuard,
    append_only,
    columns,
    frozen_but,
)
from payments.models import Account, Charge, Entry, Hold, Posting, ProviderEvent, Seal


def all_of_them() -> list[Trigger]:
    """Every trigger of this app."""
    return [*_ledger(), *_accounts(), *_charges_and_holds(), *_inbox()]


def _ledger() -> list[Trigger]:
    """That a posting is sealed at all is the work of its deferred foreign key: without one, no commit."""
    return [
        *append_only(Posting),
        *append_only(Entry),
        *append_only(Seal),
        Guard(
            Seal,
            "two_entries",
            "INSERT",
            "a posting needs two entries or more before its seal",
            when="(SELECT COUNT(*) FROM payments_entry e WHERE e.posting_id = NEW.id) < 2",
        ),
        Guard(
            Seal,
            "balanced",
            "INSERT",
            "a posting must sum to zero in each currency",
            when="EXISTS (SELECT 1 FROM payments_entry e WHERE e.posting_id = NEW.id "
            "GROUP BY e.currency HAVING SUM(e.amount_minor) <> 0)",
        ),
        Guard(
            Entry,
            "unsealed",
            "INSERT",
            "entries go into a posting that exists and is not sealed",
            # one statement, one snapshot: a rival's posting is unseen here, or seen with its seal
            when="NOT EXISTS (SELECT 1 FROM payments_posting p LEFT JOIN payments_seal s ON s.id = p.id "
            "WHERE p.id = NEW.posting_id AND s.id IS NULL)",
        ),
        Guard(
            Entry,
            "currency",
            "INSERT",
            "an entry has the currency of its account",
            when="NOT EXISTS (SELECT 1 FROM payments_account a "
            "WHERE a.id = NEW.account_id AND a.currency = NEW.currency)",
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
        ),
    ]


def _accounts() -> list[Trigger]:
    """A balance follows entries and nothing else. PostgreSQL knows that another trigger is at work; SQLite is
    shown the newest entry, whose posting is still open."""
    by_hand = "a balance moves by entries alone"
    return [
        *frozen_but(Account, "balance_minor"),
        TruncateGuard(Account),
        Guard(Account, "opens_empty", "INSERT", "an account opens empty", when="NEW.balance_minor <> 0"),
        Guard(
            Account,
            "by_hand",
            "UPDATE",
            by_hand,
            when="pg_trigger_depth() < 2",
            frozen=("balance_minor",),
            only="postgresql",
        ),
        Guard(
            Account,
            "by_hand",
            "UPDATE",
            by_hand,
            when="NOT EXISTS (SELECT 1 FROM payments_entry e "
            "WHERE e.rowid = (SELECT MAX(rowid) FROM payments_entry) AND e.account_id = NEW.id "
            "AND e.amount_minor = NEW.balance_minor - OLD.balance_minor "
            "AND NOT EXISTS (SELECT 1 FROM payments_seal s WHERE s.id = e.posting_id))",
            frozen=("balance_minor",),
            only="sqlite",
        ),
    ]


def _charges_and_holds() -> list[Trigger]:
    return [
        *frozen_but(Charge, "state", "provider_reference", "failure", "paid_at"),
        TruncateGuard(Charge),
        Guard(
            Charge,
            "stays_paid",
            "UPDATE",
            "a paid charge stays paid",
            when="OLD.state = 'paid'",
            frozen=columns(Charge),
        ),
        *frozen_but(Hold, "state", "reason", "closed_at"),
        TruncateGuard(Hold),
        Guard(
            Hold,
            "stays_closed",
            "UPDATE",
            "a released or returned hold stays so",
            when="OLD.state IN ('released', 'returned')",
            frozen=columns(Hold),
        ),
    ]


def _inbox() -> list[Trigger]:
    return [
        *frozen_but(ProviderEvent, "processed_at", "outcome"),
        TruncateGuard(ProviderEvent),
        Guard(
            ProviderEvent,
            "once",
            "UPDATE",
            "a provider event is acted on once",
            when="OLD.processed_at IS NOT NULL",
        ),
    ]
