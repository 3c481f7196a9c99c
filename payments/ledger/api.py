"""The routes of the ledger, for the operator."""

from ninja import Query, Router

from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut
from exchange.participants.actors.auth import ApiRequest
from payments.ledger import queries
from payments.ledger.schemas import PostingOut, PostingsQuery, TrialBalanceOut

router = Router(tags=["payments"])


@router.get("/ledger/trial-balance", response=TrialBalanceOut)
def show_trial_balance(request: ApiRequest) -> TrialBalanceOut:
    """The whole ledger at this moment: every sum is zero, or something is wrong with the database."""
    return TrialBalanceOut.of(queries.trial_balance_for(request.auth))


@router.get("/ledger/postings", response=PageOut[PostingOut])
def list_postings(request: ApiRequest, asked: Query[PostingsQuery]) -> PageOut[PostingOut]:
    """What was booked, newest first; `reference` asks for what was booked about one thing."""
    postings = queries.postings_visible_to(request.auth, reference=asked.reference)
    found = page(postings, cursor=asked.cursor, limit=asked.limit)
    return PageOut(items=[PostingOut.of(row) for row in found.items], next_cursor=found.next_cursor)
