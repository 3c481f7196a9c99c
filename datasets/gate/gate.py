"""How a revision stands at the publish gate, read for its seller and for officers: columns, what lacks, the review."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from compliance import queries as compliance
from compliance.models import Review
from compliance.reviews import examination
from compliance.reviews.examination import Cause, ColumnLine
from compliance.reviews.statements import Lack
from datasets import queries
from datasets.gate import findings
from datasets.models import Dataset, Declaration, Revision
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, NotFound

State = Literal["not_declared", "not_measured", "incomplete", "held", "refused", "open"]


@dataclass(frozen=True)
class Gate:
    """`criteria` are those of WP248 that hold; `review` is of this revision under the current declaration."""

    state: State
    revision: Revision
    declaration: Declaration | None
    causes: list[Cause]
    columns: list[ColumnLine]
    criteria: list[str]
    lacking: list[Lack]
    review: Review | None


def of(dataset: Dataset, revision_id: UUID | None, *, by: Actor) -> Gate:
    """The gate for one sealed revision of the dataset, the current one unless another is named."""
    revision = _revision(dataset, revision_id, by)
    declaration = queries.current_declaration(dataset.pk)
    columns = findings.lines_of(revision, declaration) if revision.measured_at else []
    if declaration is None or revision.measured_at is None:
        state: State = "not_declared" if declaration is None else "not_measured"
        return Gate(state, revision, declaration, [], columns, [], [], None)
    found, whole = findings.of_revision(revision), str(declaration.personal_data)
    subject, version = events.subject_of(dataset), findings.version_of(revision, declaration)
    review = compliance.reviews_visible_to(by).filter(subject=subject, version=version).first()
    lacking = findings.lacking(revision, declaration)
    return Gate(
        state=_state(review, lacking),
        revision=revision,
        declaration=declaration,
        causes=examination.causes(declaration.columns, whole, found),
        columns=columns,
        criteria=findings.criteria(revision, declaration),
        lacking=lacking,
        review=review,
    )


def _revision(dataset: Dataset, revision_id: UUID | None, by: Actor) -> Revision:
    if revision_id is None:
        current = queries.current_revision(dataset.pk)
        if current is None:
            raise Conflict("seal a revision first", code="no_sealed_revision")
        return current
    found = queries.revision_visible_to(by, revision_id)
    if found.dataset_id != dataset.pk or found.sealed_at is None:
        raise NotFound("this dataset has no such sealed revision")
    return found


def _state(review: Review | None, lacking: list[Lack]) -> State:
    if lacking:
        return "incomplete"
    if review is None or review.state == Review.State.APPROVED:
        return "open"
    return "refused" if review.state == Review.State.REFUSED else "held"
