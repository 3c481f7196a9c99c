"""The API of the register of breaches, for officers' own tools."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Status

from compliance.breaches import desk, exports, queries, register, reports, scopes, stops
from compliance.breaches.schemas import (
    AssessIn,
    BreachIn,
    BreachOut,
    BreachQuery,
    BreachRecipientOut,
    BreachWholeOut,
    DescribeIn,
    ExemptIn,
    RegisterQuery,
    ReportIn,
    ReportOut,
    ScopeIn,
    ScopeOut,
    StopIn,
    StopOut,
    TellIn,
    ToldOut,
)
from compliance.models import Breach, BreachReport, BreachScope, BreachStop
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.get("/compliance/breaches", response=PageOut[BreachOut])
def list_breaches(request: ApiRequest, asked: Query[BreachQuery]) -> Page[Breach]:
    """The register, newest first; also breaches of which nobody had to be told."""
    found = queries.breaches_visible_to(request.auth, state=asked.state)
    return pagination.page(found, cursor=asked.cursor, limit=asked.limit)


@router.post("/compliance/breaches", response={201: BreachWholeOut})
def open_breach(request: ApiRequest, given: BreachIn) -> Status[Breach]:
    """Enter a breach; its clock runs from `became_aware_at`, by the legal profile in force."""
    return Status(201, register.open_breach(given.found(), by=request.auth))


@router.get("/compliance/breaches/export")
def export_breaches(request: ApiRequest, asked: Query[RegisterQuery]) -> HttpResponse:
    """The whole register as CSV, JSON or PDF."""
    return exports.answer(asked.format, by=request.auth)


@router.get("/compliance/breaches/{uuid:breach_id}", response=BreachWholeOut)
def read_breach(request: ApiRequest, breach_id: UUID) -> Breach:
    """One breach with all that is kept of it, and what lacks before it can be closed."""
    return desk.look_at(breach_id, by=request.auth)


@router.post("/compliance/breaches/{uuid:breach_id}/describe", response=BreachWholeOut)
def describe_breach(request: ApiRequest, breach_id: UUID, given: DescribeIn) -> Breach:
    found = queries.breach_visible_to(request.auth, breach_id)
    return register.describe(found, given.texts(), given.counts(), by=request.auth)


@router.post("/compliance/breaches/{uuid:breach_id}/assess", response=BreachWholeOut)
def assess_breach(request: ApiRequest, breach_id: UUID, given: AssessIn) -> Breach:
    found = queries.breach_visible_to(request.auth, breach_id)
    return register.assess(found, **given.dict(), by=request.auth)


@router.post("/compliance/breaches/{uuid:breach_id}/exempt", response=BreachWholeOut)
def exempt_breach(request: ApiRequest, breach_id: UUID, given: ExemptIn) -> Breach:
    """Say on which ground of Art. 34(3) the persons are not told."""
    found = queries.breach_visible_to(request.auth, breach_id)
    return register.exempt(found, **given.dict(), by=request.auth)


@router.post("/compliance/breaches/{uuid:breach_id}/scopes", response={201: ScopeOut})
def ask_whom_it_reaches(request: ApiRequest, breach_id: UUID, given: ScopeIn) -> Status[BreachScope]:
    """Ask the log whom a breach reaches; the answer is frozen."""
    found = queries.breach_visible_to(request.auth, breach_id)
    return Status(201, scopes.take(found, given.asked(), by=request.auth))


@router.get("/compliance/breaches/scopes/{uuid:scope_id}/recipients", response=PageOut[BreachRecipientOut])
def list_breach_recipients(request: ApiRequest, scope_id: UUID, asked: Query[PageQuery]) -> Any:
    """Whom the log named then, with the leaves that say so."""
    scope = queries.scope_visible_to(request.auth, scope_id)
    return desk.look_at_recipients(scope, cursor=asked.cursor, limit=asked.limit, by=request.auth)


@router.post("/compliance/breaches/{uuid:breach_id}/reports", response={201: ReportOut})
def report_breach(request: ApiRequest, breach_id: UUID, given: ReportIn) -> Status[BreachReport]:
    """Keep a phase of what the authority or the persons were told."""
    found = queries.breach_visible_to(request.auth, breach_id)
    tell = reports.tell_authority if given.audience == "authority" else reports.tell_persons
    return Status(201, tell(found, given.sent(), by=request.auth))


@router.post("/compliance/breaches/{uuid:breach_id}/notices", response={201: ToldOut})
def tell_breach_recipients(request: ApiRequest, breach_id: UUID, given: TellIn) -> Status[dict[str, UUID]]:
    """Tell all who received a dataset what to do; see `GET /compliance/notices`."""
    found = queries.breach_visible_to(request.auth, breach_id)
    told = desk.tell_recipients(found, given.dataset, given.revisions, given.message, by=request.auth)
    return Status(201, {"notice": told.pk})


@router.post("/compliance/breaches/{uuid:breach_id}/stops", response={201: StopOut})
def stop_in_breach(request: ApiRequest, breach_id: UUID, given: StopIn) -> Status[BreachStop]:
    """Suspend an organisation at once, or have a revision revoked."""
    found = queries.breach_visible_to(request.auth, breach_id)
    ordered = stops.order(found, kind=given.kind, target_id=given.target, reason=given.reason, by=request.auth)
    return Status(201, ordered)


@router.post("/compliance/breaches/{uuid:breach_id}/close", response=BreachWholeOut)
def close_breach(request: ApiRequest, breach_id: UUID) -> Breach:
    return register.close(queries.breach_visible_to(request.auth, breach_id), by=request.auth)


@router.post("/compliance/breaches/{uuid:breach_id}/reopen", response=BreachWholeOut)
def reopen_breach(request: ApiRequest, breach_id: UUID, given: ReasonIn) -> Breach:
    return register.reopen(queries.breach_visible_to(request.auth, breach_id), given.reason, by=request.auth)
