"""Calendar months: periods are counted from one anchor, so that the 31st comes back after a short month."""

import calendar
from datetime import datetime


def later(anchor: datetime, months: int) -> datetime:
    """The same day and time so many months later, or the last day of a shorter month."""
    year, index = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = calendar.monthrange(year, index + 1)[1]
    return anchor.replace(year=year, month=index + 1, day=min(anchor.day, last))
