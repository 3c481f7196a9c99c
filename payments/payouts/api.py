"""The routes of payouts and statements. To where money goes is said by people alone, on a page; programs read."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Schema

from exchange.kernel.errors import NotFound
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest
from payments.payouts import accounts, payouts
from payments.payouts.schemas import PayoutAccountOut, PayoutOut
from payments.statements import files as statement_files
from payments.statements import statements

router = Router(tags=["payments"])


class StatementsOut(Schema):
    """The months in which something moved on your accounts, newest first."""

    periods: list[str]


@router.get("/payouts", response=PageOut[PayoutOut])
def list_payouts(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[PayoutOut]:
    """What you were paid, or will be, newest first."""
    found = page(payouts.payouts_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    return PayoutOut.page_of(found)


@router.get("/payouts/{uuid:payout_id}", response=PayoutOut)
def show_payout(request: ApiRequest, payout_id: UUID) -> PayoutOut:
    """One payout."""
    return PayoutOut.of(payouts.payout_visible_to(request.auth, payout_id))


@router.get("/payout-accounts", response=list[PayoutAccountOut])
def list_payout_accounts(request: ApiRequest) -> list[PayoutAccountOut]:
    """Where you are paid, by each provider."""
    own = accounts.accounts_visible_to(request.auth).filter(participant_id=_own(request))
    return [PayoutAccountOut.of(row) for row in own]


@router.get("/statements", response=StatementsOut)
def list_statements(request: ApiRequest) -> StatementsOut:
    """For which months there is a statement of what you earned."""
    return StatementsOut(periods=statements.periods(_own(request), by=request.auth))


@router.get("/statements/{period}.json")
def show_statement(request: ApiRequest, period: str) -> HttpResponse:
    """The statement of a month under the exchange's seal; `comptoir-verify statement` does each sum of it again."""
    return statement_files.answer(_own(request), period, "json", by=request.auth)


@router.get("/statements/{period}.csv")
def show_statement_table(request: ApiRequest, period: str) -> HttpResponse:
    """The same as a table."""
    return statement_files.answer(_own(request), period, "csv", by=request.auth)


@router.get("/statements/{period}.pdf")
def show_statement_paper(request: ApiRequest, period: str) -> HttpResponse:
    """The same on paper."""
    return statement_files.answer(_own(request), period, "pdf", by=request.auth)


def _own(request: ApiRequest) -> UUID:
    if request.auth.participant_id is None:
        raise NotFound("only an organisation has this")
    return request.auth.participant_id
