"""What an actor may see of participants, members, API clients and Events: the officer all, the operator every
participant, everybody their own; of others, who is verified."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from exchange.kernel.models import Event
from exchange.participants.models import (
    ApiClient,
    Invitation,
    Member,
    Participant,
    Webhook,
    WebhookAttempt,
    WebhookMessage,
)

Row = TypeVar("Row", bound=Model)


def participant(participant_id: UUID) -> Participant:
    """The participant of this id, for tasks and the apps above."""
    return _one(Participant.objects.filter(pk=participant_id))


def operators_organisation() -> Participant | None:
    """Who runs this exchange; everybody may know."""
    return Participant.objects.filter(is_operator=True).first()


def participants_visible_to(actor: Actor) -> QuerySet[Participant]:
    if actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE):
        return Participant.objects.all()
    return Participant.objects.filter(Q(state=Participant.State.VERIFIED) | Q(pk=actor.participant_id))


def participant_visible_to(actor: Actor, participant_id: UUID) -> Participant:
    return _one(participants_visible_to(actor).filter(pk=participant_id))


def own_participant(actor: Actor, participant_id: UUID) -> Participant:
    """The participant, if the actor acts for it: what its members and API clients are reached through."""
    rows = Participant.objects.filter(pk=participant_id)
    return _one(rows if actor.acts_for(participant_id) else rows.none())


def sees_inside(actor: Actor, participant: Participant) -> bool:
    """Whether the actor sees more of a participant than everybody does."""
    return actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE) or actor.acts_for(participant.pk)


def members_visible_to(actor: Actor, participant_id: UUID | None = None) -> QuerySet[Member]:
    """Members, of one participant or of all, with the accounts behind them."""
    return _inside(Member.objects.select_related("participant", "user"), actor, participant_id)


def member_visible_to(actor: Actor, member_id: UUID) -> Member:
    return _one(members_visible_to(actor).filter(pk=member_id))


def current_member(actor: Actor, member_id: UUID) -> Member:
    """A member who acts for the actor's own participant now."""
    own = members_visible_to(actor).filter(participant=actor.participant_id, removed_at=None)
    return _one(own.filter(pk=member_id))


def clients_visible_to(actor: Actor, participant_id: UUID | None = None) -> QuerySet[ApiClient]:
    """API clients, of one participant or of all, newest first."""
    rows = ApiClient.objects.select_related("participant").order_by("-created_at", "pk")
    return _inside(rows, actor, participant_id)


def client_visible_to(actor: Actor, client_id: str) -> ApiClient:
    return _one(clients_visible_to(actor).filter(pk=client_id))


def invitations_visible_to(actor: Actor) -> QuerySet[Invitation]:
    """The invitations of the actor's own participant that nobody has accepted or withdrawn, to its managers."""
    actor.require(Scope.MANAGE)
    waiting = Invitation.objects.select_related("participant").filter(used_at=None, withdrawn_at=None)
    return waiting.filter(participant=actor.participant_id).order_by("-created_at", "pk")


def invitation_visible_to(actor: Actor, invitation_id: UUID) -> Invitation:
    return _one(invitations_visible_to(actor).filter(pk=invitation_id))


def invitation_by(token: str) -> Invitation | None:
    """The invitation that a link leads to, whatever became of it; who holds the link may know."""
    return Invitation.objects.select_related("participant").filter(token_hash=hash_of_token(token)).first()


def has_newer_invitation(invitation: Invitation) -> bool:
    """Whether the same organisation wrote to the same address again afterwards."""
    later = Invitation.objects.filter(
        participant=invitation.participant_id, created_at__gte=invitation.created_at
    )
    return later.filter(email__iexact=invitation.email, withdrawn_at=None).exclude(pk=invitation.pk).exists()


def is_member(user: User, participant_id: UUID) -> bool:
    """Whether a person acts for a participant."""
    return Member.objects.filter(user=user, participant=participant_id, removed_at=None).exists()


def hash_of_token(token: str) -> str:
    """What is kept of an invitation's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitations_for(user: User, now: datetime) -> QuerySet[Invitation]:
    """The invitations that a person can accept now: open ones for an address that they have confirmed."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True)
    addresses = [address.lower() for address in confirmed.values_list("email", flat=True)]
    open_ones = Invitation.objects.select_related("participant").filter(
        used_at=None, withdrawn_at=None, expires_at__gt=now
    )
    found = open_ones.annotate(address=Lower("email")).filter(address__in=addresses)
    closed = Participant.State.CLOSED
    joined = Member.objects.filter(user=user, removed_at=None).values("participant")
    return (
        found.exclude(participant__state=closed).exclude(participant__in=joined).order_by("-created_at", "pk")
    )


def with_second_factor(members: Iterable[Member]) -> set[UUID]:
    """Those of the members whose accounts have a second factor; recovery codes alone are none."""
    accounts = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    rows = list(members)
    secured = set(accounts.filter(user__in=[row.user_id for row in rows]).values_list("user_id", flat=True))
    return {row.pk for row in rows if row.user_id in secured}


def own_client(actor: Actor, client_id: str) -> ApiClient:
    """An API client of the actor's own participant."""
    return _one(clients_visible_to(actor).filter(participant=actor.participant_id, pk=client_id))


def events_visible_to(actor: Actor) -> QuerySet[Event]:
    """The Events that the actor's participant is a party to; an officer sees all."""
    rows = Event.objects.select_related("detail")
    if actor.can(Scope.AUDIT):
        return rows
    actor.require(Scope.READ)
    # Without a participant the join would find the Events that have no party at all.
    return rows.filter(parties__participant_id=actor.participant_id) if actor.participant_id else rows.none()


def webhooks_visible_to(actor: Actor) -> QuerySet[Webhook]:
    """The webhooks of the actor's own participant that are not deleted; nobody else's, whatever the actor may see."""
    actor.require(Scope.READ)
    rows = Webhook.objects.select_related("participant").exclude(state=Webhook.State.DELETED)
    return rows.filter(participant=actor.participant_id) if actor.participant_id else rows.none()


def webhook_visible_to(actor: Actor, webhook_id: UUID) -> Webhook:
    return _one(webhooks_visible_to(actor).filter(pk=webhook_id))


def attempts_visible_to(actor: Actor, webhook_id: UUID) -> QuerySet[WebhookAttempt]:
    """The tries to deliver to one of the actor's webhooks, with what was sent."""
    own = webhook_visible_to(actor, webhook_id)
    return WebhookAttempt.objects.filter(message__webhook=own).select_related("message__event")


def waiting_messages(actor: Actor, webhook_id: UUID) -> int:
    """How many messages to one of the actor's webhooks are still to be delivered."""
    own = webhook_visible_to(actor, webhook_id)
    return WebhookMessage.objects.filter(webhook=own, due_at__isnull=False).count()


def _inside(rows: QuerySet[Row], actor: Actor, participant_id: UUID | None) -> QuerySet[Row]:
    """Those of `rows` that are one participant's, or every one the actor sees inside of: an officer all."""
    if not actor.can(Scope.AUDIT) and not actor.can(Scope.MANAGE):
        actor.require(Scope.READ)
    if participant_id is None:
        return rows if actor.can(Scope.AUDIT) else rows.filter(participant=actor.participant_id)
    if not actor.can(Scope.AUDIT) and not actor.acts_for(participant_id):
        raise NotFound("there is no such participant for you")
    return rows.filter(participant=participant_id)


def _one(rows: QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound(f"there is no such {rows.model._meta.verbose_name} for you")
    return found
