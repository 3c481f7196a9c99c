"""How long what is kept: the periods of the legal profile, counted back from now."""

import calendar
from datetime import UTC, datetime, timedelta

from compliance.legal import LegalProfile, Period

START = "retention."


def kinds(profile: LegalProfile) -> list[str]:
    """The kinds of records that the profile gives a period."""
    return [name.removeprefix(START) for name in profile.names_of_periods(START)]


def cutoff(profile: LegalProfile, kind: str, now: datetime) -> datetime:
    """What is older than this has had its time."""
    return before(profile.period(f"{START}{kind}"), now)


def before(period: Period, now: datetime) -> datetime:
    """The moment from which the period has just passed; a month goes back to the day of the same number, or to its
    month's last."""
    moment = now.astimezone(UTC) - timedelta(days=period.days, hours=period.hours)
    years, month = divmod(moment.month - 1 - period.months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
