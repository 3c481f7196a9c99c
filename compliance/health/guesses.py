"""Guesses at links as the desk shows them: requests that bore a link which was never ours, counted by day and kind."""

from dataclasses import dataclass
from datetime import date, timedelta

from compliance import words
from compliance.health import counters
from compliance.words import Words
from exchange.kernel.actors import Actor

DAYS = 30


@dataclass(frozen=True)
class GuessedDay:
    """One day on which some came; `kinds` in words, the most frequent first."""

    day: date
    count: int
    kinds: list[tuple[Words, int]]


@dataclass(frozen=True)
class Guesses:
    """The last thirty days (UTC), the newest first; days without any are left out."""

    days: list[GuessedDay]
    count: int


def counted(*, by: Actor) -> Guesses:
    """What came in the thirty days up to `by.at`."""
    since = by.at.date() - timedelta(days=DAYS - 1)
    rows = counters.counts_visible_to(by).filter(day__gte=since).order_by("-day", "-count", "code")
    found: dict[date, list[tuple[Words, int]]] = {}
    for row in rows:
        found.setdefault(row.day, []).append((words.GUESSES.get(row.code, row.code), row.count))
    days = [GuessedDay(day, sum(count for _, count in kinds), kinds) for day, kinds in found.items()]
    return Guesses(days, sum(day.count for day in days))
