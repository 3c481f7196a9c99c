"""How many transfers began on which day and how they ended: brought up to date with the records that a row sums up, so
that the overview is a look-up however many there were."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from compliance.models import DayCount, TransferRecord
from exchange.look.formats import zone

Counted = tuple[date, str]


def counted(record: TransferRecord) -> Counted:
    """Where this record counts, as it is now: on the day of its start, in the exchange's own zone."""
    return record.started_at.astimezone(zone()).date(), record.result


def note(before: Mapping[UUID, Counted], records: Iterable[TransferRecord]) -> None:
    """Count `records` as they are now, where `before` says that they counted otherwise. Callers are one at a time."""
    changes: Counter[Counted] = Counter()
    for record in records:
        changes[counted(record)] += 1
        if record.pk in before:
            changes[before[record.pk]] -= 1
    changed = {place: change for place, change in changes.items() if change}
    rows = DayCount.objects.in_bulk([_id(*place) for place in changed])
    for (day, result), change in changed.items():
        row = rows.setdefault(_id(day, result), DayCount(_id(day, result), day, result, 0))
        row.transfers += change
    DayCount.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["id"], update_fields=["transfers"]
    )


def _id(day: date, result: str) -> str:
    return f"{day}:{result}"
