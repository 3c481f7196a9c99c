"""Until when each side of a negotiation may act."""

from datetime import datetime, timedelta

from django.conf import settings

from contracts.models import Negotiation
from exchange.kernel.errors import Invalid
from exchange.kernel.text import timestamp

LONGEST_ACCEPTANCE = timedelta(days=365)


def decision(at: datetime) -> datetime:
    """Until when the seller decides about what was asked at that moment."""
    return at + timedelta(days=settings.EXCHANGE_DECISION_DAYS)


def of(talk: Negotiation) -> datetime | None:
    """Until when whoever decides next may: the seller while it is requested, then the buyer."""
    return talk.decide_by if talk.state == Negotiation.State.REQUESTED else talk.accept_by


def has_passed(talk: Negotiation, at: datetime) -> bool:
    """Whether nobody may decide about an open talk any more."""
    deadline = of(talk)
    return deadline is not None and at >= deadline


def acceptance(wanted: datetime | None, at: datetime) -> datetime:
    """Until when the buyer may accept what the seller signs at that moment; Invalid where that is past, or too far."""
    if wanted is None:
        return at + timedelta(days=settings.EXCHANGE_ACCEPTANCE_DAYS)
    if not at < wanted <= at + LONGEST_ACCEPTANCE:
        raise Invalid(
            f"accept_by must lie ahead, and at most {LONGEST_ACCEPTANCE.days} days; given {timestamp(wanted)}",
            code="invalid_deadline",
        )
    return wanted
