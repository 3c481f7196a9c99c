"""Schedules: days counted from the first, met by sealed revisions, late by the clock, changed and ended in the open."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from datasets import datasets
from datasets.models import Dataset, Schedule, ScheduledRevision
from datasets.revisions import revisions
from datasets.schedules import schedules
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from tests import dataset_makers, makers

MONTHLY = {"first_on": date(2026, 12, 31), "every": 1, "unit": "months", "count": 4}


def at(day: str, time: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


@pytest.fixture
def dataset(seller: Actor) -> Dataset:
    return dataset_makers.published(seller)


def announce(dataset: Dataset, by: Actor, **changes: Any) -> Schedule:
    return schedules.announce(dataset, **{**MONTHLY, **changes}, by=by)


def seal(dataset: Dataset, seller: Actor, day: str, time: str = "12:00") -> Any:
    return dataset_makers.sealed(dataset, seller.moved_to(at(day, time)))


def told(name: str) -> list[dict[str, Any]]:
    rows = Event.objects.filter(name=name).order_by("id")
    return [json.loads(bytes(row.leaf))["facts"] for row in rows]


def standing() -> list[tuple[str, int | None]]:
    """Each day that stands, and the number of the revision that met it."""
    rows = ScheduledRevision.objects.filter(dropped_at=None).select_related("revision").order_by("due_on")
    return [(row.due_on.isoformat(), row.revision.number if row.revision else None) for row in rows]


@pytest.mark.parametrize(
    ("first", "every", "unit", "days"),
    [
        ("2027-01-31", 1, "months", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ("2027-10-31", 2, "months", ["2027-10-31", "2027-12-31", "2028-02-29", "2028-04-30"]),
        ("2028-02-29", 1, "years", ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        ("2027-03-27", 1, "days", ["2027-03-27", "2027-03-28", "2027-03-29"]),
        ("2026-12-24", 2, "weeks", ["2026-12-24", "2027-01-07"]),
    ],
)
def test_days_are_counted_from_the_first(first: str, every: int, unit: str, days: list[str]) -> None:
    found = schedules.due_days(date.fromisoformat(first), every=every, unit=unit, count=len(days))
    assert [day.isoformat() for day in found] == days


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": 0},
        {"every": 367},
        {"count": 0},
        {"count": 401},
        {"unit": "hours"},
        {"unit": "years", "every": 366, "count": 400},
        {"unit": "months", "every": 12, "count": 32},
        {"first_on": date(2026, 11, 21)},
        {"first_on": date.max},
    ],
)
def test_a_schedule_that_cannot_be_is_refused(dataset: Dataset, seller: Actor, wrong: Any) -> None:
    before = Event.objects.count()
    with pytest.raises(Invalid) as refusal:
        announce(dataset, seller, **wrong)
    assert refusal.value.code == (
        "first_day_past" if wrong.get("first_on") == date(2026, 11, 21) else "bad_schedule"
    )
    assert not Schedule.objects.exists() and Event.objects.count() == before


def test_only_its_seller_announces(dataset: Dataset, outsider: Actor, buyer: Actor, seller: Actor) -> None:
    for actor in (outsider, buyer, makers.client(makers.participant_of(seller), seller.at, ("read",))):
        with pytest.raises(Forbidden):
            announce(dataset, actor)
    assert not Schedule.objects.exists()


def test_a_revision_meets_the_oldest_open_day_and_one_day_only(dataset: Dataset, seller: Actor) -> None:
    announce(dataset, seller)
    seal(dataset, seller, "2026-11-29")
    assert standing()[0] == ("2026-12-31", None), "its interval has not begun"
    seal(dataset, seller, "2026-12-10")
    seal(dataset, seller, "2026-12-20")
    assert standing()[:2] == [("2026-12-31", 3), ("2027-01-31", None)], "a correction meets no further day"
    assert schedules.mark_late(now=at("2027-03-15")) == 2
    seal(dataset, seller, "2027-03-15")
    seal(dataset, seller, "2027-03-16")
    assert standing() == [("2026-12-31", 3), ("2027-01-31", 5), ("2027-02-28", 6), ("2027-03-31", None)]
    met = told("delivery.met")
    assert [(one["due_on"], one["number"], one["days_late"]) for one in met] == [
        ("2026-12-31", 3, 0),
        ("2027-01-31", 5, 43),
        ("2027-02-28", 6, 16),
    ]


def test_a_day_is_late_once_it_has_passed_in_utc_and_is_recorded_once(dataset: Dataset, seller: Actor) -> None:
    announce(dataset, seller)
    assert schedules.mark_late(now=at("2026-12-31", "23:59:59")) == 0
    assert schedules.mark_late(now=at("2027-01-01", "00:00")) == 1
    assert schedules.mark_late(now=at("2027-01-01", "00:10")) == 0
    [late] = told("delivery.late")
    assert late["due_on"] == "2026-12-31" and late["seller"] == str(dataset.seller_id)
    [row] = ScheduledRevision.objects.exclude(late_at=None)
    assert row.is_late(date(2027, 1, 1)) and not row.is_late(date(2026, 12, 31))
    seal(dataset, seller, "2027-01-02")
    row.refresh_from_db()
    assert not row.is_late(date(2027, 1, 3)) and schedules.days_late(row, date(2030, 1, 1)) == 2


def test_the_last_minute_of_the_day_is_in_time(dataset: Dataset, seller: Actor) -> None:
    announce(dataset, seller)
    seal(dataset, seller, "2026-12-31", "23:59:59")
    assert schedules.mark_late(now=at("2027-01-20")) == 0 and told("delivery.met")[0]["days_late"] == 0


def test_a_revoked_revision_meets_nothing_any_more(dataset: Dataset, seller: Actor) -> None:
    announce(dataset, seller)
    met = seal(dataset, seller, "2026-12-30")
    revisions.revoke(met, "the columns were mixed up", seller.moved_to(at("2027-01-05")))
    assert standing()[0] == ("2026-12-31", None) and len(told("delivery.reopened")) == 1
    assert schedules.mark_late(now=at("2027-01-05")) == 1
    seal(dataset, seller, "2027-01-06")
    assert standing()[0] == ("2026-12-31", 3)


def test_a_change_keeps_what_has_come_due_and_says_so(dataset: Dataset, seller: Actor) -> None:
    announce(dataset, seller)
    assert announce(dataset, seller.moved_to(at("2027-01-05"))) == Schedule.objects.get(), "the same again"
    later = seller.moved_to(at("2027-01-31"))
    changed = announce(dataset, later, first_on=date(2027, 2, 15), every=2, unit="weeks", count=2)
    assert [one["count"] for one in told("schedule.changed")] == [2] and len(told("schedule.announced")) == 1
    assert schedules.in_force(dataset) == changed
    days = ["2026-12-31", "2027-01-31", "2027-02-15", "2027-03-01"]
    assert standing() == [(day, None) for day in days], "a day is dropped only before it comes due"
    seal(dataset, seller, "2027-02-10")
    assert standing()[0] == ("2026-12-31", 2)
    schedules.end(dataset, by=seller.moved_to(at("2027-02-20")))
    assert [day for day, _ in standing()] == days[:3] and len(told("schedule.ended")) == 1
    with pytest.raises(Conflict) as refusal:
        schedules.end(dataset, by=seller)
    assert refusal.value.code == "no_schedule"
    announce(dataset, seller.moved_to(at("2027-03-01")), first_on=date(2027, 3, 31))
    assert len(told("schedule.announced")) == 2


def test_retiring_a_dataset_is_no_way_out(dataset: Dataset, seller: Actor) -> None:
    announce(dataset, seller)
    datasets.retire(dataset, seller)
    with pytest.raises(Conflict):
        announce(dataset, seller, count=1)
    assert schedules.mark_late(now=at("2027-01-01")) == 1
    schedules.end(dataset, by=seller.moved_to(at("2027-01-01")))
    assert standing() == [("2026-12-31", None)]


def test_the_database_keeps_what_was_announced(dataset: Dataset, seller: Actor) -> None:
    schedule = announce(dataset, seller)
    rows = ScheduledRevision.objects.filter(schedule=schedule)
    for act in (
        lambda: Schedule.objects.filter(pk=schedule.pk).update(count=9),
        lambda: rows.update(due_on=date(2030, 1, 1)),
        lambda: rows.delete(),
        lambda: Schedule.objects.create(dataset=dataset, announced_at=seller.at + timedelta(days=1), **MONTHLY),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
