"""The overview's days are sums that the follower keeps, and say what the records say."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from compliance.models import DayCount, TransferRecord

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


def days() -> dict[tuple[date, str], int]:
    rows = DayCount.objects.filter(transfers__gt=0)
    return {(row.day, row.result): row.transfers for row in rows}


def test_a_transfer_counts_on_the_day_of_its_start_as_it_ended(
    public_log: Any, story: Callable[..., Any], settings: Any
) -> None:
    settings.EXCHANGE_TIME_ZONE = "Europe/Paris"  # where it is the next day already
    one, two = story(at=LATE), story(at=LATE - timedelta(days=1))
    one.tell("started")
    two.whole()
    story(at=LATE).refused("copies_spent")
    public_log.seal()
    first, second = date(2026, 11, 21), date(2026, 11, 22)
    assert days() == {(first, "completed"): 1, (second, "running"): 1, (second, "refused"): 1}
    one.tell("interrupted", 400, minutes=1)
    public_log.seal()
    one.tell("completed", 1_000, minutes=2)
    public_log.seal()
    assert days() == {(first, "completed"): 1, (second, "completed"): 1, (second, "refused"): 1}
    assert sum(days().values()) == TransferRecord.objects.count()


def test_what_was_recorded_before_is_summed_up_alike(public_log: Any, story: Callable[..., Any]) -> None:
    for n in range(3):
        story(at=LATE - timedelta(days=n)).whole()
        story(at=LATE - timedelta(days=n)).refused("copies_spent")
    public_log.seal()
    kept = days()
    DayCount.objects.all().delete()
    import_module("compliance.migrations.0028_days_counted").sum_up_days(apps, None)
    assert days() == kept and len(kept) == 6
