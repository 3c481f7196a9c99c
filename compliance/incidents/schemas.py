"""What the API of incidents takes and answers."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.incidents.queries import Tally
from compliance.models import Incident, IncidentHolder
from exchange.kernel.schemas import In, Moment, PageQuery

Words = Annotated[str, Field(min_length=10, max_length=4_000)]


class IncidentIn(In):
    """What happened, and what the log is asked: all that is given of dataset, participant, transfer, since and until
    must hold. The holders read `what` and `measures`."""

    kinds: Annotated[list[Incident.Kind], Field(min_length=1, max_length=3)]
    what: Words
    measures: Annotated[str, Field(max_length=4_000)] = ""
    detected_at: Moment
    dataset: UUID | None = None
    participant: UUID | None = None
    transfer: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None


class IncidentOut(Schema):
    """`checkpoint` is the signed head of which the reach was taken; `personal` counts transfers of personal data that
    the same question found, which belong to a breach."""

    id: UUID
    state: str
    kinds: list[str]
    what: str
    measures: str
    detected_at: datetime
    asked: dict[str, str]
    checkpoint: str
    transfers: int
    personal: int
    holders: int
    acknowledged: int
    undelivered: int
    entered_at: datetime
    confirmed_at: datetime | None
    dropped_at: datetime | None


class IncidentHoldersQuery(PageQuery):
    state: IncidentHolder.State | None = None


class IncidentHolderOut(Schema):
    """One holder; `datasets` names at most 200 of `datasets_count`. `ways` is how each way to it ended."""

    id: UUID
    state: str
    incident_id: UUID
    holder_id: UUID
    datasets: list[UUID]
    datasets_count: int
    transfers: int
    recipients: int
    first_at: datetime | None
    last_at: datetime | None
    ways: list[dict[str, Any]]
    reminders: int
    sent_at: datetime | None
    acknowledged_at: datetime | None


class ToldIncidentOut(Schema):
    """An incident as its holder is told of it."""

    id: UUID
    state: str
    incident_id: UUID
    kinds: list[str]
    what: str
    measures: str
    detected_at: datetime
    datasets: list[UUID]
    datasets_count: int
    transfers: int
    recipients: int
    sent_at: datetime | None
    acknowledged_at: datetime | None


class HandedIncidentIn(In):
    """By which other way the holder was told, and what shows it."""

    evidence: Annotated[str, Field(min_length=10, max_length=1_000)]


def incident_out(one: Incident, tally: Tally) -> dict[str, Any]:
    """An incident with where its holders stand."""
    names = ("state", "kinds", "what", "measures", "detected_at", "asked", "transfers", "personal")
    moments = ("entered_at", "confirmed_at", "dropped_at")
    return {
        "id": one.pk,
        **{name: getattr(one, name) for name in (*names, *moments)},
        "checkpoint": f"{one.origin} {one.size} {one.root}",
        "holders": tally.holders,
        "acknowledged": tally.acknowledged,
        "undelivered": tally.undelivered,
    }


def told_out(row: IncidentHolder) -> dict[str, Any]:
    """A row with what its holder reads of the incident."""
    own = ("state", "incident_id", "datasets", "datasets_count", "transfers", "recipients", "sent_at")
    about = ("kinds", "what", "measures", "detected_at")
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in (*own, "acknowledged_at")},
        **{name: getattr(row.incident, name) for name in about},
    }
