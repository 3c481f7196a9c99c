"""The API of incidents with non-personal data: all of it for officers, for holders what they were told."""

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from compliance.incidents import holders, queries, register
from compliance.incidents.reach import Asked
from compliance.incidents.register import Found
from compliance.incidents.schemas import (
    HandedIncidentIn,
    IncidentHolderOut,
    IncidentHoldersQuery,
    IncidentIn,
    IncidentOut,
    ToldIncidentOut,
    incident_out,
    told_out,
)
from compliance.models import Incident, IncidentHolder
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])
_ONE = "/compliance/incidents/{uuid:incident_id}"
_HOLDER = "/compliance/incident-holders/{uuid:incident_holder_id}"
_TOLD = "/compliance/incidents-told"


@router.get("/compliance/incidents", response=PageOut[IncidentOut])
def list_incidents(request: ApiRequest, asked: Query[PageQuery]) -> Any:
    """Incidents with non-personal data, newest first, with how many of their holders have acknowledged them."""
    page = pagination.page(queries.incidents_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    tallies = queries.tallies(page.items)
    items = [incident_out(one, tallies[one.pk]) for one in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@router.post("/compliance/incidents", response={201: IncidentOut})
def enter_incident(request: ApiRequest, given: IncidentIn) -> Status[Any]:
    """Enter an incident with the holders that the log says it reaches. Nobody is told before it is confirmed."""
    said = given.model_dump()
    found = Found(*(said.pop(name) for name in ("kinds", "what", "detected_at", "measures")))
    return Status(201, _out(register.enter(found, Asked(**said), by=request.auth)))


@router.get(_ONE, response=IncidentOut)
def read_incident(request: ApiRequest, incident_id: UUID) -> Any:
    """One incident. That you looked is an Event."""
    return _out(register.look_at(incident_id, by=request.auth))


@router.get(_ONE + "/holders", response=PageOut[IncidentHolderOut])
def list_incident_holders(
    request: ApiRequest, incident_id: UUID, asked: Query[IncidentHoldersQuery]
) -> Page[IncidentHolder]:
    """Whom it reaches, a row for each; by `state`, who has not acknowledged it."""
    incident = queries.incident_visible_to(request.auth, incident_id)
    found = queries.holders_visible_to(request.auth, incident)
    if asked.state is not None:
        found = found.filter(state=asked.state)
    return pagination.page(found, cursor=asked.cursor, limit=asked.limit)


@router.post(_ONE + "/confirm", response=IncidentOut)
def confirm_incident(request: ApiRequest, incident_id: UUID) -> Any:
    """Let the holders be told, as they were shown."""
    found = queries.incident_visible_to(request.auth, incident_id)
    return _out(register.confirm(found, by=request.auth))


@router.post(_ONE + "/drop", response=IncidentOut)
def drop_incident(request: ApiRequest, incident_id: UUID, given: ReasonIn) -> Any:
    """Leave what was entered by mistake; nobody is told."""
    found = queries.incident_visible_to(request.auth, incident_id)
    return _out(register.drop(found, given.reason, by=request.auth))


@router.post(_HOLDER + "/hand-over", response=IncidentHolderOut)
def hand_incident_over(
    request: ApiRequest, incident_holder_id: UUID, given: HandedIncidentIn
) -> IncidentHolder:
    """Note that a holder was told by another way, and what shows it."""
    row = queries.holder_visible_to(request.auth, incident_holder_id)
    return holders.hand_over(row, given.evidence, by=request.auth)


@router.post(_HOLDER + "/chase", response=IncidentHolderOut)
def chase_holder(request: ApiRequest, incident_holder_id: UUID) -> IncidentHolder:
    """Remind a holder now; one that could not be reached is told again."""
    return holders.chase(queries.holder_visible_to(request.auth, incident_holder_id), by=request.auth)


@router.get(_TOLD, response=PageOut[ToldIncidentOut])
def list_told_incidents(request: ApiRequest, asked: Query[PageQuery]) -> Any:
    """What your organisation was told as a holder of data, newest first."""
    page = pagination.page(queries.told_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    return {"items": [told_out(row) for row in page.items], "next_cursor": page.next_cursor}


@router.get(_TOLD + "/{uuid:incident_holder_id}", response=ToldIncidentOut)
def read_told_incident(request: ApiRequest, incident_holder_id: UUID) -> Any:
    return told_out(queries.one_told_visible_to(request.auth, incident_holder_id))


@router.post(_TOLD + "/{uuid:incident_holder_id}/acknowledge", response=ToldIncidentOut)
def acknowledge_incident(request: ApiRequest, incident_holder_id: UUID) -> Any:
    """Say that your organisation knows of it; a second time changes nothing."""
    row = queries.one_told_visible_to(request.auth, incident_holder_id)
    return told_out(holders.acknowledge(row, by=request.auth))


def _out(one: Incident) -> dict[str, Any]:
    return incident_out(one, queries.tallies([one])[one.pk])
