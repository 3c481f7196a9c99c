"""What a request for bytes asks for (RFC 9110 ranges and preconditions), and byte ranges as sets. Pure.

A range is a pair (first, after_last)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Range: TypeAlias = tuple[int, int]

_SINGLE = re.compile(r"\s*bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Wish:
    """The parts of a request that decide what is answered. A form of ours `takes_redirect` to no other origin: the
    browser would not follow it."""

    method: str = "GET"
    range: str | None = None
    if_range: str | None = None
    if_none_match: str | None = None
    if_match: str | None = None
    takes_redirect: bool = True


@dataclass(frozen=True)
class Plan:
    """What will be answered: `status` 200, 206, 304, 412 or 416, and the bytes that will leave, if any."""

    status: int
    first: int = 0
    after_last: int = 0
    is_head: bool = False

    @property
    def length(self) -> int:
        return self.after_last - self.first

    @property
    def sends_bytes(self) -> bool:
        return self.status in (200, 206) and not self.is_head


def etag(sha256: str) -> str:
    """The strong entity tag of an asset: its digest."""
    return f'"{sha256}"'


def plan(wish: Wish, *, size: int, tag: str) -> Plan:
    """Decide as RFC 9110 section 13.2.2 orders: If-Match, If-None-Match, then Range with If-Range."""
    is_head = wish.method == "HEAD"
    if wish.if_match is not None and not _names(wish.if_match, tag, weak=False):
        return Plan(412)
    if wish.if_none_match is not None and _names(wish.if_none_match, tag, weak=True):
        return Plan(304)
    whole = Plan(200, 0, size, is_head)
    if wish.range is None or is_head or (wish.if_range is not None and wish.if_range.strip() != tag):
        return whole
    return _ranged(wish.range, size, whole)


def _ranged(header: str, size: int, whole: Plan) -> Plan:
    found = _SINGLE.fullmatch(header)
    if found is None:  # several ranges, another unit or nonsense: a server may ignore the header
        return whole
    first, last = found.groups()
    if not first and not last:
        return whole
    if not first:
        length = int(last)
        return Plan(206, max(size - length, 0), size) if length and size else Plan(416)
    if last and int(last) < int(first):
        return whole
    if int(first) >= size:
        return Plan(416)
    return Plan(206, int(first), min(int(last) + 1, size) if last else size)


def _names(header: str, tag: str, *, weak: bool) -> bool:
    if header.strip() == "*":
        return True
    tags = [part.strip() for part in header.split(",")]
    return tag in [part.removeprefix("W/") if weak else part for part in tags]


def merged(ranges: Iterable[Sequence[int]]) -> list[Range]:
    """The same bytes as few ranges, in order, without overlap; empty ones fall away."""
    result: list[Range] = []
    for first, after_last in sorted((r[0], r[1]) for r in ranges if r[0] < r[1]):
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], after_last))
        else:
            result.append((first, after_last))
    return result


def covered(ranges: Iterable[Sequence[int]]) -> int:
    """How many bytes the ranges cover; they must be merged."""
    return sum(after_last - first for first, after_last in ranges)
