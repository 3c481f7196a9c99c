"""What the clock has members told: rights that end soon, deletions that are due or overdue, and downloads that were
refused, once a day for each right."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from compliance import queries as compliance
from compliance.models import TransferRecord
from contracts.deletions.news import DUE_IN_2_DAYS, DUE_IN_14_DAYS, OVERDUE
from contracts.holdings import holdings
from contracts.models import Entitlement
from contracts.news import DOWNLOADS_REFUSED, ENDS_IN_2_DAYS, ENDS_IN_14_DAYS
from contracts.terms import terms as usage_terms
from exchange.kernel.text import timestamp
from exchange.participants.news import Facts
from exchange.participants.notices import notices

_LONG_BEFORE, _SHORTLY_BEFORE = timedelta(days=14), timedelta(days=2)
_OVERDUE_FOR = tuple(timedelta(days=days) for days in (0, 7, 30, 60))  # told at each, but at the last


def warn_of_ends(*, now: datetime) -> int:
    """Tell buyers of rights that end within 14 days, and again within 2; a right that never lasted longer is not
    warned of."""
    shortly, long_before = now + _SHORTLY_BEFORE, now + _LONG_BEFORE
    return sum(
        notices.tell_by_clock(name, _ending(after, until, term), now=now)
        for name, after, until, term in (
            (ENDS_IN_14_DAYS, shortly, long_before, _LONG_BEFORE),
            (ENDS_IN_2_DAYS, now, shortly, _SHORTLY_BEFORE),
        )
    )


def warn_of_deletions(*, now: datetime) -> int:
    """Remind buyers of deletions that are due within 14 days, and again within 2; from the day on, and again 7 and 30
    days after it, tell seller and officers too. What was stated, or where nothing was taken, nobody hears of."""
    shortly, long_before = now + _SHORTLY_BEFORE, now + _LONG_BEFORE
    count = notices.tell_by_clock(DUE_IN_14_DAYS, _due(shortly, long_before, _LONG_BEFORE), now=now)
    count += notices.tell_by_clock(DUE_IN_2_DAYS, _due(now, shortly, _SHORTLY_BEFORE), now=now)
    for late, later in pairwise(_OVERDUE_FOR):
        facts = {f"{right}:{late.days}": one for right, one in _due(now - later, now - late, None).items()}
        count += notices.tell_by_clock(OVERDUE, facts, now=now)
    return count


def tell_of_refusals(*, now: datetime) -> int:
    """Tell buyers which of their downloads the gateway refused today: the first time in a day, with the last reason."""
    midnight = datetime.combine(now.date(), time.min, now.tzinfo)
    refused: dict[UUID, list[TransferRecord]] = defaultdict(list)
    for record in compliance.refused_since(midnight):
        if record.entitlement_id is not None:
            refused[record.entitlement_id].append(record)
    facts: dict[str, Facts] = {
        f"{right}:{now:%Y-%m-%d}": {
            "entitlement": str(right),
            "dataset": str(records[-1].dataset_id),
            "buyer": str(records[-1].buyer_id),
            "code": records[-1].reason,
            "count": len(records),
        }
        for right, records in refused.items()
    }
    return notices.tell_by_clock(DOWNLOADS_REFUSED, facts, now=now)


def _ending(after: datetime, until: datetime, term: timedelta) -> dict[str, Facts]:
    live = [Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED]
    rows = Entitlement.objects.filter(state__in=live, ends_at__gt=after, ends_at__lte=until)
    return {
        str(right.pk): {**right.event_facts(), "ends_at": timestamp(right.ends_at)}
        for right in rows.iterator()
        if right.ends_at and right.activated_at and right.ends_at - right.activated_at > term
    }


def _due(after: datetime, until: datetime, term: timedelta | None) -> dict[str, Facts]:
    """Whose deletion is due in this time and was not stated; with `term` only who has longer than that for it."""
    rows = Entitlement.objects.filter(delete_by__gt=after, delete_by__lte=until, deletion_statements=None)
    return {
        str(right.pk): {**right.event_facts(), "due_at": timestamp(right.delete_by)}
        for right in holdings.taken(rows).iterator()
        if right.delete_by and (term is None or _time_for_it(right) > term)
    }


def _time_for_it(right: Entitlement) -> timedelta:
    return timedelta(days=usage_terms.limits(usage_terms.thaw(right.terms)).deletion_days or 0)
