"""How much a right has taken in all, in bytes and in rows. It is what its copies add up to, so it needs no count of its
own: what is taken, comes back or goes on under a right that follows counts by its copies."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import BigIntegerField, Count, F, Q, Sum
from django.db.models.functions import Cast

from contracts.models import CopyCount, Entitlement
from contracts.terms.terms import Terms
from datasets import queries as dataset_queries
from datasets.models import Asset

FACTS = frozenset({"bytes_taken", "rows_taken", "asset_bytes", "asset_rows"})


@dataclass(frozen=True)
class Volume:
    """What all copies under a right are together, and what one more of a file would add; rows are None where a file
    was not counted."""

    bytes_taken: int = 0
    rows_taken: int | None = 0
    asset_bytes: int = 0
    asset_rows: int | None = 0

    def left(self, terms: Terms) -> str:
        """What is left of what the terms permit, beside what this copy would take."""
        said = []
        for name, most in _limits(terms):
            taken, more = (self.rows_taken, self.asset_rows)
            if name == "bytes":
                taken, more = (self.bytes_taken, self.asset_bytes)
            if taken is not None and more is not None:
                said.append(f"{max(most - taken, 0):,} of {most:,} {name} are left, and this file has {more:,}")
        return "; ".join(said)


NOTHING = Volume()
"""What going on with a copy adds: it was counted when it began."""


@dataclass(frozen=True)
class Taken:
    """What was taken in all of what terms permit, in rows or in bytes; None where a file was not counted."""

    unit: str
    taken: int | None
    most: int


def of(entitlement: Entitlement, asset: Asset) -> Volume:
    """What a right has taken, and what a copy of this file would add."""
    in_bytes, rows = _in_all(entitlement)
    profile = dataset_queries.profile_of(asset)
    return Volume(in_bytes, rows, asset.size_bytes or 0, profile.row_count if profile else None)


def taken(entitlement: Entitlement, terms: Terms) -> list[Taken]:
    """What a right has taken of each limit that its terms set; of others nobody need know."""
    limits = list(_limits(terms))
    if not limits:
        return []
    in_bytes, rows = _in_all(entitlement)
    return [Taken(name, in_bytes if name == "bytes" else rows, most) for name, most in limits]


def _limits(terms: Terms) -> Iterator[tuple[str, int]]:
    for clause in terms.clauses:
        if clause.kind == "volume":
            yield from ((name, clause.number(name)) for name, _ in clause.values)


def _in_all(entitlement: Entitlement) -> tuple[int, int | None]:
    copies = Cast(F("used"), BigIntegerField())
    found = CopyCount.objects.filter(entitlement=entitlement, used__gt=0).aggregate(
        bytes=Sum(copies * F("asset__size_bytes"), output_field=BigIntegerField()),
        rows=Sum(copies * F("asset__profile__row_count"), output_field=BigIntegerField()),
        uncounted=Count("pk", filter=Q(asset__profile__row_count=None)),
    )
    return int(found["bytes"] or 0), None if found["uncounted"] else int(found["rows"] or 0)
