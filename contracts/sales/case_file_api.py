"""The case file of a contract over HTTP."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from contracts import queries
from contracts.decisions.schemas import PartQuery
from contracts.sales import case_file
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.get("/agreements/{uuid:agreement_id}/case-file")
def agreement_case_file(request: ApiRequest, agreement_id: UUID, wanted: Query[PartQuery]) -> HttpResponse:
    """Everything about a contract that its reader may see, as a zip that opens offline and that `comptoir-verify case`
    checks. The header `Comptoir-Parts` says how many parts there are."""
    return case_file.answer(
        queries.agreement_visible_to(request.auth, agreement_id), part=wanted.part, by=request.auth
    )
