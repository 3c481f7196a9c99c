"""The API of the publish gate, for officers' own tools; a seller reads its own reviews here."""

from uuid import UUID

from ninja import Query, Router

from compliance.models import Review
from compliance.reviews import queries, reviews
from compliance.reviews.schemas import GateLineOut, GateQuery, GateReviewOut
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, ReasonIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.get("/compliance/reviews", response=PageOut[GateLineOut])
def list_gate_reviews(request: ApiRequest, asked: Query[GateQuery]) -> Page[Review]:
    """What waits at the publish gate, and what was decided there, newest first."""
    found = queries.asked_visible_to(request.auth, state=asked.state, cause=asked.cause, days=asked.days)
    return pagination.page(found, cursor=asked.cursor, limit=asked.limit)


@router.get("/compliance/reviews/{uuid:review_id}", response=GateReviewOut)
def read_gate_review(request: ApiRequest, review_id: UUID) -> Review:
    """Every column of one version, declared against found, and what officers said of it."""
    return queries.review_visible_to(request.auth, review_id)


@router.post("/compliance/reviews/{uuid:review_id}/approve", response=GateReviewOut)
def approve_gate_review(request: ApiRequest, review_id: UUID, given: ReasonIn) -> Review:
    """Approve; it stays open while another officer must approve, too."""
    return reviews.approve(queries.review_visible_to(request.auth, review_id), given.reason, by=request.auth)


@router.post("/compliance/reviews/{uuid:review_id}/refuse", response=GateReviewOut)
def refuse_gate_review(request: ApiRequest, review_id: UUID, given: ReasonIn) -> Review:
    return reviews.refuse(queries.review_visible_to(request.auth, review_id), given.reason, by=request.auth)
