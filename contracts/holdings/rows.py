"""What a right reaches, revision by revision, as its holder's pages show it: which may be taken, what of each has
arrived, and which revision was revoked or waits to be cleared."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from contracts.badges import Badge
from contracts.entitlements import windows
from contracts.entitlements.windows import Reached
from contracts.holdings.holdings import File, Holding
from contracts.models import Entitlement
from datasets import datasets
from datasets import queries as dataset_queries
from datasets.models import Asset, Revision

AT_ONCE = 6
_IN_BRIEF = 3


@dataclass(frozen=True)
class OwnFile:
    """A file of a revision: copies taken of it, whether none is left, and what has arrived."""

    asset: Asset
    used: int
    is_spent: bool
    held: File | None


@dataclass(frozen=True)
class Shelf:
    """One revision with its files; `may_be_taken` says nothing of the right's own state."""

    revision: Revision
    is_agreed: bool
    badge: Badge | None
    may_be_taken: bool
    files: list[OwnFile]


@dataclass(frozen=True)
class Shelves:
    """Some of what a right reaches, the newest first. `earlier` is the number before which more are to be had."""

    items: list[Shelf]
    total: int
    earlier: int | None


@dataclass(frozen=True)
class Brief:
    """One revision in a line: how many of its files have arrived whole."""

    number: int
    files: int
    whole_files: int


def shelves(
    right: Entitlement, held: Sequence[Holding], *, before: int | None = None, now: datetime
) -> Shelves:
    """The revisions that a right reaches or under which something was taken, from the newest, or from that `before` a
    number."""
    every = _with_held(windows.reached([right], now=now)[right.pk], held)
    asked = [one for one in every if before is None or one.number < before]
    shown = asked[:AT_ONCE]
    rows = dataset_queries.revisions_of(one.id for one in shown).in_bulk()
    assets = dataset_queries.assets_of_several(rows)
    used = windows.copies_used(right, rows)
    arrived = {file.asset.pk: file for one in held for file in one.files}
    items = []
    for one in shown:
        revision = rows[one.id]
        badge = _badge(revision, one)
        items.append(
            Shelf(
                revision=revision,
                is_agreed=one.is_agreed,
                badge=badge,
                may_be_taken=badge is None,
                files=[
                    OwnFile(asset, used.get(asset.pk, 0), _is_spent(right, used, asset), arrived.get(asset.pk))
                    for asset in assets.get(one.id, ())
                ],
            )
        )
    earlier = shown[-1].number if len(asked) > len(shown) else None
    return Shelves(items, len(every), earlier)


def briefs(
    rights: Sequence[Entitlement], held: Mapping[UUID, Sequence[Holding]], *, now: datetime
) -> dict[UUID, tuple[list[Brief], int]]:
    """Of each right the newest revisions in brief, and how many more there are. Two queries, however many rights."""
    every = {
        right_id: _with_held(found, held.get(right_id, ()))
        for right_id, found in windows.reached(rights, now=now).items()
    }
    counts = dataset_queries.file_counts(one.id for found in every.values() for one in found[:_IN_BRIEF])
    return {
        right_id: (
            [
                Brief(one.number, counts.get(one.id, 0), _whole(one.id, held.get(right_id, ())))
                for one in found[:_IN_BRIEF]
            ],
            max(0, len(found) - _IN_BRIEF),
        )
        for right_id, found in every.items()
    }


def _with_held(found: Sequence[Reached], held: Sequence[Holding]) -> list[Reached]:
    known = {one.id for one in found}
    more = [Reached(one.revision.pk, one.revision.number, False) for one in held]
    return sorted(
        [*found, *(one for one in more if one.id not in known)], key=lambda one: one.number, reverse=True
    )


def _badge(revision: Revision, one: Reached) -> Badge | None:
    """Why nothing of this revision may be taken; None where nothing speaks against it."""
    if not revision.is_sealed:
        return Badge(_("Revoked by the seller"), "stop", "stop")
    if not one.is_agreed and not datasets.is_cleared(revision):
        return Badge(_("Not cleared yet"), "warn", "clock")
    return None


def _is_spent(right: Entitlement, used: Mapping[UUID, int], asset: Asset) -> bool:
    return right.copies_max is not None and used.get(asset.pk, 0) >= right.copies_max


def _whole(revision_id: UUID, held: Sequence[Holding]) -> int:
    return sum(one.whole_files for one in held if one.revision.pk == revision_id)


def by_right(held: Sequence[Holding]) -> dict[UUID, list[Holding]]:
    """Holdings under each right."""
    found: dict[UUID, list[Holding]] = defaultdict(list)
    for one in held:
        found[one.entitlement.pk].append(one)
    return dict(found)
