"""Further terms of subscriptions: what follows because the buyer agreed to it, and the reminder before each, once,
while it can still be stopped."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.money import Money
from exchange.kernel.text import timestamp
from payments.models import Subscription
from payments.plans import plans
from payments.plans.plans import Plan
from payments.subscriptions import subscriptions

_SHORTEST_MONTH_DAYS = 28

log = logging.getLogger("exchange.subscriptions")


@dataclass(frozen=True)
class FurtherTerm:
    """A term that follows the one that runs, unless the buyer stops it before; `price` is that of each period."""

    begins_at: datetime
    price: Money
    plan: Plan

    @property
    def reminder_days(self) -> int:
        """So many days before, its buyer is reminded of it."""
        return _before().days


def coming(subscription: Subscription) -> FurtherTerm | None:
    """The term that follows as things stand; None where the buyer has not agreed to one, or has stopped it."""
    if (
        subscription.state == Subscription.State.ENDED
        or subscription.cancelled_at
        or not subscription.renewed_at
    ):
        return None
    plan, begins_at = plans.parse(subscription.plan), subscriptions.this_term_ends(subscription)
    return None if begins_at is None or plan.price is None else FurtherTerm(begins_at, plan.price, plan)


def remind_due(now: datetime) -> int:
    """Remind the buyers of further terms that are near, each on its own; answers how many. One that fails is logged and
    tried again the next time."""
    reminded = 0
    for row in _near(now).order_by("next_at", "pk").iterator():
        try:
            reminded += remind(row.pk, now=now)
        except Exception:
            log.exception("the buyer of subscription %s could not be reminded", row.pk)
    return reminded


@transaction.atomic
def remind(subscription_id: UUID, *, now: datetime) -> bool:
    """Remind a buyer of the term that follows, where its time has come and nobody has yet; of rivals one does. False
    where nothing follows, also because it was stopped a moment ago."""
    row = Subscription.objects.get(pk=subscription_id)
    term = coming(row)
    if term is None or not term.begins_at - _before() <= now < term.begins_at:
        return False
    standing = _unreminded().filter(pk=row.pk, last_period=row.last_period, renewed_at=row.renewed_at)
    if not standing.update(reminded_of=row.last_period):
        return False
    facts: dict[str, Fact] = {
        "subject": row.subject,
        "renews_at": timestamp(term.begins_at),
        "price_minor": str(term.price.minor),
        "currency": term.price.currency,
    }
    by = Actor.system("payments.remind", at=now)
    events.record("subscription.renewal_near", row, by=by, facts=facts)
    return True


def _near(now: datetime) -> QuerySet[Subscription]:
    """Those whose term may end within the days of the reminder; which of them do, `remind` finds out."""
    until = now + _before()
    periods = _before().days // _SHORTEST_MONTH_DAYS + 1  # that may lie between the one that runs and the last
    return _unreminded().filter(next_at__lte=until, number__gte=F("last_period") - periods)


def _unreminded() -> QuerySet[Subscription]:
    """Those of which another term follows that their buyers were not reminded of."""
    rows = Subscription.objects.exclude(state=Subscription.State.ENDED)
    rows = rows.filter(renewed_at__isnull=False, cancelled_at=None)
    return rows.filter(Q(reminded_of=None) | Q(reminded_of__lt=F("last_period")))


def _before() -> timedelta:
    return timedelta(days=settings.EXCHANGE_RENEWAL_REMINDER_DAYS)
