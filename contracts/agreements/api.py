"""Contracts over HTTP: the sealed document, and the papers drawn from it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from contracts import queries
from contracts.agreements import papers
from contracts.agreements import schemas as shape
from contracts.agreements.agreements import reference
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest
from payments.holds import holds
from payments.schemas import HoldOut

router = Router(tags=["contracts"])


@router.get("/agreements", response=PageOut[shape.AgreementOut])
def list_agreements(request: ApiRequest, wanted: Query[PageQuery]) -> Any:
    found = page(queries.agreements_visible_to(request.auth), cursor=wanted.cursor, limit=wanted.limit)
    items = [shape.agreement_out(agreement, request.auth) for agreement in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


@router.get("/agreements/{uuid:agreement_id}", response=shape.AgreementOut)
def show_agreement(request: ApiRequest, agreement_id: UUID) -> Any:
    return shape.agreement_out(queries.agreement_visible_to(request.auth, agreement_id), request.auth)


@router.get("/agreements/{uuid:agreement_id}/text")
def agreement_text(request: ApiRequest, agreement_id: UUID, wanted: Query[shape.LanguageQuery]) -> HttpResponse:
    """The contract as one page of HTML, in English or French."""
    agreement = queries.agreement_visible_to(request.auth, agreement_id)
    return HttpResponse(papers.html(agreement, wanted.language, by=request.auth))


@router.get("/agreements/{uuid:agreement_id}/pdf")
def agreement_pdf(request: ApiRequest, agreement_id: UUID, wanted: Query[shape.LanguageQuery]) -> HttpResponse:
    """The contract as PDF, in English or French, with the sealed document attached."""
    agreement = queries.agreement_visible_to(request.auth, agreement_id)
    return papers.answer(agreement, wanted.language, by=request.auth)


@router.post("/agreements/{uuid:agreement_id}/confirm", response=HoldOut)
def confirm_agreement(request: ApiRequest, agreement_id: UUID) -> Any:
    """The buyer has what was agreed: the hold is released to the seller."""
    agreement = queries.agreement_visible_to(request.auth, agreement_id)
    return HoldOut.of(holds.confirm(reference(agreement), by=request.auth), request.auth)


@router.post("/agreements/{uuid:agreement_id}/contest", response=HoldOut)
def contest_agreement(request: ApiRequest, agreement_id: UUID, body: ReasonIn) -> Any:
    """The buyer did not get what was agreed: the hold stays until the operator has settled it."""
    agreement = queries.agreement_visible_to(request.auth, agreement_id)
    return HoldOut.of(holds.contest(reference(agreement), reason=body.reason, by=request.auth), request.auth)
