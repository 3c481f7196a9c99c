"""What the database refuses of the duty to inform: what began it, and what a buyer said, stays."""

from collections.abc import Sequence

from compliance.models import InformingDuty, InformingWord
from exchange.kernel import triggers
from exchange.kernel.triggers import Trigger


def all_of_them() -> Sequence[Trigger]:
    """The triggers of this subject's tables."""
    return [
        *triggers.frozen_but(InformingDuty, "acknowledged_at", "answered_at", "how", "exemption", "said"),
        *triggers.append_only(InformingWord),
    ]
