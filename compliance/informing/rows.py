"""Duties to inform as a page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from compliance import labels
from compliance.models import InformingDuty
from compliance.reviews.words import EXEMPTIONS
from compliance.rows import organisations
from compliance.words import Words
from exchange.kernel.actors import Actor
from exchange.look.formats import short


@dataclass(frozen=True)
class ShownDuty:
    """One duty, by name."""

    duty: InformingDuty
    title: str
    buyer: str
    seller: str
    exemption: Words
    is_late: bool


def of(found: Sequence[InformingDuty], *, by: Actor) -> list[ShownDuty]:
    """The rows of a table; one question for each kind of name."""
    titles = labels.names("dataset", [row.dataset_id for row in found])
    names = organisations([one for row in found for one in (row.buyer_id, row.seller_id)], by=by)

    def named(one: UUID, known: dict[UUID, str]) -> str:
        return known.get(one) or short(one)

    return [
        ShownDuty(
            row,
            named(row.dataset_id, titles),
            named(row.buyer_id, names),
            named(row.seller_id, names),
            EXEMPTIONS.get(row.exemption, row.exemption),
            row.answered_at is None and row.due_at < by.at,
        )
        for row in found
    ]
