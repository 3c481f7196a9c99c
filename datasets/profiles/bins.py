"""Where to cut a histogram: at most thirty steps of one round width that cover the values from the first to the
99th percentile, and the rest as far as it fits. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, pairwise
from math import isfinite

MOST_BINS = 30

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_SECONDS = (1, 5, 15, 30, *(n * _MINUTE for n in (1, 5, 15, 30)), *(n * _HOUR for n in (1, 3, 6, 12)))
_DAYS = (_DAY, 2 * _DAY, 7 * _DAY)
_MONTHS = (1, 3, 6, 12, 24, 60, 120, 600, 1_200, 6_000)
_MONDAY = 4 * _DAY  # the first of all, 5 January 1970: weeks start there
_START = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_PLAIN = 16


@dataclass(frozen=True)
class Spread:
    """Where the values of a column lie: numbers, or seconds since 1970 or since midnight."""

    low: float
    high: float
    first_percentile: float
    last_percentile: float

    @property
    def core(self) -> tuple[float, float]:
        """From the first to the 99th percentile; everything, where they are one."""
        low, high = self.first_percentile, self.last_percentile
        return (low, high) if self.low <= low < high <= self.high else (self.low, self.high)


@dataclass(frozen=True)
class Edges:
    """The edges of the bins in rising order, one more than there are bins: to count by, and to show."""

    values: list[float]
    labels: list[str]


@dataclass(frozen=True)
class _Step:
    """A width: the number of the bin that a value falls in, and where a bin starts."""

    place: Callable[[float], int]
    start: Callable[[int], float]
    label: Callable[[int], str]


def of_numbers(spread: Spread, *, is_whole: bool) -> Edges | None:
    """Steps of 1, 2 or 5 times a power of ten; None where all values are one, or too far apart or too close
    together to be told apart."""
    if not (isfinite(spread.high - spread.low) and spread.low < spread.high):
        return None
    low, high = spread.core
    return _fit(spread, _number_steps(high - low, is_whole))


def of_dates(spread: Spread) -> Edges | None:
    """Steps from a second to centuries; months and years are the calendar's, in UTC."""
    try:
        _moment(spread.low), _moment(spread.high)
        return _fit(spread, _date_steps())
    except (OverflowError, ValueError):  # before the year 1, or after 9999
        return None


def of_times(spread: Spread) -> Edges | None:
    """Steps from a second to twelve hours of one day."""
    return _fit(spread, (_seconds_step(width, _time_label(width)) for width in _SECONDS))


def _fit(spread: Spread, steps: Iterator[_Step]) -> Edges | None:
    """The bins of the first step of which few enough cover the core of the values."""
    if not spread.low < spread.high:
        return None
    low, high = spread.core
    for step in steps:
        first, last = step.place(low), step.place(high)
        if last - first < MOST_BINS:
            break
    else:
        return None
    if step.place(spread.high) - first < MOST_BINS:
        last = step.place(spread.high)
    if last - step.place(spread.low) < MOST_BINS:
        first = step.place(spread.low)
    places = range(first, last + 2)
    values = [step.start(place) for place in places]
    is_rising = all(before < after for before, after in pairwise(values))
    return (
        Edges(values, [step.label(place) for place in places]) if is_rising and isfinite(values[-1]) else None
    )


def _number_steps(core: float, is_whole: bool) -> Iterator[_Step]:
    width = core / MOST_BINS
    smallest = Decimal(repr(width)).adjusted() if width else 0
    for exponent in count(max(0, smallest) if is_whole else smallest):
        for factor in (1, 2, 5):
            yield _number_step(Decimal(factor).scaleb(exponent))


def _number_step(width: Decimal) -> _Step:
    return _Step(
        # By its shortest decimals, 0.3 is three times 0.1; as a binary fraction it is a little less.
        place=lambda value: int((Decimal(repr(value)) / width).to_integral_value("ROUND_FLOOR")),
        start=lambda place: float(width * place),
        label=lambda place: _plain(width * place),
    )


def _plain(value: Decimal) -> str:
    if not value:
        return "0"
    return format(value, "f" if abs(value.adjusted()) < _LONGEST_PLAIN else "E")


def _date_steps() -> Iterator[_Step]:
    for width in _SECONDS:
        yield _seconds_step(
            width, _date_label("2013-01-01T10:00:00" if width < _MINUTE else "2013-01-01T10:00", width)
        )
    for width in _DAYS:
        since = _MONDAY if width == 7 * _DAY else 0
        yield _seconds_step(width, _date_label("2013-01-01", width, since), since)
    for months in _MONTHS:
        yield _months_step(months)


def _seconds_step(width: int, label: Callable[[int], str], since: int = 0) -> _Step:
    return _Step(
        place=lambda value: int((value - since) // width),
        start=lambda place: float(since + place * width),
        label=label,
    )


def _date_label(like: str, width: int, since: int = 0) -> Callable[[int], str]:
    return lambda place: _moment(since + place * width).isoformat()[: len(like)]


def _time_label(width: int) -> Callable[[int], str]:
    def label(place: int) -> str:
        hours, rest = divmod(place * width, _HOUR)
        clock = f"{hours:02d}:{rest // _MINUTE:02d}"
        return f"{clock}:{rest % _MINUTE:02d}" if width < _MINUTE else clock

    return label


def _months_step(months: int) -> _Step:
    def place(value: float) -> int:
        moment = _moment(value)
        return (moment.year * 12 + moment.month - 1) // months

    def first_day(place: int) -> datetime:
        year, month = divmod(place * months, 12)
        return datetime(year, month + 1, 1, tzinfo=UTC)

    like = "2013" if months % 12 == 0 else "2013-01"
    return _Step(
        place,
        lambda at: (first_day(at) - _START).total_seconds(),
        lambda at: first_day(at).isoformat()[: len(like)],
    )


def _moment(seconds: float) -> datetime:
    return _START + timedelta(seconds=seconds)
