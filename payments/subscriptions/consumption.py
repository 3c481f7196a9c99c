"""What metered use has come to in the period that runs, as its page shows it: the bill so far, and a column for each
day that adds up to it. Whole numbers only, so that every language draws the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from exchange.kernel.money import Money
from payments.models import Subscription
from payments.plans import fees, plans, rating
from payments.plans import words as plan_words
from payments.plans.rating import Line
from payments.subscriptions import meters

WIDTH, HEIGHT = 850, 208
_LEFT, _BOTTOM, _TOP, _MOST_COLUMNS, _EARLY = 78, 184, 10, 31, 5


@dataclass(frozen=True)
class Column:
    """What had been spent by the end of a day."""

    day: date
    spent: Money
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


@dataclass(frozen=True)
class Mark:
    """A horizontal line of the chart."""

    y: int
    value: Money

    @property
    def text_y(self) -> int:
        return self.y + 4


@dataclass(frozen=True)
class Row:
    """A line of the bill so far, in words."""

    words: str
    line: Line
    amount: Money

    @property
    def is_included(self) -> bool:
        return self.line.tier == 0 and self.line.meter != rating.MINIMUM


@dataclass(frozen=True)
class Consumption:
    """`cap` is the buyer's own and `part` what is left for the seller; None for who may not know them."""

    rows: list[Row]
    total: Money
    part: Money | None
    cap: Money | None
    columns: list[Column]
    marks: list[Mark]

    @property
    def is_early(self) -> bool:
        """Whether all days stand at the left, where a narrow screen begins."""
        return len(self.columns) <= _EARLY


def of(subscription: Subscription, *, shows_cap: bool, shows_part: bool, now: datetime) -> Consumption:
    """The period that runs, until now."""
    found = meters.current(subscription)
    cap = subscription.cap if shows_cap else None
    most = max(found.total.minor, cap.minor if cap else 0, 1)
    spent = _spent_by_day(subscription, now.date())
    values = (0, most // 2, most) if most > 1 else (0, most)
    return Consumption(
        rows=[_row(line, found.total.currency) for line in found.lines],
        total=found.total,
        part=found.total - fees.fee(found.total, settings.EXCHANGE_FEE_BASIS_POINTS) if shows_part else None,
        cap=cap,
        columns=_columns(spent, found.total.currency, most),
        marks=[Mark(_y(value, most), Money(value, found.total.currency)) for value in values],
    )


def _row(line: Line, currency: str) -> Row:
    words = (
        plan_words.minimum() if line.meter == rating.MINIMUM else plan_words.quantity(line.meter, line.quantity)
    )
    return Row(words, line, Money(line.amount_minor, currency))


def _spent_by_day(subscription: Subscription, today: date) -> list[tuple[date, int]]:
    """The cost so far at the end of each day, or of each so many days where the period has more than a month."""
    plan, used = plans.parse(subscription.plan), Counter[str]()
    by_day: dict[date, Counter[str]] = {}
    for day, meter, quantity in meters.by_day(subscription):
        by_day.setdefault(max(day, subscription.period_starts_at.date()), Counter())[meter] += quantity
    first = subscription.period_starts_at.date()
    days = max((today - first).days, 0) + 1
    step = -(-days // _MOST_COLUMNS)
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        used.update(by_day.get(day, Counter()))
        if (number + 1) % step == 0 or number == days - 1:
            found.append((day, rating.rate(used, plan).total.minor))
    return found


def _columns(spent: Sequence[tuple[date, int]], currency: str, most: int) -> list[Column]:
    room = (WIDTH - _LEFT) // max(len(spent), 12)
    wide = room * 6 // 10
    return [
        Column(
            day,
            Money(minor, currency),
            _LEFT + place * room + (room - wide) // 2,
            min(_y(minor, most), _BOTTOM - 1),
            wide,
            max(_height(minor, most), 1),
        )
        for place, (day, minor) in enumerate(spent)
    ]


def _y(minor: int, most: int) -> int:
    return _BOTTOM - _height(minor, most)


def _height(minor: int, most: int) -> int:
    return ((_BOTTOM - _TOP) * minor + most // 2) // most
