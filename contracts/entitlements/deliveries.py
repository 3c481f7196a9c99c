"""Announced revisions as the two sides of a right see them, where it includes those still to come: which days fall into
its term, how each was kept, and what comes next."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from contracts.entitlements import windows
from contracts.models import Entitlement, Negotiation
from datasets.models import ScheduledRevision
from datasets.schedules import rows as schedule_rows
from datasets.schedules import schedules
from datasets.schedules.rows import Announced
from exchange.kernel.canonical import Fact


def of_right(right: Entitlement) -> list[ScheduledRevision]:
    """The announced days within the term of a right, the last one first; none where it includes no later revision."""
    if right.activated_at is None or not windows.takes_later_ones(right):
        return []
    first = right.activated_at.astimezone(UTC).date()
    return [
        row
        for row in schedules.standing(right.dataset_id)
        if row.due_on >= first and (right.ends_at is None or passed_at(row.due_on) <= right.ends_at)
    ]


def announced(right: Entitlement, *, now: datetime) -> Announced | None:
    """What a page says of them; None where nothing is announced that the right would include."""
    standing = of_right(right)
    if not standing:
        return None
    return schedule_rows.of(standing, schedules.in_force(right.dataset), now.date())


def passed_at(day: date) -> datetime:
    """The first moment, in UTC, at which an announced day has passed."""
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def to_come(
    standing: Sequence[ScheduledRevision], now: datetime, *, at_most: int = 2
) -> list[ScheduledRevision]:
    """The next days that no revision has met."""
    waiting = [row for row in standing if row.revision_id is None and passed_at(row.due_on) > now]
    return sorted(waiting, key=lambda row: row.due_on)[:at_most]


def signed(negotiation: Negotiation, *, today: date) -> Fact:
    """What a contract that includes later revisions keeps of the schedule as it stands: the interval, and the days from
    now on; None where it includes none, or nothing is announced."""
    if not windows.includes_later_ones(negotiation.terms):
        return None
    schedule = schedules.in_force(negotiation.dataset)
    if schedule is None:
        return None
    rows = schedules.standing(negotiation.dataset_id)
    return {
        "first_on": schedule.first_on.isoformat(),
        "every": schedule.every,
        "unit": str(schedule.unit),
        "count": schedule.count,
        "due": sorted(row.due_on.isoformat() for row in rows if row.due_on >= today),
    }
