"""In and out shapes of schedules."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from datasets.models import Dataset, ScheduledRevision
from datasets.schedules import schedules
from exchange.kernel.schemas import Day, In


class ScheduleIn(In):
    """Every so many days, weeks, months or years from the first day on, so many times; each counted from the first."""

    first_on: Day
    every: Annotated[int, Field(strict=True, ge=1, le=schedules.MOST_EVERY)] = 1
    unit: Literal["days", "weeks", "months", "years"]
    count: Annotated[int, Field(strict=True, ge=1, le=schedules.MOST_DAYS)]


class DeliveryOut(Schema):
    """One announced day. `is_late`: it has passed, in UTC, without a revision; `days_late`: by how much, so far or when
    it was met."""

    due_on: date
    revision_id: UUID | None
    revision_number: int | None
    met_at: datetime | None
    is_late: bool
    days_late: int


class ScheduleOut(Schema):
    """What is announced now, all None where nothing is, and every day that stands, the last one first: those of earlier
    schedules too, as far as they had come due."""

    dataset_id: UUID
    first_on: date | None
    every: int | None
    unit: str | None
    count: int | None
    announced_at: datetime | None
    deliveries: list[DeliveryOut]


def schedule_out(dataset: Dataset, *, today: date) -> dict[str, Any]:
    """What is announced of a dataset, and how it was kept."""
    schedule = schedules.in_force(dataset)
    own = ("first_on", "every", "unit", "count", "announced_at")
    return {
        "dataset_id": dataset.pk,
        **{name: getattr(schedule, name, None) for name in own},
        "deliveries": [_delivery_out(row, today) for row in schedules.standing(dataset.pk)],
    }


def _delivery_out(row: ScheduledRevision, today: date) -> dict[str, Any]:
    return {
        "due_on": row.due_on,
        "revision_id": row.revision_id,
        "revision_number": row.revision.number if row.revision else None,
        "met_at": row.met_at,
        "is_late": row.is_late(today),
        "days_late": schedules.days_late(row, today),
    }
