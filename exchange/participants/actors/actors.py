"""A member or an API client as an Actor: the roles and their scopes, what a second factor adds, and the yearly
pseudonym under which a member appears in Events."""

import secrets
from collections.abc import Collection
from datetime import UTC, datetime

from django.db import transaction

from exchange.kernel.actors import Actor, Kind, Scope, scopes_of
from exchange.participants.models import ApiClient, ForgottenYear, Member, Participant, Pseudonym

Role = Member.Role

ROLE_SCOPES = {
    Role.MANAGER: frozenset({Scope.READ, Scope.SELL, Scope.BUY, Scope.MANAGE}),
    Role.TRADER: frozenset({Scope.READ, Scope.SELL, Scope.BUY}),
    Role.VIEWER: frozenset({Scope.READ}),
    Role.OFFICER: frozenset({Scope.READ}),
    Role.OPERATOR: frozenset({Scope.READ}),
}
"""What a role may do for its own participant."""

DESK_SCOPES = {Role.OFFICER: frozenset({Scope.AUDIT}), Role.OPERATOR: frozenset({Scope.OPERATE})}
"""What a role may do besides, in the operator's organisation alone and with a second factor alone."""

PRIVILEGED = frozenset({Scope.AUDIT, Scope.OPERATE})


def actor_of_client(client: ApiClient, at: datetime, scopes: frozenset[Scope] | None = None) -> Actor:
    """The client as an actor, with all of its scopes or with those among `scopes` alone."""
    held = sanctioned_scopes(client.participant, scopes_of(client.scopes))
    return Actor(Kind.CLIENT, client.pk, client.participant_id, held if scopes is None else held & scopes, at)


def actor_of_member(member: Member, at: datetime, has_second_factor: bool = False) -> Actor:
    """The member as an actor, under this year's pseudonym."""
    role = Role(member.role)
    desk = DESK_SCOPES.get(role, frozenset()) if member.participant.is_operator else frozenset()
    return Actor(
        Kind.MEMBER,
        pseudonym(member, at),
        member.participant_id,
        ROLE_SCOPES[role] | (desk if has_second_factor else frozenset()),
        at,
        withheld=frozenset() if has_second_factor else desk,
    )


def sanctioned_scopes(participant: Participant, scopes: frozenset[Scope]) -> frozenset[Scope]:
    """Those of `scopes` that any actor of this participant may have."""
    return scopes if participant.is_operator else scopes - PRIVILEGED


def pseudonym(member: Member, at: datetime) -> str:
    """The member's name in Events for the year of `at`, made when it is first needed."""
    found, _ = Pseudonym.objects.get_or_create(
        member=member, year=at.astimezone(UTC).year, defaults={"name": f"pn_{secrets.token_hex(12)}"}
    )
    return found.name


@transaction.atomic
def forget_names(year: int, names: Collection[str], at: datetime) -> int:
    """Take away who appeared under these names in the Events of a year whose time is over, which the database is told
    first; answers how many. Whoever calls writes the Event."""
    ForgottenYear.objects.get_or_create(year=year, defaults={"decided_at": at})
    return Pseudonym.objects.filter(year=year, name__in=names).delete()[0]
