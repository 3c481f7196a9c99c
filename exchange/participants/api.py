"""Participants, their members and API clients, OAuth2's doors, and one's own Events, over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants import queries
from exchange.participants.actors import credentials, oauth
from exchange.participants.actors.auth import ApiRequest, user_of
from exchange.participants.members import billing, members
from exchange.participants.repeats import answers_secret
from exchange.participants.schemas import (
    AcceptIn,
    ApplicationIn,
    BillingIn,
    ClientIn,
    ClientOut,
    EventOut,
    InvitationIn,
    InvitationOut,
    MemberOut,
    MeOut,
    ParticipantInsideOut,
    ParticipantOut,
    SecretOut,
    SigningRuleIn,
    VerificationIn,
    client_out,
    event_out,
    invitation_out,
    member_out,
    participant_out,
    secret_out,
)

AnyParticipant = ParticipantInsideOut | ParticipantOut


def _form(required: str, *optional: str) -> dict[str, Any]:
    """How OpenAPI describes a form that is read by hand, because its refusals are OAuth2's own."""
    names = (required, "client_id", "client_secret", *optional)
    properties = {name: {"type": "string"} for name in names}
    schema = {"type": "object", "properties": properties, "required": [required]}
    return {"requestBody": {"required": True, "content": {oauth.FORM: {"schema": schema}}}}


router = Router(tags=["participants"])


@router.get("/me", response=MeOut)
def me(request: ApiRequest) -> MeOut:
    """Who you are here, and what you may do."""
    actor = request.auth
    own = queries.participant(actor.participant_id) if actor.participant_id else None
    return MeOut(
        kind=actor.kind,
        name=actor.name,
        participant=ParticipantOut.from_orm(own) if own else None,
        scopes=sorted(actor.scopes),
        needs_second_factor_for=sorted(actor.withheld),
    )


@router.post("/participants", response={201: AnyParticipant})
def apply(request: ApiRequest, body: ApplicationIn) -> Status[AnyParticipant]:
    """Apply as an organisation; you become its manager. The operator verifies it before it trades."""
    made = members.apply(user_of(request), **body.dict(), by=request.auth)
    return Status(201, ParticipantInsideOut.from_orm(made))


@router.get("/participants", response=PageOut[AnyParticipant])
def list_participants(request: ApiRequest, query: Annotated[PageQuery, Query()]) -> dict[str, object]:
    found = page(queries.participants_visible_to(request.auth), **query.dict())
    return {
        "items": [participant_out(row, request.auth) for row in found.items],
        "next_cursor": found.next_cursor,
    }


@router.get("/participants/{uuid:participant_id}", response=AnyParticipant)
def show_participant(request: ApiRequest, participant_id: UUID) -> AnyParticipant:
    return participant_out(queries.participant_visible_to(request.auth, participant_id), request.auth)


@router.post("/participants/{uuid:participant_id}/verify", response=AnyParticipant)
def verify(request: ApiRequest, participant_id: UUID, body: VerificationIn) -> AnyParticipant:
    """Let an organisation trade. For operators."""
    found = queries.participant_visible_to(request.auth, participant_id)
    return participant_out(members.verify(found, **body.dict(), by=request.auth), request.auth)


@router.post("/participants/{uuid:participant_id}/amend", response=AnyParticipant)
def amend(request: ApiRequest, participant_id: UUID, body: VerificationIn) -> AnyParticipant:
    """Put right what was seen of a verified organisation. For operators."""
    found = queries.participant_visible_to(request.auth, participant_id)
    return participant_out(members.amend(found, **body.dict(), by=request.auth), request.auth)


@router.post("/participants/{uuid:participant_id}/suspend", response=AnyParticipant)
def suspend(request: ApiRequest, participant_id: UUID, body: ReasonIn) -> AnyParticipant:
    """Stop an organisation from trading. For operators."""
    found = queries.participant_visible_to(request.auth, participant_id)
    return participant_out(members.suspend(found, reason=body.reason, by=request.auth), request.auth)


@router.post("/participants/{uuid:participant_id}/restore", response=AnyParticipant)
def restore(request: ApiRequest, participant_id: UUID, body: ReasonIn) -> AnyParticipant:
    """Let a suspended organisation trade again. For operators."""
    found = queries.participant_visible_to(request.auth, participant_id)
    return participant_out(members.restore(found, reason=body.reason, by=request.auth), request.auth)


@router.post("/participants/{uuid:participant_id}/close", response=AnyParticipant)
def close(request: ApiRequest, participant_id: UUID, body: ReasonIn) -> AnyParticipant:
    """End an organisation's part for good. For its own manager, or an operator."""
    found = queries.participant_visible_to(request.auth, participant_id)
    return participant_out(members.close(found, reason=body.reason, by=request.auth), request.auth)


@router.post("/participants/{uuid:participant_id}/billing", response=AnyParticipant)
def describe_billing(request: ApiRequest, participant_id: UUID, body: BillingIn) -> AnyParticipant:
    """Say what invoices to and from your organisation hold: its address and VAT id; for managers."""
    own = queries.own_participant(request.auth, participant_id)
    return participant_out(billing.describe(own, **body.dict(), by=request.auth), request.auth)


@router.post("/participants/{uuid:participant_id}/signing-rule", response=AnyParticipant)
def set_signing_rule(request: ApiRequest, participant_id: UUID, body: SigningRuleIn) -> AnyParticipant:
    """Have two members sign every contract from now on, or one; for managers."""
    own = queries.own_participant(request.auth, participant_id)
    changed = members.ask_for_second_member(own, wanted=body.asks_second_member, by=request.auth)
    return participant_out(changed, request.auth)


@router.get("/participants/{uuid:participant_id}/members", response=PageOut[MemberOut])
def list_members(
    request: ApiRequest, participant_id: UUID, query: Annotated[PageQuery, Query()]
) -> dict[str, object]:
    found = page(queries.members_visible_to(request.auth, participant_id), **query.dict())
    return {"items": [member_out(row, request.auth) for row in found.items], "next_cursor": found.next_cursor}


@router.post("/participants/{uuid:participant_id}/invitations", response={201: InvitationOut})
@answers_secret
def invite(request: ApiRequest, participant_id: UUID, body: InvitationIn) -> Status[InvitationOut]:
    """Offer membership to the owner of an e-mail address; pass the token on to them."""
    own = queries.own_participant(request.auth, participant_id)
    invitation, token = members.invite(own, **body.dict(), by=request.auth)
    return Status(201, invitation_out(invitation, token))


@router.post("/invitations/accept", response={201: MemberOut})
def accept_invitation(request: ApiRequest, body: AcceptIn) -> Status[MemberOut]:
    """Become a member, as the person whose confirmed e-mail address was invited."""
    member = members.join(body.token, user_of(request), by=request.auth)
    return Status(201, member_out(member, request.auth))


@router.post("/members/{uuid:member_id}/remove", response=MemberOut)
def remove_member(request: ApiRequest, member_id: UUID) -> MemberOut:
    found = queries.member_visible_to(request.auth, member_id)
    return member_out(members.remove(found, by=request.auth), request.auth)


@router.get("/participants/{uuid:participant_id}/clients", response=PageOut[ClientOut])
def list_clients(request: ApiRequest, participant_id: UUID) -> dict[str, object]:
    """Every API client, newest first, revoked ones included."""
    rows = queries.clients_visible_to(request.auth, participant_id)
    return {"items": [client_out(row) for row in rows], "next_cursor": None}


@router.post("/participants/{uuid:participant_id}/clients", response={201: SecretOut})
@answers_secret
def issue_client(request: ApiRequest, participant_id: UUID, body: ClientIn) -> Status[SecretOut]:
    """Make an API client. Its secret is in this answer and nowhere else."""
    own = queries.own_participant(request.auth, participant_id)
    client, secret = credentials.issue_client(own, **body.dict(), by=request.auth)
    return Status(201, secret_out(client, secret))


@router.post("/clients/{slug:client_id}/rotate", response=SecretOut)
@answers_secret
def rotate_client(request: ApiRequest, client_id: str) -> SecretOut:
    """Give a client another secret; the old one and its access tokens stop working at once."""
    client = queries.client_visible_to(request.auth, client_id)
    return secret_out(client, credentials.rotate(client, by=request.auth))


@router.post("/clients/{slug:client_id}/revoke", response=ClientOut)
def revoke_client(request: ApiRequest, client_id: str) -> ClientOut:
    """End a client and its access tokens for good."""
    client = queries.client_visible_to(request.auth, client_id)
    return client_out(credentials.revoke(client, by=request.auth))


@router.get("/events", response=PageOut[EventOut])
def list_events(request: ApiRequest, query: Annotated[PageQuery, Query()]) -> dict[str, object]:
    """What happened to what you are a party to, newest first."""
    found = page(queries.events_visible_to(request.auth), **query.dict())
    return {"items": [event_out(row) for row in found.items], "next_cursor": found.next_cursor}


@router.post("/oauth/token", auth=None, tags=["oauth"], openapi_extra=_form("grant_type", "scope"))
@answers_secret
def token(request: HttpRequest) -> HttpResponse:
    """OAuth2 client credentials (RFC 6749), by HTTP Basic or client_id and client_secret in the form."""
    return oauth.token(request)


@router.post("/oauth/introspect", auth=None, tags=["oauth"], openapi_extra=_form("token"))
@answers_secret
def introspect(request: HttpRequest) -> HttpResponse:
    """What an access token of one's own organisation is worth now (RFC 7662)."""
    return oauth.introspect(request)


@router.post("/oauth/revoke", auth=None, tags=["oauth"], openapi_extra=_form("token"))
def revoke_token(request: HttpRequest) -> HttpResponse:
    """Take an access token back (RFC 7009)."""
    return oauth.revoke(request)
