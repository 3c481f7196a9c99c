"""What the database itself refuses about reconciliation: a provider's line, or a finding, rewritten afterwards."""

from exchange.kernel.triggers import Guard, Trigger, TruncateGuard, append_only, columns, frozen_but
from payments.models import BalanceLine, Difference, Reconciliation


def all_of_them() -> list[Trigger]:
    """Every trigger of these tables."""
    return [
        *append_only(BalanceLine, set_once="subject"),
        *frozen_but(Reconciliation, "state", "compared_at", "open_count"),
        TruncateGuard(Reconciliation),
        Guard(
            Reconciliation,
            "stays_done",
            "UPDATE",
            "a comparison that is done stays so",
            when="OLD.state = 'done'",
            frozen=columns(Reconciliation),
        ),
        *frozen_but(Difference, "state", "reason", "closed_at"),
        TruncateGuard(Difference),
        Guard(
            Difference,
            "stays_explained",
            "UPDATE",
            "a difference that was explained stays so",
            when="OLD.state = 'explained'",
            frozen=columns(Difference),
        ),
    ]
