"""What the clock has members told: rights that end soon, and downloads that were refused, once a day for each right."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from uuid import UUID

from compliance import queries as compliance
from compliance.models import TransferRecord
from contracts.models import Entitlement
from contracts.news import DOWNLOADS_REFUSED, ENDS_IN_2_DAYS, ENDS_IN_14_DAYS
from exchange.kernel.text import timestamp
from exchange.participants import notices
from exchange.participants.news import Facts

_LONG_BEFORE, _SHORTLY_BEFORE = timedelta(days=14), timedelta(days=2)


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
