"""When a time that the law gives is over: by Regulation 1182/71, in the controller's own zone. Pure: the same start and
the same profile have the same end."""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

from compliance.legal.profile import LegalProfile, Period
from exchange.kernel.errors import Conflict

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_LEAST_WORKING_DAYS = 2


def due(
    profile: LegalProfile, name: str, start: datetime, *, country: str, zone: ZoneInfo, times: int = 1
) -> datetime:
    """The last moment, in UTC, of the period `name`, taken so many `times`, that `start` sets going."""
    return end_of(profile.period(name), start, holidays=profile.holidays(country), zone=zone, times=times)


def extended(
    profile: LegalProfile,
    name: str,
    extension: str,
    start: datetime,
    *,
    told_at: datetime,
    country: str,
    zone: ZoneInfo,
) -> datetime:
    """The last moment of the period `name` with its extension; Conflict where the person was told of the extension
    after the first period."""
    first = due(profile, name, start, country=country, zone=zone)
    if told_at > first:
        raise Conflict(
            f"the time to extend was over on {first.astimezone(zone).date()}: it is extended before it ends, or not",
            code="extension_late",
        )
    given, more = profile.period(name), profile.period(extension)
    whole = Period(
        months=given.months + more.months,
        days=given.days + more.days,
        hours=given.hours + more.hours,
        working_day=given.working_day,
    )
    return end_of(whole, start, holidays=profile.holidays(country), zone=zone)


def end_of(
    period: Period, start: datetime, *, holidays: frozenset[date], zone: ZoneInfo, times: int = 1
) -> datetime:
    """The last moment of a period. Hours run through. Days and months do not count the day of the start; a month ends
    with the day of the same number, or with its last day."""
    if period.hours:
        return start.astimezone(UTC) + times * timedelta(hours=period.hours)
    first = start.astimezone(zone).date()
    last = _months_after(first, times * period.months) + times * timedelta(days=period.days)
    if period.working_day:
        last = _on_working_day(first, last, holidays)
    # Where the clocks go back at midnight, the day is over when they reach it for the second time.
    return datetime.combine(last, time.max, zone).replace(fold=1).astimezone(UTC)


def day_after(period: Period, day: date) -> date:
    """The day on which a period in days or months that a day sets going is over."""
    return _months_after(day, period.months) + timedelta(days=period.days)


def is_working_day(day: date, holidays: frozenset[date]) -> bool:
    """Whether the day is neither a Saturday, a Sunday nor a public holiday."""
    return day.weekday() < _SATURDAY and day not in holidays


def _on_working_day(first: date, last: date, holidays: frozenset[date]) -> date:
    """The end moved on: to a working day, and so far that two working days lie within, for two days or more."""
    if last - first >= 2 * _ONE_DAY:
        last = max(last, *islice(_working_days_after(first, holidays), _LEAST_WORKING_DAYS))
    return last if is_working_day(last, holidays) else next(_working_days_after(last, holidays))


def _working_days_after(day: date, holidays: frozenset[date]) -> Iterator[date]:
    return (found for more in count(1) if is_working_day(found := day + more * _ONE_DAY, holidays))


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
