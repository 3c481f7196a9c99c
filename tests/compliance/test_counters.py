"""Counts of what leaves no Event."""

from datetime import date, timedelta

import pytest

from compliance.health import counters
from compliance.models import RefusalCount
from tests.rivals import race

DAY = date(2026, 11, 22)


@pytest.mark.django_db
def test_each_kind_and_day_has_its_own_number() -> None:
    counters.add("token_forged", DAY)
    counters.add("token_forged", DAY, 4)
    counters.add("token_malformed", DAY)
    counters.add("token_forged", DAY + timedelta(days=1))
    counted = {(row.code, row.day): row.count for row in RefusalCount.objects.all()}
    assert counted == {
        ("token_forged", DAY): 5,
        ("token_malformed", DAY): 1,
        ("token_forged", DAY + timedelta(days=1)): 1,
    }


def test_rivals_lose_no_count(own_database: None) -> None:
    def add() -> None:
        for _ in range(5):
            counters.add("token_forged", DAY)

    assert race([add] * 8) == [None] * 8
    assert RefusalCount.objects.get().count == 40
