"""The routes of shares: who earns what part of a subject, and whether each party agrees."""

from uuid import UUID

from ninja import Query, Router

from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest
from payments.shares import shares
from payments.shares.schemas import SplitOut

router = Router(tags=["payments"])


@router.get("/shares", response=PageOut[SplitOut])
def list_shares(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[SplitOut]:
    """The versions that you have proposed, or are a party of, newest first."""
    found = page(shares.splits_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    return SplitOut.page_of(found)


@router.get("/shares/{uuid:split_id}", response=SplitOut)
def show_shares(request: ApiRequest, split_id: UUID) -> SplitOut:
    """One version, with the part of each party."""
    return SplitOut.of(shares.split_visible_to(request.auth, split_id))


@router.post("/shares/{uuid:split_id}/accept", response=SplitOut)
def accept_shares(request: ApiRequest, split_id: UUID) -> SplitOut:
    """Agree as a party; with the last of them it counts for every sale from then on."""
    split = shares.split_visible_to(request.auth, split_id)
    return SplitOut.of(shares.accept(split, by=request.auth))


@router.post("/shares/{uuid:split_id}/decline", response=SplitOut)
def decline_shares(request: ApiRequest, split_id: UUID, given: ReasonIn) -> SplitOut:
    """Refuse as a party: it never counts."""
    split = shares.split_visible_to(request.auth, split_id)
    return SplitOut.of(shares.decline(split, reason=given.reason, by=request.auth))


@router.post("/shares/{uuid:split_id}/withdraw", response=SplitOut)
def withdraw_shares(request: ApiRequest, split_id: UUID) -> SplitOut:
    """The seller takes its proposal back."""
    split = shares.split_visible_to(request.auth, split_id)
    return SplitOut.of(shares.withdraw(split, by=request.auth))
