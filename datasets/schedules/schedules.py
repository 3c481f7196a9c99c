"""Schedules: the days on which later revisions of a dataset are announced to come. Each day is counted from the first;
a revision that is sealed meets the oldest that is open, and one that passes without a revision is late."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from datasets import datasets
from datasets.models import Dataset, Revision, Schedule, ScheduledRevision
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Invalid

MOST_EVERY, MOST_DAYS = 366, 400
_LONGEST = timedelta(days=366 * 30)
_UNITS = tuple(Schedule.Unit.values)


@transaction.atomic
def announce(dataset: Dataset, *, first_on: date, every: int, unit: str, count: int, by: Actor) -> Schedule:
    """Say when later revisions will come, or change what was said: what had come due before still stands. Saying the
    same again changes nothing."""
    datasets.require_seller(dataset, by)
    current = datasets.lock(dataset)
    if current.state == Dataset.State.RETIRED:
        raise Conflict("a retired dataset takes no more revisions", code="wrong_state")
    last = in_force(dataset)
    said = {"first_on": first_on, "every": every, "unit": unit, "count": count}
    if last is not None and all(getattr(last, name) == value for name, value in said.items()):
        return last
    days = due_days(first_on, every=every, unit=unit, count=count)
    if first_on < by.at.date():
        raise Invalid("the first day must not be past", code="first_day_past")
    if last is not None:
        _close(last, by)
    schedule = Schedule.objects.create(dataset=current, announced_at=by.at, **said)
    ScheduledRevision.objects.bulk_create(
        ScheduledRevision(schedule=schedule, dataset=current, number=number, due_on=day)
        for number, day in enumerate(days, start=1)
    )
    if last is None:
        events.record("schedule.announced", schedule, by=by)
    else:
        events.record("schedule.changed", schedule, by=by, facts={"before": str(last.pk)})
    return schedule


@transaction.atomic
def end(dataset: Dataset, *, by: Actor) -> Schedule:
    """Announce no more days; what had come due before still stands."""
    datasets.require_seller(dataset, by)
    datasets.lock(dataset)
    last = in_force(dataset)
    if last is None:
        raise Conflict("no schedule is announced for this dataset", code="no_schedule")
    _close(last, by)
    events.record("schedule.ended", last, by=by)
    return last


def meet(revision: Revision, *, by: Actor) -> ScheduledRevision | None:
    """A revision was sealed: it meets the oldest open day of its dataset. A day is open for one interval before it, and
    until it is met; so a year cannot be met in advance."""
    today = by.at.date()
    # The lock orders a seal and a change of the schedule on PostgreSQL; on SQLite the transaction itself does.
    list(Schedule.objects.select_for_update().filter(dataset=revision.dataset_id, ended_at=None))
    oldest = awaited(revision.dataset_id).first()
    if oldest is None or not _is_open(oldest, today):
        return None
    ScheduledRevision.objects.filter(pk=oldest.pk).update(revision=revision, met_at=by.at)
    oldest.refresh_from_db()
    events.record("delivery.met", oldest, by=by, facts={**_of(revision), "days_late": days_late(oldest, today)})
    return oldest


def reopen(revision: Revision, *, by: Actor) -> None:
    """A revision was revoked: the day that it met waits for another."""
    met = ScheduledRevision.objects.select_related("dataset").filter(revision=revision).first()
    if met is not None:
        ScheduledRevision.objects.filter(pk=met.pk).update(revision=None, met_at=None)
        events.record("delivery.reopened", met, by=by, facts=_of(revision))


def mark_late(*, now: datetime, at_most: int = 500) -> int:
    """Record each delivery whose day has passed without a revision, once, in a transaction of its own; answers how
    many."""
    by = Actor.system("mark_late_deliveries", at=now)
    late = ScheduledRevision.objects.filter(
        revision=None, dropped_at=None, late_at=None, due_on__lt=now.date()
    ).order_by("due_on", "pk")
    return sum(_mark_late(row, by) for row in late[:at_most])


def in_force(dataset: Dataset) -> Schedule | None:
    """What is announced now."""
    return Schedule.objects.select_related("dataset").filter(dataset=dataset, ended_at=None).first()


def awaited(dataset_id: UUID) -> QuerySet[ScheduledRevision]:
    """The days that no revision has met yet, the oldest first."""
    rows = ScheduledRevision.objects.filter(dataset=dataset_id, revision=None, dropped_at=None)
    return rows.select_related("dataset", "schedule").order_by("due_on", "pk")


def standing(dataset_id: UUID, *, at_most: int = 500) -> list[ScheduledRevision]:
    """Every day that was announced and not taken back in time, the last one first."""
    rows = ScheduledRevision.objects.filter(dataset=dataset_id, dropped_at=None).order_by("-due_on", "-pk")
    return list(rows.select_related("revision", "schedule").defer("revision__manifest")[:at_most])


def days_late(row: ScheduledRevision, today: date) -> int:
    """By how many days it came too late, or is late today; zero where it is neither."""
    came = row.met_at.date() if row.met_at else today
    return max(0, (came - row.due_on).days)


def due_days(first_on: date, *, every: int, unit: str, count: int) -> list[date]:
    """The days of a schedule, each counted from the first: monthly from 31 January is 28 or 29 February, then 31
    March. Invalid where they are too many, or reach too far."""
    if unit not in _UNITS or not 1 <= every <= MOST_EVERY or not 1 <= count <= MOST_DAYS:
        raise Invalid(
            f"a schedule has 1 to {MOST_DAYS} days, every 1 to {MOST_EVERY} {', '.join(_UNITS)}",
            code="bad_schedule",
        )
    try:
        days = [_after(first_on, number * every, unit) for number in range(count)]
    except (ValueError, OverflowError):
        days = []
    if not days or days[-1] - first_on > _LONGEST:
        raise Invalid("a schedule reaches 30 years at most", code="bad_schedule")
    return days


def _after(first: date, steps: int, unit: str) -> date:
    if unit == Schedule.Unit.DAYS:
        return first + timedelta(days=steps)
    if unit == Schedule.Unit.WEEKS:
        return first + timedelta(weeks=steps)
    months = first.month - 1 + steps * (12 if unit == Schedule.Unit.YEARS else 1)
    year, month = first.year + months // 12, months % 12 + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))


def _is_open(row: ScheduledRevision, today: date) -> bool:
    """Whether a revision that is sealed today may meet it."""
    schedule = row.schedule
    return _after(schedule.first_on, (row.number - 2) * schedule.every, schedule.unit) < today


def _close(schedule: Schedule, by: Actor) -> None:
    """End a schedule; days that are still to come are dropped."""
    Schedule.objects.filter(pk=schedule.pk).update(ended_at=by.at)
    to_come = ScheduledRevision.objects.filter(schedule=schedule, revision=None, due_on__gt=by.at.date())
    to_come.update(dropped_at=by.at)
    schedule.refresh_from_db()


@transaction.atomic
def _mark_late(row: ScheduledRevision, by: Actor) -> bool:
    mine = ScheduledRevision.objects.filter(pk=row.pk, revision=None, dropped_at=None, late_at=None)
    if not mine.update(late_at=by.at):  # a rival met it, or marked it, first
        return False
    row.refresh_from_db()
    events.record("delivery.late", row, by=by)
    return True


def _of(revision: Revision) -> Mapping[str, Fact]:
    return {"revision": str(revision.pk), "number": revision.number}
