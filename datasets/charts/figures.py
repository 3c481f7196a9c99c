"""What a picture is made of, in the units of its view box, and how numbers in it are written."""

import unicodedata
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# How wide letters are in bold text of 12 px; a little more than they are.
_LETTER, _CAPITAL, _WIDE, _NARROW, _IDEOGRAPH, _MONO = 6.8, 8.3, 10.5, 4.0, 12.5, 7.4
_WIDEST = frozenset("MWmw@%")
_NARROWEST = frozenset("iljtfrI.,:;|!'() -/")


@dataclass(frozen=True)
class Rect:
    """A coloured area; `title` is shown to who points at it."""

    css: str
    x: float
    y: float
    width: float
    height: float
    title: str = ""


@dataclass(frozen=True)
class Text:
    css: str
    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Line:
    css: str
    path: str


@dataclass(frozen=True)
class KeyEntry:
    css: str
    words: str


@dataclass(frozen=True)
class Table:
    """The numbers behind a picture. The first cell of a row heads it; a field is named in the corner, or in the first
    `field_rows` rows."""

    head: list[str]
    rows: list[list[str]]
    is_field_in_corner: bool = False
    field_rows: int = 0


def number(value: int | Decimal) -> str:
    """With the reader's separators, and a true minus."""
    return str(number_format(value, force_grouping=True)).replace("-", "−")


def rough(value: int) -> str:
    """A count for an axis: thousands as 40k, millions as 1.5M."""
    if value >= 10**6:
        return _("%(number)sM") % {"number": _short(Decimal(value) / 10**6)}
    if value >= 10**4:
        return _("%(number)sk") % {"number": _short(Decimal(value) / 10**3)}
    return number(value)


def _short(value: Decimal) -> str:
    tenths = value.quantize(Decimal("0.1"))
    return number(int(tenths) if tenths == int(tenths) else tenths)


def percentage(part: int, whole: int) -> str:
    """Hundredths with one decimal, rounded down, so that 100 means all, and 0 none."""
    if part >= whole:
        return number(100)
    if not part:
        return number(0)
    tenths = (Decimal(part) * 1_000 / whole).to_integral_value(ROUND_FLOOR)
    return str(number_format(tenths / 10, decimal_pos=1))


def width(words: str, *, mono: bool = False) -> float:
    """About how wide a text is when it is drawn."""
    return sum(_width(letter, mono) for letter in words)


def fitted(words: str, room: float, *, mono: bool = False) -> str:
    """As much of a text as there is room for; empty where that is next to nothing."""
    if width(words, mono=mono) <= room:
        return words
    cut = words
    while cut and width(cut + "…", mono=mono) > room:
        cut = cut[:-1]
    return cut.rstrip() + "…" if len(cut) >= 3 else ""


def _width(letter: str, mono: bool) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return _IDEOGRAPH
    if mono:
        return _MONO
    if letter in _WIDEST:
        return _WIDE
    if letter in _NARROWEST:
        return _NARROW
    return _CAPITAL if letter.isupper() else _LETTER


def rounded(value: float) -> float:
    """A place in a picture, exact to a tenth."""
    return round(value, 1)
