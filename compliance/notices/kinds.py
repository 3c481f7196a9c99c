"""Which answers do what a notice of each kind asks, and by when: the profile that the notice was opened under says."""

from collections.abc import Mapping
from datetime import datetime

from compliance import legal
from compliance.models import NoticeAnswer, RecipientNotice
from exchange.look.formats import zone
from exchange.participants import queries as participants

Action = NoticeAnswer.Action
Kind = RecipientNotice.Kind

FITTING: Mapping[str, tuple[Action, ...]] = {
    Kind.ERASURE: (Action.DELETED,),
    Kind.CORRECTION: (Action.CORRECTED, Action.DELETED),
    Kind.RESTRICTION: (Action.RESTRICTED, Action.DELETED),
    Kind.REVOCATION: (Action.STOPPED, Action.CORRECTED, Action.DELETED),
    Kind.BREACH: (Action.SECURED, Action.DELETED),
}
"""What was asked, done."""
UNDONE = (Action.NEVER_RECEIVED, Action.CANNOT, Action.REFUSED)
FIRST_REMINDER, SECOND_REMINDER, SUSPENSION = (
    "notice.first_reminder",
    "notice.second_reminder",
    "notice.suspension",
)


def end_of(period: str, notice: RecipientNotice, start: datetime) -> datetime:
    """When a period of the notice's own profile is over, in the operator's country and zone."""
    profile = legal.kept(notice.profile_sha256) or legal.current()
    operator = participants.operators_organisation()
    country = (operator.verified_country or operator.country) if operator else ""
    return legal.deadlines.due(profile, period, start, country=country, zone=zone())
