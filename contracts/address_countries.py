"""In which country a network address is: from a file that the operator provides, one range on each line, as
`first,last,CC`. Without the file nobody knows, and whatever depends on it is refused."""

import csv
import ipaddress
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings

from compliance.destinations import is_country
from exchange.kernel.errors import Invalid

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
    return load(settings.EXCHANGE_ADDRESS_COUNTRIES)[known.version].country_of(int(known))


@lru_cache(maxsize=1)
def load(path: str) -> dict[int, Ranges]:
    """Read such a file, once for each process; Invalid names the first line that cannot be used."""
    found: dict[int, list[tuple[int, int, str]]] = {4: [], 6: []}
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                version, first, last, country = _range(row, f"{path}, line {number}")
                if country:
                    found[version].append((first, last, country))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path} cannot be read: {error}", code="address_countries_invalid") from None
    return {version: _in_order(ranges, path) for version, ranges in found.items()}


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
