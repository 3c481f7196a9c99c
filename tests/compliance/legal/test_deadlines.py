"""Deadlines: the table that a lawyer can read, row by row, and what must hold of every period."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import legal
from compliance.legal import Period, deadlines
from exchange.kernel.errors import Conflict, Unavailable

HERE = Path(__file__).parent
PROFILES = {"in force": legal.load(), "96 hours": legal.load(HERE / "profile_96_hours.json")}
NAMES = {
    "answer to a person": "request.answer",
    "breach told to the authority": "breach.authority",
    "first reminder to a recipient": "notice.first_reminder",
    "information under Article 14": "notice14",
}
ROWS = list(csv.DictReader((HERE / "deadlines.csv").open(encoding="utf-8")))
PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from(["Europe/Paris", "UTC", "Pacific/Auckland", "America/New_York", "Asia/Beirut"])
STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"].replace(" ", "_"))
def test_each_row_of_the_table_ends_when_it_says(row: dict[str, str]) -> None:
    zone, profile = ZoneInfo(row["time zone"]), PROFILES[row["profile"]]
    start = datetime.fromisoformat(row["starts (local time)"]).replace(tzinfo=zone)
    country, ends = row["public holidays of"], row["ends (local time)"]
    if row["what"].startswith("extended answer"):
        told = datetime.fromisoformat(row["what"].partition("told ")[2].rstrip(")")).replace(tzinfo=zone)
        if ends == "refused":
            with pytest.raises(Conflict, match="before it ends, or not") as refusal:
                _extended(profile, start, told, country, zone)
            assert refusal.value.code == "extension_late"
            return
        found = _extended(profile, start, told, country, zone)
    else:
        found = deadlines.due(profile, NAMES[row["what"]], start, country=country, zone=zone)
    assert found.tzinfo is UTC
    local = found.astimezone(zone)
    if " " in ends:
        assert local.strftime("%Y-%m-%d %H:%M") == ends
    else:
        assert local.date() == date.fromisoformat(ends)
        assert (local + timedelta(microseconds=1)).astimezone(UTC).astimezone(zone).date() > local.date()


def test_hours_pass_as_they_are_lived_whatever_clocks_say() -> None:
    for name, profile in PROFILES.items():
        hours = int(name.split()[0]) if name != "in force" else 72
        for day in range(1, 366, 7):
            start = datetime(2026, 1, 1, 22, 30, tzinfo=UTC) + timedelta(days=day)
            found = deadlines.due(profile, "breach.authority", start, country="FR", zone=PARIS)
            assert found - start == timedelta(hours=hours)


@given(STARTS, ZONES, st.integers(1, 400), st.booleans())
def test_a_period_in_days_never_ends_early_and_ends_on_a_working_day_where_it_must(
    start: datetime, zone: str, days: int, moves: bool
) -> None:
    holidays, local = PROFILES["in force"].holidays("FR"), ZoneInfo(zone)
    found = deadlines.end_of(
        Period(days=days, working_day=moves), start, holidays=holidays, zone=local
    ).astimezone(local)
    first = start.astimezone(local).date()
    passed = [first + timedelta(days=more) for more in range(1, (found.date() - first).days + 1)]
    assert len(passed) == days or (moves and days < len(passed) <= days + 6)
    if moves:
        assert deadlines.is_working_day(found.date(), holidays)
        assert days < 2 or sum(deadlines.is_working_day(day, holidays) for day in passed) >= 2


@given(STARTS, st.integers(1, 60))
def test_months_end_with_the_same_number_or_with_the_month(start: datetime, months: int) -> None:
    found = deadlines.end_of(Period(months=months), start, holidays=frozenset(), zone=PARIS).astimezone(PARIS)
    first, last = start.astimezone(PARIS).date(), found.date()
    assert (last.year - first.year) * 12 + last.month - first.month == months
    assert last.day == first.day or (last.day < first.day and (last + timedelta(days=1)).day == 1)


@given(STARTS, st.integers(1, 4))
def test_taken_twice_a_period_is_as_long_as_one_of_twice_the_length(start: datetime, times: int) -> None:
    twice = deadlines.end_of(Period(months=1), start, holidays=frozenset(), zone=PARIS, times=times)
    assert twice == deadlines.end_of(Period(months=times), start, holidays=frozenset(), zone=PARIS)


def test_a_period_that_the_profile_does_not_tell_of_is_not_guessed() -> None:
    profile = PROFILES["in force"]
    with pytest.raises(Unavailable, match=r"does not say the period request\.never") as refusal:
        deadlines.due(profile, "request.never", datetime(2026, 1, 1, tzinfo=UTC), country="FR", zone=PARIS)
    assert refusal.value.code == "legal_profile_incomplete"
    with pytest.raises(Unavailable, match="one period"):
        profile.period("breach.alarms")


def _extended(
    profile: legal.LegalProfile, start: datetime, told: datetime, country: str, zone: ZoneInfo
) -> datetime:
    names = ("request.answer", "request.extension")
    return deadlines.extended(profile, *names, start, told_at=told, country=country, zone=zone)
