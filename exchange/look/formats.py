"""Numbers, money, sizes and moments as the reader of a language writes them: English and French, exact integers,
no-break spaces where French has them, and the zone of a time always named."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import dateformat
from django.utils.translation import get_language

from exchange.kernel.money import exponent

NBSP = "\u00a0"
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
_UNITS = {"en": ("B", "kB", "MB", "GB", "TB", "PB"), "fr": ("o", "ko", "Mo", "Go", "To", "Po")}


def is_french() -> bool:
    """Whether the reader of this page reads French."""
    return (get_language() or "en").startswith("fr")


def number(value: int | float, places: int = 0) -> str:
    """336,776 or 336 776; `places` digits stand behind the point."""
    written = f"{value:,.{places}f}"
    return written.translate({ord(","): NBSP, ord("."): ","}) if is_french() else written


def percent(part: float, places: int = 0) -> str:
    """A part of one as a percentage: 0.993 with one place is 99.3%."""
    return f"{number(part * 100, places)}{NBSP if is_french() else ''}%"


def money(minor: int, currency: str) -> str:
    """€1,480.00 or 1 480,00 €."""
    sign, whole, rest = _split(minor, currency)
    figures = number(whole) + (("," if is_french() else ".") + rest if rest else "")
    symbol = _SYMBOLS.get(currency)
    if is_french():
        return f"{sign}{figures}{NBSP}{symbol or currency}"
    return f"{sign}{symbol}{figures}" if symbol else f"{sign}{currency}{NBSP}{figures}"


def whole_money(minor: int, currency: str) -> str:
    """€1,480 or 1 480 €: an amount in whole units, for pictures; a small one in full."""
    unit = 10 ** exponent(currency)
    if minor % unit and abs(minor) < 100 * unit:
        return money(minor, currency)
    whole = (abs(minor) + unit // 2) // unit
    symbol = _SYMBOLS.get(currency)
    sign = "−" if minor < 0 and whole else ""
    if is_french():
        return f"{sign}{number(whole)}{NBSP}{symbol or currency}"
    return f"{sign}{symbol}{number(whole)}" if symbol else f"{sign}{currency}{NBSP}{number(whole)}"


def plain_money(minor: int, currency: str) -> str:
    """1480.00: for machines."""
    sign, whole, rest = _split(minor, currency)
    return f"{'-' if sign else ''}{whole}{'.' + rest if rest else ''}"


def _split(minor: int, currency: str) -> tuple[str, int, str]:
    digits = exponent(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    return "−" if minor < 0 else "", whole, f"{rest:0{digits}}" if digits else ""


def size(count: int) -> str:
    """Bytes in powers of a thousand: 386 B, 15 kB, 34.2 MB."""
    units = _UNITS["fr" if is_french() else "en"]
    value, step = float(count), 0
    while value >= 999.95 and step < len(units) - 1:
        value, step = value / 1000, step + 1
    places = 0 if step == 0 or (step == 1 and value >= 9.95) else 1
    return f"{number(value, places)}{NBSP}{units[step]}"


def zone() -> ZoneInfo:
    """The zone in which this exchange shows times."""
    return ZoneInfo(settings.EXCHANGE_TIME_ZONE)


def zone_name(at: datetime) -> str:
    """CET, or heure de Paris."""
    local = at.astimezone(zone())
    key = settings.EXCHANGE_TIME_ZONE
    if not is_french() or "/" not in key:
        return local.tzname() or key
    return f"heure de {key.rpartition('/')[2].replace('_', ' ')}"


def day(at: date) -> str:
    """20 Nov 2026, or 20 novembre 2026; a moment is first taken to the exchange's zone."""
    local = at.astimezone(zone()) if isinstance(at, datetime) else at
    if not is_french():
        return dateformat.format(local, "j M Y").replace(" ", NBSP, 1)
    first = "1er" if local.day == 1 else str(local.day)
    return f"{first}{NBSP}{dateformat.format(local, 'F Y')}"


def month(period: str) -> str:
    """November 2026, of 2026-11."""
    return dateformat.format(date.fromisoformat(f"{period}-01"), "F Y").replace(" ", NBSP)


def moment(at: datetime, precision: str = "minute") -> str:
    """A moment to the `minute` or the `second` with its zone, its `day` alone, or where a caption names the zone: in a
    table's `cell` to the second, on a `line` of time to the minute."""
    local = at.astimezone(zone())
    if precision == "day":
        return day(at)
    if precision in ("cell", "line"):
        clock = f"{local:%H:%M:%S}" if precision == "cell" else f"{local:%H:%M}"
        return f"{local:%d/%m/%Y} {clock}" if is_french() else f"{day(at)}, {clock}"
    if is_french():
        seconds = f"{NBSP}min{NBSP}{local.second}{NBSP}s" if precision == "second" else ""
        clock = f"{local.hour}{NBSP}h{NBSP}{local:%M}{seconds}"
        return f"{day(at)} à {clock}, {zone_name(at)}"
    clock = f"{local:%H:%M:%S}" if precision == "second" else f"{local:%H:%M}"
    return f"{day(at)}, {clock}{NBSP}{zone_name(at)}"


def short(identifier: object) -> str:
    """An id or a hash that a person compares: 219a…8e20."""
    written = str(identifier)
    return written if len(written) <= 12 else f"{written[:4]}…{written[-4:]}"
