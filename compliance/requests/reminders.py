"""What the clock tells: officers of requests whose time runs out, sellers of searches that wait. How long before, the
legal profile says."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from compliance import legal
from compliance.legal import Period
from compliance.requests import queries
from exchange.participants.news import Facts
from exchange.participants.notices import notices

_MOST = 500


def remind(*, now: datetime) -> int:
    """Tell what is due soon, and what is overdue, once for each step; answers how many notices were made."""
    steps = sorted(_length(one) for one in legal.current().periods("request.reminders"))
    soon, late = _of_requests(steps, now)
    count = notices.tell_by_clock("subjectrequest.due_soon", soon, now=now)
    count += notices.tell_by_clock("subjectrequest.overdue", late, now=now)
    waiting = {
        f"{one.pk}:{one.due_at:%Y-%m-%d}": one.event_facts()
        for one in queries.searches_due_before(now + steps[0])[:_MOST]
    }
    return count + notices.tell_by_clock("sellersearch.due_soon", waiting, now=now)


def _of_requests(steps: list[timedelta], now: datetime) -> tuple[Mapping[str, Facts], Mapping[str, Facts]]:
    """What is due soon and what is overdue; of several steps that have begun, the last one alone is told."""
    soon: dict[str, Facts] = {}
    late: dict[str, Facts] = {}
    for request in queries.due_before(now + steps[-1])[:_MOST]:
        key = f"{request.pk}:{request.due_at:%Y-%m-%d}"
        if request.due_at < now:
            late[key] = request.event_facts()
        else:
            step = next(one for one in steps if request.due_at < now + one)
            soon[f"{key}:{step.days}"] = request.event_facts()
    return soon, late


def _length(period: Period) -> timedelta:
    return timedelta(days=period.days, hours=period.hours)
