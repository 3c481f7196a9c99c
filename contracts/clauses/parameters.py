"""The types a clause parameter can have. Each reads a raw JSON value into its one canonical form, or says in
words what it wants."""

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NoReturn, Protocol, TypeAlias
from zoneinfo import available_timezones

from contracts.clauses import countries, licences, purposes
from exchange.kernel import money, text
from exchange.kernel.errors import Invalid
from exchange.participants import sectors

Value: TypeAlias = bool | int | str | tuple[str, ...]

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHANNELS = ("gateway", "sharing", "bucket")
_FIRST_DAY = date(2000, 1, 1)
_LAST_DAY = date(2199, 12, 31)


class Unreadable(ValueError):
    """A parameter that cannot be read: what is wanted, as the end of "… must be"."""

    def __init__(self, wanted: str, given: object, *, code: str = "invalid_terms") -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.given = given
        self.code = code


class Parameter(Protocol):
    """Reads one raw JSON value."""

    def read(self, raw: object) -> Value:
        """The canonical value; Unreadable when there is none."""
        ...


@dataclass(frozen=True)
class Maybe:
    """A parameter that may be left out; then the clause has no value for it."""

    parameter: Parameter

    def read(self, raw: object) -> Value:
        """The value, where one is given."""
        return self.parameter.read(raw)


@dataclass(frozen=True)
class Whole:
    """A whole number between two limits."""

    at_least: int
    at_most: int

    def read(self, raw: object) -> int:
        """The number; booleans, fractions and text are refused, even when they look like one."""
        if type(raw) is int and self.at_least <= raw <= self.at_most:
            return raw
        raise Unreadable(f"a whole number from {self.at_least} to {self.at_most}", raw)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def read(self, raw: object) -> bool:
        """The boolean; 0, 1 and text are refused."""
        if isinstance(raw, bool):
            return raw
        raise Unreadable("true or false", raw)


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, raw: object) -> str:
        """The word."""
        if isinstance(raw, str) and raw in self.words:
            return raw
        raise Unreadable(f"one of {', '.join(self.words)}", raw)


@dataclass(frozen=True)
class Line:
    """One line of text."""

    at_most: int

    def read(self, raw: object) -> str:
        """The text, trimmed and in Unicode form NFC."""
        if not isinstance(raw, str):
            raise Unreadable(f"a line of text of 1 to {self.at_most} characters", raw)
        try:
            return text.line(raw, at_most=self.at_most)
        except Invalid as refusal:
            raise Unreadable(
                f"a line of text of 1 to {self.at_most} characters ({refusal.detail})", raw
            ) from None


@dataclass(frozen=True)
class Day:
    """A calendar date."""

    def read(self, raw: object) -> str:
        """The date as YYYY-MM-DD."""
        wanted = f"a date from {_FIRST_DAY} to {_LAST_DAY}, written YYYY-MM-DD"
        if not isinstance(raw, str) or not _ISO_DAY.fullmatch(raw):
            raise Unreadable(wanted, raw)
        try:
            day = date.fromisoformat(raw)
        except ValueError:
            raise Unreadable(wanted, raw) from None
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise Unreadable(wanted, raw)
        return raw


@dataclass(frozen=True)
class Clock:
    """A time of day, to the minute; 24:00 is the end of the day."""

    latest: str

    def read(self, raw: object) -> str:
        """The time as HH:MM."""
        if isinstance(raw, str) and _CLOCK.fullmatch(raw) and raw <= self.latest:
            return raw
        raise Unreadable(f"a time of day from 00:00 to {self.latest}, written HH:MM", raw)


@dataclass(frozen=True)
class Known:
    """One item of a vocabulary: a country, a licence, a currency, or whatever `item` reads."""

    item: Callable[[object], str]

    def read(self, raw: object) -> str:
        """The item in canonical form."""
        return self.item(raw)


@dataclass(frozen=True)
class Several:
    """A list of one or more different items, kept in one order."""

    item: Callable[[object], str]
    at_most: int

    def read(self, raw: object) -> tuple[str, ...]:
        """The items, each in canonical form, sorted."""
        wanted = f"a list of 1 to {self.at_most} items"
        if not isinstance(raw, list | tuple):
            raise Unreadable(wanted, raw)
        if not 1 <= len(raw) <= self.at_most:
            raise Unreadable(f"{wanted}; it has {len(raw)}", raw)
        items = [self.item(one) for one in raw]
        if len(set(items)) != len(items):
            raise Unreadable("a list in which no item comes twice", raw)
        return tuple(sorted(items))


def purpose(raw: object) -> str:
    """The code of a purpose in the vocabulary."""
    try:
        return purposes.require(raw)
    except Invalid as refusal:
        wanted = f"a list of purposes out of {', '.join(purposes.PURPOSES)}"
        raise Unreadable(wanted, raw, code=refusal.code) from None


def place(raw: object) -> str:
    """The code of a country, or of a group of countries."""
    try:
        return countries.require(raw, groups=True)
    except Invalid as refusal:
        wanted = (
            f"a list of ISO 3166-1 codes of two capitals, such as FR, or groups: {', '.join(countries.GROUPS)}"
        )
        raise Unreadable(wanted, raw, code=refusal.code) from None


def country(raw: object) -> str:
    """The code of one country."""
    try:
        return countries.require(raw)
    except Invalid as refusal:
        raise Unreadable("an ISO 3166-1 code of two capitals, such as FR", raw, code=refusal.code) from None


def licence(raw: object) -> str:
    """The SPDX id of a licence."""
    try:
        return licences.require(raw)
    except Invalid as refusal:
        raise Unreadable(f"one of {', '.join(licences.LICENCES)}", raw, code=refusal.code) from None


def currency(raw: object) -> str:
    """The code of a currency that can be paid in."""
    try:
        return money.price(0, raw).currency if isinstance(raw, str) else _no_currency(raw)
    except Invalid:
        return _no_currency(raw)


def _no_currency(raw: object) -> NoReturn:
    raise Unreadable("an ISO 4217 code such as EUR", raw, code="unknown_currency") from None


def digest(raw: object) -> str:
    """A SHA-256 in hexadecimal, in lower case."""
    if isinstance(raw, str) and _SHA256.fullmatch(raw):
        return raw.lower()
    raise Unreadable("a SHA-256 in 64 hexadecimal digits", raw)


def weekday(raw: object) -> str:
    """A day of the week."""
    return Choice(_WEEKDAYS).read(raw)


def channel(raw: object) -> str:
    """A way in which the exchange delivers."""
    return Choice(_CHANNELS).read(raw)


def sector(raw: object) -> str:
    """The code of an economic sector."""
    try:
        return sectors.require(raw)
    except Invalid as refusal:
        raise Unreadable(
            f"a list of sections of NACE Rev. 2.1 out of {', '.join(sectors.SECTORS)}", raw, code=refusal.code
        ) from None


def zone(raw: object) -> str:
    """The name of a time zone that this machine knows."""
    if isinstance(raw, str) and raw in _zones():
        return raw
    raise Unreadable("the name of a time zone, such as Europe/Paris", raw, code="unknown_zone")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    # Names without an area, such as EST or localtime, mean different things on different machines.
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def company(raw: object) -> str:
    """The name of somebody, on one line."""
    return Line(at_most=200).read(raw)


def participant(raw: object) -> str:
    """The UUID of a participant, in lower case."""
    if isinstance(raw, str) and _UUID.fullmatch(raw):
        return raw.lower()
    raise Unreadable("a list of participants' UUIDs", raw)


def address_range(raw: object) -> str:
    """A range of network addresses in CIDR form, without host bits."""
    if isinstance(raw, str) and raw.isascii() and "%" not in raw and len(raw) <= 64:
        try:
            return str(ipaddress.ip_network(raw, strict=True))
        except ValueError:
            pass
    raise Unreadable("a list of address ranges such as 192.0.2.0/24 or 2001:db8::/32, without host bits", raw)


def shown(raw: object) -> str:
    """What was given, short and in ASCII, for a message."""
    try:
        given = json.dumps(raw)
    except (TypeError, ValueError, RecursionError):
        given = type(raw).__name__
    return given if len(given) <= 80 else f"{given[:77]}..."
