"""The API's shapes of participants, members, API clients and Events."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.kernel.schemas import In, Line, LongLine, OptionalLine, Prose
from exchange.participants import queries
from exchange.participants.models import ApiClient, Invitation, Member, Participant, Webhook, WebhookAttempt

Country = Annotated[str, Field(max_length=2, description="ISO 3166-1 alpha-2")]
VatId = Annotated[str, Field(max_length=32, description="With its two letters first; empty: none")]
Sector = Annotated[str, Field(max_length=1, description="A section of NACE Rev. 2.1, A to V; empty: not known")]


class ApplicationIn(In):
    name: Line
    country: Country
    registration_number: OptionalLine = ""
    website: OptionalLine = ""
    sector: Sector = ""
    vat_id: VatId = ""


class BillingIn(In):
    street: Line
    postcode: OptionalLine = ""
    city: Line
    vat_id: VatId = ""
    registration_number: OptionalLine = ""
    is_small_business: bool = False


class VerificationIn(In):
    country: Country
    evidence: Prose
    certifications: list[str] = []
    sector: Sector = ""


class InvitationIn(In):
    email: Line
    role: str


class AcceptIn(In):
    token: Annotated[str, Field(max_length=200)]


class ClientIn(In):
    name: Line
    scopes: Annotated[list[str], Field(max_length=20)]


class ParticipantOut(Schema):
    """What everybody sees of a verified participant."""

    id: UUID
    state: str
    name: str
    country: str


class ParticipantInsideOut(ParticipantOut):
    """What the participant itself, the operator and the officer see besides."""

    is_operator: bool
    registration_number: str
    website: str
    sector: str
    street: str
    postcode: str
    city: str
    vat_id: str
    is_small_business: bool
    verified_country: str
    verified_sector: str
    certifications: list[str]
    evidence: str
    verified_at: datetime | None
    asks_second_member: bool
    created_at: datetime


class SigningRuleIn(In):
    """Whether two members of the organisation sign every contract."""

    asks_second_member: bool


class MemberOut(Schema):
    id: UUID
    role: str
    email: str | None
    joined_at: datetime
    removed_at: datetime | None


class InvitationOut(Schema):
    id: UUID
    role: str
    email: str
    token: str
    expires_at: datetime


class ClientOut(Schema):
    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None


class SecretOut(Schema):
    """Answered once: the exchange keeps only the secret's hash."""

    client_id: str
    client_secret: str
    scopes: list[str]


class WebhookIn(In):
    url: LongLine
    events: Annotated[
        list[str], Field(max_length=40, description="transfer.completed, transfer.*; empty: all")
    ] = []


class WebhookOut(Schema):
    id: UUID
    state: str
    url: str
    events: list[str]
    failing_since: datetime | None
    created_at: datetime


class WebhookSecretOut(WebhookOut):
    """Answered once; the secret signs what is sent, as Standard Webhooks has it."""

    secret: str


class AttemptOut(Schema):
    id: UUID
    message_id: UUID
    event_id: UUID
    event: str
    at: datetime
    status: int | None
    code: str
    milliseconds: int


class EventOut(Schema):
    id: UUID
    name: str
    at: datetime
    subject: str
    actor: str
    facts: dict[str, Any]
    detail: dict[str, Any]
    leaf_index: int | None


class MeOut(Schema):
    kind: str
    name: str
    participant: ParticipantOut | None
    scopes: list[str]
    needs_second_factor_for: list[str]


def participant_out(row: Participant, actor: Actor) -> ParticipantInsideOut | ParticipantOut:
    """A participant as this actor sees it; `country` is where it was seen to be, once somebody has looked."""
    shape = ParticipantInsideOut if queries.sees_inside(actor, row) else ParticipantOut
    shown = shape.from_orm(row)
    if shape is ParticipantOut:
        shown.country = row.verified_country or row.country
    return shown


def member_out(row: Member, actor: Actor) -> MemberOut:
    """A member; the e-mail address is shown to its own organisation alone."""
    return MemberOut(
        id=row.pk,
        role=row.role,
        email=row.user.email if actor.acts_for(row.participant_id) else None,
        joined_at=row.joined_at,
        removed_at=row.removed_at,
    )


def invitation_out(row: Invitation, token: str) -> InvitationOut:
    return InvitationOut(id=row.pk, role=row.role, email=row.email, token=token, expires_at=row.expires_at)


def secret_out(row: ApiClient, secret: str) -> SecretOut:
    return SecretOut(client_id=row.pk, client_secret=secret, scopes=row.scopes)


def client_out(row: ApiClient) -> ClientOut:
    return ClientOut.from_orm(row)


def webhook_out(row: Webhook) -> WebhookOut:
    return WebhookOut(
        id=row.pk,
        state=row.state,
        url=row.url,
        events=row.names,
        failing_since=row.failing_since,
        created_at=row.created_at,
    )


def webhook_secret_out(row: Webhook, secret: str) -> WebhookSecretOut:
    return WebhookSecretOut(**webhook_out(row).dict(), secret=secret)


def attempt_out(row: WebhookAttempt) -> AttemptOut:
    return AttemptOut(
        id=row.pk,
        message_id=row.message_id,
        event_id=row.message.event_id,
        event=row.message.event.name,
        at=row.at,
        status=row.status,
        code=row.code,
        milliseconds=row.milliseconds,
    )


def event_out(row: Event) -> EventOut:
    """An Event as its leaf tells it, with its detail while that has not been erased."""
    leaf = json.loads(bytes(row.leaf))
    detail = getattr(row, "detail", None)
    return EventOut(
        id=row.pk,
        name=row.name,
        at=row.at,
        subject=row.subject,
        actor=leaf["actor"],
        facts=leaf["facts"],
        detail=detail.body if detail else {},
        leaf_index=row.leaf_index,
    )
