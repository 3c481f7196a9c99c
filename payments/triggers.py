"""What the database itself refuses about money: a posting that does not balance or changes, an account moved by
hand, a frozen charge rewritten. The same walls stand on SQLite and on PostgreSQL."""

from exchange.kernel.triggers import (
    Guard,
    Trigger,
    TruncateGuard,
    append_only,
    columns,
    frozen_but,
)
from payments.invoices import triggers as invoice_triggers
from payments.ledger import triggers as ledger_triggers
from payments.models import (
    Arrear,
    Charge,
    Coupon,
    CouponUse,
    Dispute,
    Hold,
    Operation,
    PaymentMethod,
    Payout,
    PayoutAccount,
    ProviderEvent,
    RatedPeriod,
    Refund,
    Remittance,
    Share,
    Split,
    Subscription,
    Usage,
)
from payments.reconciliation import triggers as reconciliation_triggers


def all_of_them() -> list[Trigger]:
    """Every trigger of this app."""
    return [
        *ledger_triggers.all_of_them(),
        *_charges_and_holds(),
        *_refunds(),
        *_inbox(),
        *_operations(),
        *_splits(),
        *_payouts(),
        *_subscriptions(),
        *_coupons(),
        *invoice_triggers.all_of_them(),
        *reconciliation_triggers.all_of_them(),
    ]


def _charges_and_holds() -> list[Trigger]:
    return [
        *frozen_but(Charge, "state", "provider_reference", "failure", "paid_at", "refunded_minor"),
        TruncateGuard(Charge),
        Guard(
            Charge,
            "stays_paid",
            "UPDATE",
            "a paid charge stays paid",
            when="OLD.state = 'paid'",
            frozen=columns(Charge, but=("refunded_minor",)),
        ),
        *frozen_but(Hold, "state", "reason", "closed_at", "kept", "kept_minor", "checked_at", "overdue_at"),
        TruncateGuard(Hold),
        Guard(
            Hold,
            "stays_closed",
            "UPDATE",
            "a released or returned hold stays so, unless money came back to it",
            when="OLD.state IN ('released', 'returned') "
            "AND NOT (NEW.state = 'contested' AND NEW.kept_minor > 0)",
            frozen=columns(Hold),
        ),
        Guard(
            Hold,
            "keeps_nothing_closed",
            "UPDATE",
            "a released or returned hold keeps nothing",
            when="NEW.state IN ('released', 'returned') AND NEW.kept_minor <> 0",
        ),
    ]


def _refunds() -> list[Trigger]:
    """What a refund or a lost dispute takes from whom is frozen once it was booked."""
    shares = ("net_minor", "tax_minor", "fee_minor", "parts", "is_from_hold")
    moves = ("state", "provider_reference", "decided_by", "answer", "failure", "created_at", "ended_at")
    return [
        *frozen_but(Refund, *shares, *moves),
        TruncateGuard(Refund),
        Guard(
            Refund,
            "booked",
            "UPDATE",
            "what a refund takes is frozen once it was booked",
            when="OLD.state <> 'requested'",
            frozen=(*shares, "decided_by", "created_at"),
        ),
        Guard(
            Refund,
            "stays_over",
            "UPDATE",
            "a declined or failed refund stays so",
            when="OLD.state IN ('declined', 'failed')",
            frozen=columns(Refund),
        ),
        *frozen_but(Dispute, *shares, "state", "cost_minor", "allotted_minor", "evidence_due_at", "ended_at"),
        TruncateGuard(Dispute),
        Guard(
            Dispute,
            "stays_decided",
            "UPDATE",
            "a dispute that was won or lost stays so",
            when="OLD.state <> 'open'",
            frozen=columns(Dispute),
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


def _operations() -> list[Trigger]:
    """What was asked of a provider is what is asked again."""
    is_over = "OLD.state IN ('done', 'failed')"
    return [
        *frozen_but(
            Operation, "state", "provider_reference", "url", "attempts", "failure", "sent_at", "ended_at"
        ),
        TruncateGuard(Operation),
        Guard(
            Operation,
            "stays_over",
            "UPDATE",
            "an operation that is over stays so",
            when=is_over,
            frozen=columns(Operation),
        ),
        *frozen_but(PaymentMethod, "ended_at"),
        TruncateGuard(PaymentMethod),
        Guard(
            PaymentMethod,
            "stays_ended",
            "UPDATE",
            "a way to pay that ended stays so",
            when="OLD.ended_at IS NOT NULL",
        ),
    ]


def _subscriptions() -> list[Trigger]:
    """A plan is frozen with its subscription; what was used and what it came to is never written anew."""
    return [
        *frozen_but(
            Subscription,
            *("state", "number", "period_starts_at", "next_at", "last_period", "renewed_by", "renewed_at"),
            *("reminded_of", "cancelled_at", "cap_minor", "ended_at"),
        ),
        TruncateGuard(Subscription),
        Guard(
            Subscription,
            "stays_ended",
            "UPDATE",
            "a subscription that has ended stays so",
            when="OLD.state = 'ended'",
            frozen=columns(Subscription),
        ),
        *append_only(Usage),
        Guard(
            Usage,
            "of_rated_period",
            "INSERT",
            "a period that was rated takes no more usage",
            when="EXISTS (SELECT 1 FROM payments_ratedperiod r "
            "WHERE r.subscription_id = NEW.subscription_id AND r.period = NEW.period)",
        ),
        *append_only(RatedPeriod),
        *frozen_but(Arrear, "reminders", "next_at", "closed_at"),
        TruncateGuard(Arrear),
    ]


def _splits() -> list[Trigger]:
    """A version counts only when its parts are whole and accepted by all; what was accepted stays."""
    return [
        *frozen_but(Split, "state", "reason", "decided_at", "ended_at"),
        TruncateGuard(Split),
        Guard(
            Split,
            "accepted_by_all",
            "UPDATE",
            "a split counts once its parts make 10000 basis points and every party has accepted",
            when="NEW.state = 'in_force' AND OLD.state <> 'in_force' AND "
            "(SELECT COALESCE(SUM(CASE WHEN s.accepted_at IS NULL THEN 20000 ELSE s.basis_points END), 0) "
            "FROM payments_share s WHERE s.split_id = NEW.id) <> 10000",
        ),
        Guard(
            Split,
            "stays_over",
            "UPDATE",
            "a split that is over stays so",
            when="OLD.state IN ('declined', 'withdrawn', 'superseded')",
        ),
        *frozen_but(Share, "accepted_by", "accepted_at"),
        TruncateGuard(Share),
        Guard(Share, "once", "UPDATE", "a share is accepted once", when="OLD.accepted_at IS NOT NULL"),
        Guard(
            Share,
            "proposed",
            "INSERT",
            "shares belong to a split that is proposed",
            when="NOT EXISTS (SELECT 1 FROM payments_split s WHERE s.id = NEW.split_id AND s.state = 'proposed')",
        ),
    ]


def _payouts() -> list[Trigger]:
    answers = ("state", "provider_reference", "failure", "submitted_at", "ended_at")
    return [
        *frozen_but(
            PayoutAccount,
            *("state", "provider_reference", "requirements", "failures"),
            *("bank_sealed", "bank_hint", "pays_from"),
        ),
        TruncateGuard(PayoutAccount),
        Guard(
            PayoutAccount,
            "stays_rejected",
            "UPDATE",
            "a rejected payout account stays so",
            when="OLD.state = 'rejected'",
        ),
        *frozen_but(Payout, *answers, "batch", "approved_by", "approved_member_id", "approved_at"),
        TruncateGuard(Payout),
        Guard(
            Payout,
            "approved_once",
            "UPDATE",
            "a payout is approved once",
            when="OLD.approved_at IS NOT NULL",
            frozen=("approved_by", "approved_member_id", "approved_at"),
        ),
        Guard(
            Payout, "one_file", "UPDATE", "a payout is in one file", when="OLD.batch <> ''", frozen=("batch",)
        ),
        Guard(Payout, "stays_failed", "UPDATE", "a failed payout stays so", when="OLD.state = 'failed'"),
        *frozen_but(Remittance, "state", "decided_by", "decided_member_id", "decided_at"),
        TruncateGuard(Remittance),
        Guard(Remittance, "once", "UPDATE", "a remittance is decided once", when="OLD.state <> 'noted'"),
    ]


def _coupons() -> list[Trigger]:
    """What a coupon is good for is frozen; how often it was used only rises."""
    return [
        *frozen_but(Coupon, "used", "withdrawn_at"),
        TruncateGuard(Coupon),
        Guard(Coupon, "used_up", "UPDATE", "a use of a coupon stays", when="NEW.used < OLD.used"),
        *append_only(CouponUse),
    ]
