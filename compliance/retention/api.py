"""The API of legal holds and of retention, for officers' own tools."""

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from compliance.models import LegalHold, Sweep
from compliance.retention import desk, legal_holds
from compliance.retention.schemas import HoldIn, HoldQuery, LegalHoldOut, PlanOut, ReviewIn, SweepOut
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.get("/compliance/holds", response=PageOut[LegalHoldOut])
def list_holds(request: ApiRequest, asked: Query[HoldQuery]) -> Page[LegalHold]:
    """Legal holds, newest first."""
    found = legal_holds.holds_visible_to(request.auth, state=asked.state)
    return pagination.page(found, cursor=asked.cursor, limit=asked.limit)


@router.post("/compliance/holds", response={201: LegalHoldOut})
def place_hold(request: ApiRequest, given: HoldIn) -> Status[LegalHold]:
    """Keep what lies in a scope from every shred, prune and expiry, until each hold on it is released."""
    return Status(201, legal_holds.place(given.asked(), by=request.auth))


@router.get("/compliance/holds/{uuid:legal_hold_id}", response=LegalHoldOut)
def read_hold(request: ApiRequest, legal_hold_id: UUID) -> LegalHold:
    return legal_holds.hold_visible_to(request.auth, legal_hold_id)


@router.post("/compliance/holds/{uuid:legal_hold_id}/review", response=LegalHoldOut)
def review_hold(request: ApiRequest, legal_hold_id: UUID, given: ReviewIn) -> LegalHold:
    """Say why it is still needed, and when that is looked at again."""
    hold = legal_holds.hold_visible_to(request.auth, legal_hold_id)
    return legal_holds.review(hold, given.review_on, given.reason, by=request.auth)


@router.post("/compliance/holds/{uuid:legal_hold_id}/release", response=LegalHoldOut)
def release_hold(request: ApiRequest, legal_hold_id: UUID, given: ReasonIn) -> LegalHold:
    """End it; where two officers must agree, the first call asks, and another officer's ends it."""
    hold = legal_holds.hold_visible_to(request.auth, legal_hold_id)
    return legal_holds.release(hold, given.reason, by=request.auth)


@router.post("/compliance/holds/{uuid:legal_hold_id}/refuse-release", response=LegalHoldOut)
def refuse_hold_release(request: ApiRequest, legal_hold_id: UUID, given: ReasonIn) -> LegalHold:
    """Say no to a release that was asked for: the hold stands as before."""
    hold = legal_holds.hold_visible_to(request.auth, legal_hold_id)
    return legal_holds.refuse_release(hold, given.reason, by=request.auth)


@router.get("/compliance/retention", response=PlanOut)
def read_retention(request: ApiRequest) -> dict[str, Any]:
    """What the next sweep would take, and what holds keep; a dry run."""
    found = desk.plan(by=request.auth)
    logs = [
        {
            "log": year.log.name,
            "ended_at": year.ended_at,
            "is_due": year.is_due,
            "is_signed": year.is_signed,
            "holds": [hold.pk for hold in year.holds],
            "goes": year.goes,
        }
        for year in found.years
    ]
    return {"profile_version": found.profile_version, "waiting": found.waiting, "logs": logs}


@router.get("/compliance/retention/sweeps", response=PageOut[SweepOut])
def list_sweeps(request: ApiRequest, asked: Query[PageQuery]) -> Page[Sweep]:
    """What went, batch by batch, newest first."""
    return pagination.page(desk.sweeps_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
