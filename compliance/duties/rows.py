"""Deletions that are owed as a page shows them: names beside ids."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance import labels
from compliance.models import Duty
from compliance.rows import Names, organisations
from exchange.kernel.actors import Actor


@dataclass(frozen=True)
class ShownDuty:
    duty: Duty
    title: str
    revision: str
    seller: str
    buyer: str


def of(found: Sequence[Duty], *, by: Actor) -> list[ShownDuty]:
    """Deletions that are owed, by name."""
    names = Names(
        organisations([one for row in found for one in (row.seller_id, row.buyer_id)], by=by),
        labels.names("dataset", [row.dataset_id for row in found]),
        labels.names("revision", [row.revision_id for row in found]),
        {},
    )
    return [
        ShownDuty(
            row,
            names.dataset(row.dataset_id),
            names.revision(row.revision_id),
            names.organisation(row.seller_id),
            names.organisation(row.buyer_id),
        )
        for row in found
    ]
