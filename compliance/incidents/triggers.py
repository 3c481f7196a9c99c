"""What the database refuses of incidents: what was entered, and whom it reaches, stays as it was shown."""

from collections.abc import Sequence

from compliance.models import Incident, IncidentHolder
from exchange.kernel import triggers
from exchange.kernel.triggers import Trigger


def all_of_them() -> Sequence[Trigger]:
    """The triggers of this subject's tables."""
    return [
        *triggers.frozen_but(Incident, "state", "confirmed_at", "dropped_at"),
        *triggers.frozen_but(
            IncidentHolder,
            *("state", "ways", "evidence", "sent_at", "looked_at", "reminders", "next_step_at"),
            "acknowledged_at",
        ),
    ]
