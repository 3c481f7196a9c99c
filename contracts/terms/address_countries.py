"""In which country a network address is: from a file that the operator provides, a list with one range on each line, as
`first,last,CC`, or a MaxMind database. Without the file nobody knows, and whatever depends on it is refused."""

import csv
import ipaddress
import logging
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import maxminddb
from django.conf import settings

from compliance.legal.readings import is_country
from exchange.kernel.errors import Invalid

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

log = logging.getLogger("exchange.gateway")

NOBODYS = frozenset({"", "-", "ZZ", "XX"})
"""What such files write for ranges that belong to no country."""


@dataclass(frozen=True)
class Ranges:
    """Ranges of addresses of one version that do not overlap, in their order."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    countries: tuple[str, ...]

    def country_of(self, address: int) -> str | None:
        """The country of the range that holds the address."""
        at = bisect_right(self.firsts, address) - 1
        if at < 0 or address > self.lasts[at]:
            return None
        return self.countries[at]


@dataclass(frozen=True)
class Listed:
    """The ranges of a list, by the version of their addresses."""

    ranges: Mapping[int, Ranges]

    def country_of(self, address: Address) -> str | None:
        return self.ranges[address.version].country_of(int(address))


@dataclass(frozen=True)
class Database:
    """A MaxMind database of countries, whoever publishes it."""

    reader: maxminddb.Reader

    def country_of(self, address: Address) -> str | None:
        """Invalid where the file breaks off, or says what no such file says."""
        try:
            record = self.reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError) as error:
            raise Invalid(str(error), code="address_countries_invalid") from None
        named = record.get("country") if isinstance(record, dict) else None
        code = named.get("iso_code") if isinstance(named, dict) else named
        return code if isinstance(code, str) and is_country(code) else None


def is_configured() -> bool:
    """Whether this exchange can tell in which country an address is."""
    return bool(settings.EXCHANGE_ADDRESS_COUNTRIES)


def country_of(address: str | None) -> str | None:
    """The country of an address; None where nobody knows."""
    if address is None or not is_configured():
        return None
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(known, ipaddress.IPv6Address):
        if known.scope_id is not None:
            return None
        known = known.ipv4_mapped or known
    try:
        return load(settings.EXCHANGE_ADDRESS_COUNTRIES).country_of(known)
    except Invalid as refusal:
        log.critical("EXCHANGE_ADDRESS_COUNTRIES cannot be used: %s", refusal)
        return None


def asked_of(address: str | None) -> str | None:
    """The country of an address for a question that waits for an answer: empty where nobody knows, None where this
    exchange asks nobody."""
    if address is None or not is_configured():
        return None
    return country_of(address) or ""


@lru_cache(maxsize=1)
def load(path: str) -> "Listed | Database":
    """Open such a file, once for each process; Invalid says why it cannot be used, by the first wrong line."""
    return _opened(path) if path.endswith(".mmdb") else _listed(path)


def _opened(path: str) -> "Database":
    try:
        return Database(maxminddb.open_database(path, maxminddb.MODE_AUTO))
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise Invalid(f"{path} cannot be read: {error}", code="address_countries_invalid") from None


def _listed(path: str) -> "Listed":
    found: dict[int, list[tuple[int, int, str]]] = {4: [], 6: []}
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                version, first, last, country = _range(row, f"{path}, line {number}")
                if country:
                    found[version].append((first, last, country))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path} cannot be read: {error}", code="address_countries_invalid") from None
    return Listed({version: _in_order(ranges, path) for version, ranges in found.items()})


def _range(row: list[str], where: str) -> tuple[int, int, int, str]:
    try:
        first, last = ipaddress.ip_address(row[0].strip()), ipaddress.ip_address(row[1].strip())
        country = row[2].strip().upper()
    except (ValueError, IndexError):
        raise Invalid(f"{where}: write first,last,CC.", code="address_countries_invalid") from None
    if first.version != last.version or int(first) > int(last):
        raise Invalid(f"{where}: the range ends before it begins.", code="address_countries_invalid")
    if country not in NOBODYS and not is_country(country):
        raise Invalid(f"{where}: {country[:8]!a} is no country.", code="address_countries_invalid")
    return first.version, int(first), int(last), "" if country in NOBODYS else country


def _in_order(ranges: list[tuple[int, int, str]], path: str) -> Ranges:
    ranges.sort()
    for (_, last, _one), (first, _, _other) in pairwise(ranges):
        if first <= last:
            raise Invalid(f"{path}: two ranges overlap.", code="address_countries_invalid")
    return Ranges(
        tuple(first for first, _, _ in ranges),
        tuple(last for _, last, _ in ranges),
        tuple(country for _, _, country in ranges),
    )
