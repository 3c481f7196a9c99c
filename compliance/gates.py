"""The checks that other apps must pass: may this be published, may it go there? What is undecided is
refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import cast
from uuid import UUID

from compliance import legal
from compliance.destinations import bases, destinations
from compliance.destinations.destinations import Destination
from compliance.reviews.reviews import (
    approve,
    decided,
    examine,
    examined,
    holds,
    is_approved,
    is_clear,
    refuse,
    require_publishable,
)

__all__ = [
    "Importer",
    "approve",
    "decided",
    "destination",
    "examine",
    "examined",
    "groups_on",
    "holds",
    "is_approved",
    "is_clear",
    "refuse",
    "require_publishable",
]


@dataclass(frozen=True)
class Importer:
    """Whose transfer bases may open the way: the recipient, who it would have the data from, and which dataset."""

    participant_id: UUID
    exporter_id: UUID | None = None
    dataset_id: UUID | None = None


def destination(
    personal_data: str,
    country: str | None,
    certifications: Iterable[str],
    on: date,
    importer: Importer | None = None,
) -> Destination:
    """Whether data of this class may go to a recipient in `country` on that day, by the legal profile in force and,
    where that does not do, by what the register holds for the importer.

    Unavailable when the profile cannot be read: nothing leaves on a guess.
    """
    decide = partial(
        destinations.decide,
        legal.current(),
        country=country,
        personal_data=cast(destinations.PersonalData, personal_data),  # an unknown class counts as personal
        certifications=frozenset(certifications),
        on=on,
    )
    found = decide()
    if found.allowed or importer is None:
        return found
    return decide(
        bases=bases.of(
            importer.participant_id, exporter_id=importer.exporter_id, dataset_id=importer.dataset_id
        )
    )


def groups_on(day: date) -> Mapping[str, frozenset[str]]:
    """Who belongs to the groups of countries on that day, by the legal profile in force; Unavailable as above."""
    return destinations.groups(legal.current(), day)
