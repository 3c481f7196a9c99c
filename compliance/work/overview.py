"""The desk's overview: counts of today and of thirty days from the log's own rows, the log's health, and what waits
for an officer. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from compliance import queries
from compliance.health import completeness
from compliance.health import view as log_view
from compliance.health.view import ShownAlarm
from compliance.models import DayCount, TransferRecord
from compliance.queries import Coverage, LogHealth
from compliance.work import agenda, day_chart
from compliance.work.agenda import Shown
from compliance.work.day_chart import Chart, Day
from exchange.kernel.actors import Actor, Scope
from exchange.look.formats import zone

DAYS = 30
_MOST_WAITING = 12

Result = TransferRecord.Result


@dataclass(frozen=True)
class Today:
    transfers: int
    refused: int
    stopped: int
    chart: Chart
    health: LogHealth
    alarms: list[ShownAlarm]
    coverage: Coverage | None
    unmatched: int
    open_reviews: int
    agenda: list[Shown]
    more: int
    waiting: int


def today(*, by: Actor) -> Today:
    """How things stand at `by.at`; a day begins at midnight in the exchange's own zone."""
    days = _days(by)
    now = days[-1]
    items = agenda.of(by)
    health = queries.log_health(now=by.at, visible_to=by)
    return Today(
        transfers=now.completed + now.stopped,
        refused=now.refused,
        stopped=now.stopped,
        chart=day_chart.draw(days),
        health=health,
        alarms=log_view.alarms(health.alarms_unanswered),
        coverage=queries.coverage(),
        unmatched=completeness.unmatched_visible_to(by).count(),
        open_reviews=queries.open_reviews(by),
        agenda=agenda.shown(items[:_MOST_WAITING], by.at),
        waiting=sum(item.count for item in items),
        more=max(0, len(items) - _MOST_WAITING),
    )


def _days(by: Actor) -> list[Day]:
    """The last thirty days, today last, each with what began on it."""
    by.require(Scope.AUDIT)
    last = by.at.astimezone(zone()).date()
    first = last - timedelta(days=DAYS - 1)
    found: dict[date, dict[str, int]] = {}
    for row in DayCount.objects.filter(day__gte=first, day__lte=last):
        found.setdefault(row.day, {})[row.result] = row.transfers
    return [_day(first + timedelta(days=n), found.get(first + timedelta(days=n), {})) for n in range(DAYS)]


def _day(day: date, counts: Mapping[str, int]) -> Day:
    return Day(
        day,
        sum(counts.get(result, 0) for result in (Result.COMPLETED, Result.RUNNING, Result.INTERRUPTED)),
        sum(counts.get(result, 0) for result in (Result.ABORTED, Result.REVOKED)),
        counts.get(Result.REFUSED, 0),
    )
