"""Groups: named lists of participants that a seller keeps, for which its offers exist. Who joins a group finds its
offers, who leaves it finds them no more; what was signed stands."""

from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from contracts.models import Group, GroupMember, Offer, OfferGroup
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.ids import new_id
from exchange.participants import queries as participants
from exchange.participants.members import members

MOST_GROUPS = 100
MOST_MEMBERS = 500
MOST_OF_AN_OFFER = 20
LONGEST_NAME = 100


def groups_visible_to(actor: Actor) -> QuerySet[Group]:
    """The groups of the actor's organisation, by name; officers find all, and for nobody else do they exist."""
    if actor.is_system or actor.can(Scope.AUDIT):
        return Group.objects.order_by("name", "pk")
    if actor.participant_id is None or not actor.can(Scope.READ):
        return Group.objects.none()
    return Group.objects.filter(seller_id=actor.participant_id).order_by("name", "pk")


def group_visible_to(actor: Actor, group_id: UUID) -> Group:
    found = groups_visible_to(actor).filter(pk=group_id).first()
    if found is None:
        raise NotFound("there is no such group of yours")
    return found


def members_of(group: Group) -> list[tuple[UUID, str]]:
    """Who is in a group, by name."""
    rows = group.members.select_related("participant").order_by("participant__name", "pk")
    return [(row.participant_id, row.participant.name) for row in rows]


def groups_of(offer: Offer) -> list[tuple[UUID, str]]:
    """The groups for which an offer exists, by name."""
    rows = OfferGroup.objects.filter(offer=offer).order_by("group__name")
    return list(rows.values_list("group_id", "group__name"))


def offers_of(group: Group) -> QuerySet[Offer]:
    """The offers that name a group, newest first."""
    return Offer.objects.filter(groups__group=group).order_by("-pk")


@transaction.atomic
def create(name: str, *, by: Actor) -> Group:
    """A group without members."""
    by.require(Scope.SELL)
    if by.participant_id is None:
        raise Forbidden("only an organisation that takes part may do this")
    members.require_cleared(by.participant_id)
    if Group.objects.filter(seller_id=by.participant_id).count() >= MOST_GROUPS:
        raise Conflict(f"an organisation keeps {MOST_GROUPS} groups at most", code="too_many_groups")
    group = Group(id=new_id(), seller_id=by.participant_id, name=_name(name), created_at=by.at)
    _save(group)
    events.record("group.created", group, by=by, typed={"name": group.name})
    return group


@transaction.atomic
def rename(group: Group, name: str, *, by: Actor) -> Group:
    """Call a group otherwise; its offers and members stay."""
    _hold(group, by)
    if group.name == (wanted := _name(name)):
        return group
    group.name = wanted
    _save(group)
    events.record("group.renamed", group, by=by, typed={"name": group.name})
    return group


@transaction.atomic
def admit(group: Group, participant_id: UUID, *, by: Actor) -> Group:
    """Let a participant find the offers of a group; a second time changes nothing."""
    _hold(group, by)
    members.require_cleared(group.seller_id)
    participants.participant_visible_to(by, participant_id)
    if participant_id == group.seller_id:
        raise Invalid("an organisation needs no group to see its own offers", code="own_group")
    if group.members.filter(participant_id=participant_id).exists():
        return group
    if group.members.count() >= MOST_MEMBERS:
        raise Conflict(f"a group has {MOST_MEMBERS} members at most", code="too_many_members")
    GroupMember.objects.create(group=group, participant_id=participant_id)
    events.record("group.joined", group, by=by, facts={"participant": str(participant_id)})
    return group


@transaction.atomic
def dismiss(group: Group, participant_id: UUID, *, by: Actor) -> Group:
    """Hide the offers of a group from a participant again; a second time changes nothing."""
    _hold(group, by)
    taken, _ = group.members.filter(participant_id=participant_id).delete()
    if taken:
        events.record("group.left", group, by=by, facts={"participant": str(participant_id)})
    return group


@transaction.atomic
def delete(group: Group, *, by: Actor) -> None:
    """Drop a group that no offer names, with its list of members."""
    _hold(group, by)
    if group.offers.exists():
        raise Conflict("offers name this group; take its members out instead", code="group_in_use")
    group.members.all().delete()
    events.record("group.deleted", group, by=by)
    group.delete()


def name_in(offer: Offer, wanted: Collection[UUID], by: Actor) -> None:
    """Let an offer that is being written exist for these groups, too."""
    ids = set(wanted)
    if len(ids) > MOST_OF_AN_OFFER:
        raise Invalid(f"name {MOST_OF_AN_OFFER} groups at most; there are {len(ids)}")
    found = groups_visible_to(by).select_for_update(of=("self",)).filter(pk__in=ids)
    if len(rows := list(found)) != len(ids):
        raise NotFound("there is no such group of yours")
    OfferGroup.objects.bulk_create(OfferGroup(offer=offer, group=group) for group in rows)


def _hold(group: Group, by: Actor) -> None:
    """Only its seller may, one at a time."""
    by.require(Scope.SELL)
    if not by.acts_for(group.seller_id):
        raise Forbidden("only the seller may do this")
    held = Group.objects.select_for_update(of=("self",)).filter(pk=group.pk).first()
    if held is None:
        raise NotFound("there is no such group of yours")
    group.name = held.name


def _name(given: str) -> str:
    return text.line(given, name="name", at_most=LONGEST_NAME)


def _save(group: Group) -> None:
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        raise Conflict("you have a group of this name; choose another", code="group_name_taken") from None
