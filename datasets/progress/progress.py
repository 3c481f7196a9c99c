"""How far datasets are on their way to the market: what is declared, sealed, measured and let through the gate, read
for many of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from compliance import queries as compliance
from compliance.models import Review
from compliance.reviews.statements import Lack
from datasets.gate import findings
from datasets.models import Dataset, Declaration, Profile, Revision
from exchange.kernel import events
from exchange.kernel.actors import Actor


@dataclass(frozen=True)
class Progress:
    """`current` is the latest sealed revision, `unreadable` the files of it that could not be read."""

    dataset: Dataset
    declaration: Declaration | None
    opened: Revision | None
    current: Revision | None
    unreadable: list[Profile]
    review: Review | None

    @property
    def is_measured(self) -> bool:
        """Whether the current revision has been looked into."""
        return self.current is not None and self.current.measured_at is not None

    @property
    def is_held(self) -> bool:
        """Whether an officer has to decide first."""
        return self.review is not None and self.review.state == Review.State.OPEN

    @property
    def is_refused(self) -> bool:
        """Whether an officer has refused it as it stands."""
        return self.review is not None and self.review.state == Review.State.REFUSED

    @cached_property
    def lacking(self) -> list[Lack]:
        """What is still to be stated before it may be published."""
        if self.declaration is None or self.current is None or not self.is_measured:
            return []
        return findings.lacking(self.current, self.declaration)

    @property
    def is_through(self) -> bool:
        """Whether nothing lacks, and nothing of what was found stands against the declaration any more."""
        is_examined = self.is_measured and self.declaration is not None and not self.unreadable
        return is_examined and not self.is_held and not self.is_refused and not self.lacking


def of_one(dataset: Dataset, by: Actor) -> Progress:
    """How far one dataset is."""
    return of([dataset], by)[0]


def of(datasets: Sequence[Dataset], by: Actor) -> list[Progress]:
    """How far each of these datasets is, in their order."""
    ids = [dataset.pk for dataset in datasets]
    declared = {
        row.dataset_id: row
        for row in Declaration.objects.filter(dataset__in=ids).order_by("number").defer("columns")
    }
    opened, current = _revisions(ids)
    unreadable = _unreadable([revision.pk for revision in current.values()])
    reviews = {
        (review.subject, review.version): review
        for review in compliance.reviews_visible_to(by).filter(subject__in=[f"dataset:{one}" for one in ids])
    }
    found = []
    for dataset in datasets:
        declaration, revision = declared.get(dataset.pk), current.get(dataset.pk)
        version = findings.version_of(revision, declaration) if revision and declaration else ""
        found.append(
            Progress(
                dataset=dataset,
                declaration=declaration,
                opened=opened.get(dataset.pk),
                current=revision,
                unreadable=unreadable.get(revision.pk, []) if revision else [],
                review=reviews.get((events.subject_of(dataset), version)),
            )
        )
    return found


def _revisions(ids: Sequence[UUID]) -> tuple[dict[UUID, Revision], dict[UUID, Revision]]:
    """The open revision and the latest sealed one of each dataset."""
    opened: dict[UUID, Revision] = {}
    current: dict[UUID, Revision] = {}
    states = (Revision.State.OPEN, Revision.State.SEALED)
    rows = Revision.objects.filter(dataset__in=ids, state__in=states).order_by("number").defer("manifest")
    for revision in rows:
        (current if revision.is_sealed else opened)[revision.dataset_id] = revision
    return opened, current


def _unreadable(revision_ids: Sequence[UUID]) -> dict[UUID, list[Profile]]:
    found: dict[UUID, list[Profile]] = {}
    rows = Profile.objects.filter(asset__revision__in=revision_ids, is_readable=False).select_related("asset")
    for profile in rows.order_by("asset__name"):
        found.setdefault(profile.asset.revision_id, []).append(profile)
    return found
