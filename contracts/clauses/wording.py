"""The small change of whole sentences: numbers, dates and lists as English and French write them."""

from collections.abc import Callable, Sequence
from datetime import date

from exchange.kernel.money import exponent

NO_BREAK = "\u00a0"
_NARROW_NO_BREAK = "\u202f"

_MONTHS_EN = "January February March April May June July August September October November December".split()
_MONTHS_FR = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()


def number_en(number: int) -> str:
    """12,000."""
    return f"{number:,}"


def number_fr(number: int) -> str:
    """12 000, which no line break can part."""
    return f"{number:,}".replace(",", _NARROW_NO_BREAK)


def amount_en(minor: int, currency: str) -> str:
    """EUR 12,000.50."""
    return f"{currency}{NO_BREAK}{_amount(minor, currency, number_en, '.')}"


def amount_fr(minor: int, currency: str) -> str:
    """12 000,50 EUR."""
    return f"{_amount(minor, currency, number_fr, ',')}{NO_BREAK}{currency}"


def _amount(minor: int, currency: str, number: Callable[[int], str], point: str) -> str:
    digits = exponent(currency)
    whole, rest = divmod(minor, 10**digits)
    return number(whole) + (f"{point}{rest:0{digits}}" if digits else "")


def day_en(day: date) -> str:
    """31 January 2027."""
    return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"


def day_fr(day: date) -> str:
    """31 janvier 2027, and 1er for the first of a month."""
    first = "1er" if day.day == 1 else str(day.day)
    return f"{first}{NO_BREAK}{_MONTHS_FR[day.month - 1]} {day.year}"


def either(items: Sequence[str], conjunction: str) -> str:
    """a, b or c."""
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"
