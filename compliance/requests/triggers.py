"""What the database itself refuses of requests of persons: what was asked, when and by which law never changes."""

from compliance.models import (
    PersonsIndex,
    RequestLetter,
    RequestPause,
    SealedRevision,
    SearchedRevision,
    SellerSearch,
    SubjectRequest,
)
from exchange.kernel import triggers
from exchange.kernel.triggers import Trigger

_MOVES = (
    *("state", "due_at", "extended_at", "paused_at", "confirmed_at", "check_method", "identified_at"),
    *(
        "limited_by",
        "ground",
        "delay_reason",
        "told_at",
        "answer",
        "answer_sha256",
        "code_hash",
        "code_until",
        "code_tries",
    ),
    "closed_at",
)


def all_of_them() -> list[Trigger]:
    """The triggers of these tables."""
    return [
        *triggers.frozen_but(SubjectRequest, *_MOVES),
        *triggers.frozen_but(RequestPause, "ended_at"),
        *triggers.frozen_but(RequestLetter, "mail_due_at", "mail_attempts", "mail_claim", "mailed_at"),
        *triggers.frozen_but(SellerSearch, "state", "closed_at"),
        *triggers.frozen_but(SearchedRevision, "finding", "means"),
        *triggers.append_only(PersonsIndex),
        *triggers.append_only(SealedRevision),
    ]
