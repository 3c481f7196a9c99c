"""A schedule as pages show it, to its seller and to those whom it is announced to: a sentence, the days, and how each
was kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.words import Mark
from datasets.models import Dataset, Schedule, ScheduledRevision
from datasets.schedules import schedules
from exchange.look import formats

_MET, _LATE, _NEXT = 2, 4, 2
"""How many days of each kind a page shows beside something else."""


@dataclass(frozen=True)
class DeliveryRow:
    """One announced day with its state."""

    delivery: ScheduledRevision
    mark: Mark


@dataclass(frozen=True)
class Announced:
    """`sentence` is empty where nothing is announced any more; `next_on` is the next day that no revision has met. Of
    `rows`, in the order of their days, `near` are those that are late, the last ones met, and the next."""

    sentence: str
    next_on: date | None
    late: int
    rows: list[DeliveryRow]

    @property
    def near(self) -> list[DeliveryRow]:
        met = [row for row in self.rows if row.delivery.met_at][-_MET:]
        waiting = [row for row in self.rows if not row.delivery.met_at]
        shown = [*met, *waiting[: self.late][-_LATE:], *waiting[self.late :][:_NEXT]]
        return sorted(shown, key=lambda row: row.delivery.due_on)


def announced(dataset: Dataset, today: date) -> Announced | None:
    """What is announced of a dataset, and was; None where nothing ever was."""
    standing = schedules.standing(dataset.pk)
    schedule = schedules.in_force(dataset)
    if schedule is None and not standing:
        return None
    return of(standing, schedule, today)


def of(standing: Sequence[ScheduledRevision], schedule: Schedule | None, today: date) -> Announced:
    """These days."""
    waiting = [row.due_on for row in standing if row.revision_id is None and row.due_on >= today]
    return Announced(
        sentence=sentence(schedule) if schedule else "",
        next_on=min(waiting, default=None),
        late=sum(row.is_late(today) for row in standing),
        rows=[DeliveryRow(row, mark(row, today)) for row in sorted(standing, key=lambda row: row.due_on)],
    )


def mark(row: ScheduledRevision, today: date) -> Mark:
    """How a day was kept, in words."""
    late = schedules.days_late(row, today)
    if row.revision_id is not None:
        if not late:
            return Mark(_("On time"), "ok", "check")
        said = ngettext("%(count)s day late", "%(count)s days late", late) % {"count": formats.number(late)}
        return Mark(said, "warn", "clock")
    if row.is_late(today):
        said = ngettext("Late for %(count)s day", "Late for %(count)s days", late)
        return Mark(said % {"count": formats.number(late)}, "stop", "flag")
    return Mark(_("Announced"), "", "cal")


def sentence(schedule: Schedule) -> str:
    """When revisions come, in one sentence."""
    return _sentence(schedule.first_on, schedule.every, schedule.unit, schedule.count)


def sentence_of(signed: Mapping[str, Any] | None) -> str:
    """The same of what a contract holds; empty where it holds nothing of it."""
    if signed is None:
        return ""
    return _sentence(date.fromisoformat(signed["first_on"]), signed["every"], signed["unit"], signed["count"])


def _sentence(first_on: date, every: int, unit: str, count: int) -> str:
    words = {"first": formats.day(first_on), "count": formats.number(count)}
    if count == 1:
        return _("Once, on %(first)s.") % words
    return _("%(interval)s from %(first)s on, %(count)s in all.") % {
        "interval": _interval(every, unit),
        **words,
    }


def _interval(every: int, unit: str) -> str:
    said = {
        Schedule.Unit.DAYS: ngettext("Every day", "Every %(every)s days", every),
        Schedule.Unit.WEEKS: ngettext("Every week", "Every %(every)s weeks", every),
        Schedule.Unit.MONTHS: ngettext("Every month", "Every %(every)s months", every),
        Schedule.Unit.YEARS: ngettext("Every year", "Every %(every)s years", every),
    }
    return said[Schedule.Unit(unit)] % {"every": formats.number(every)}
