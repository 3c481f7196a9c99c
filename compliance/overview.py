"""The desk's overview: counts of today and of thirty days from the log's own rows, the log's health, and what waits
for an officer. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from compliance import completeness, day_chart, labels, log_view, queries
from compliance.day_chart import Chart, Day
from compliance.forms import RecipientsForm
from compliance.log.published import VKEY, folder_of
from compliance.log_view import ShownAlarm
from compliance.models import Checkpoint, DayCount, TransferRecord
from compliance.queries import Coverage, LogHealth
from compliance.verifier.checkpoints import parse_checkpoint
from compliance.work import agenda
from compliance.work.agenda import Shown
from exchange.kernel.actors import Actor, Scope
from exchange.look.formats import zone
from exchange.participants import queries as participant_queries

DAYS = 30
_MOST_WAITING = 12
_MOST_SUGGESTED = 200

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


@dataclass(frozen=True)
class Head:
    """A signed head, as a table shows it."""

    log: str
    size: int
    root_hex: str
    signed_at: datetime


@dataclass(frozen=True)
class Suggestions:
    """Names that a reader may type."""

    organisations: list[str]
    datasets: list[str]


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


def how_to_check(at_most: int) -> dict[str, object]:
    """What anyone needs who checks the log: its newest signed heads, at most so many, and the command."""
    coverage = queries.coverage()
    key = (folder_of(coverage.log).read(VKEY) or b"").decode().strip() if coverage else ""
    return {
        "coverage": coverage,
        "key": key,
        "root_hex": coverage.root.hex() if coverage else "",
        "heads": [_head(checkpoint) for checkpoint in queries.checkpoints(at_most)],
        "verify_command": f"comptoir-verify receipt receipt.json --vkey '{key}'",
    }


def suggestions(*, by: Actor) -> Suggestions:
    """The first names of organisations and datasets, for lists beside a field."""
    known = participant_queries.participants_visible_to(by).order_by("name").values_list("name", flat=True)
    return Suggestions(list(known[:_MOST_SUGGESTED]), sorted(set(labels.find("dataset", "").values())))


def revision_choices(form: RecipientsForm, *, by: Actor) -> Mapping[str, str]:
    """The revisions of the dataset that a form asks for, by number; none where it asks for no dataset."""
    form.full_clean()
    dataset_id = form.cleaned_data.get("dataset")
    if not isinstance(dataset_id, UUID):
        return {}
    found = queries.revisions_of(dataset_id, visible_to=by)
    numbers = labels.names("revision", found)
    return {str(one): numbers.get(one, str(one)) for one in found}


def _head(checkpoint: Checkpoint) -> Head:
    head = parse_checkpoint(checkpoint.note.partition("\n\n")[0] + "\n")
    return Head(checkpoint.log_id, head.size, head.root.hex(), checkpoint.signed_at)


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
