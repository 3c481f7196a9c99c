"""What the database refuses of notices: an answer and an attempt stay as they were given, but for their words once
their time is over; of a notice and its rows only what moves with them changes."""

from collections.abc import Sequence

from compliance.models import NoticeAnswer, NoticeAttempt, NoticeRow, RecipientNotice
from exchange.kernel import triggers
from exchange.kernel.triggers import Trigger


def all_of_them() -> Sequence[Trigger]:
    """The triggers of this subject's tables."""
    return [
        *triggers.frozen_but(
            RecipientNotice, "state", "message", "replaced_by_id", "filled_to", "filled_at", "settled_at"
        ),
        *triggers.frozen_but(
            NoticeRow,
            *("state", "received_at", "again_at", "contradiction", "reason", "sent_at", "looked_at"),
            *("answer_by", "reminders", "next_step_at", "escalated_at", "closed_at"),
        ),
        *triggers.frozen_but(NoticeAnswer, "passed_on", "remark"),
        *triggers.frozen_but(NoticeAttempt, "evidence"),
    ]
