"""Reads of contracts, always for an actor: a row that the actor may not see does not exist."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet

from contracts.models import (
    Agreement,
    BucketRead,
    DeletionStatement,
    Entitlement,
    Negotiation,
    Offer,
    OfferAudience,
    OfferGroup,
    Transfer,
)
from contracts.terms.terms import Terms
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from exchange.participants import queries as participants
from exchange.participants.models import Participant

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class TransferFilter:
    """What a list of transfers may be narrowed by."""

    seller: UUID | None = None
    buyer: UUID | None = None
    dataset: UUID | None = None
    revision: UUID | None = None
    entitlement: UUID | None = None
    country: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def offers_visible_to(actor: Actor) -> QuerySet[Offer]:
    """Published offers whose audience the actor belongs to, those it has negotiated, and its own in any state;
    for who may not read for an organisation, the public ones."""
    offers = Offer.objects.select_related("dataset", "seller")
    if actor.is_system or actor.can(Scope.AUDIT):
        return offers
    mine = actor.participant_id
    on_market = market_at(actor.at)
    if mine is None or not actor.can(Scope.READ):  # a join to None would find every offer without a partner
        return offers.filter(on_market, audience=Offer.Audience.PUBLIC)
    of_mine = Q(seller_id=mine) | Q(negotiations__buyer_id=mine)
    return offers.filter((on_market & _audience_with(mine)) | of_mine).distinct()


def exists_for(actor: Actor) -> Q:
    """The offers that exist for the actor now, its own among them, whatever it has negotiated; all for who sees all."""
    if actor.is_system or actor.can(Scope.AUDIT):
        return Q()
    mine = actor.participant_id
    if mine is None or not actor.can(Scope.READ):
        return Q(audience=Offer.Audience.PUBLIC)
    return Q(seller_id=mine) | _audience_with(mine)


def offers_open_to(participant_id: UUID, at: datetime) -> QuerySet[Offer]:
    """The offers that a participant can ask for at a moment, of whichever seller."""
    offers = Offer.objects.select_related("dataset", "seller")
    return offers.filter(market_at(at), _audience_with(participant_id)).distinct()


def market_at(at: datetime) -> Q:
    """The offers that can be asked for at a moment, as far as their audience may."""
    in_time = Q(valid_until=None) | Q(valid_until__gt=at)
    return in_time & Q(state=Offer.State.PUBLISHED, dataset__state="published", seller__state="verified")


def is_on_public_market(offer: Offer, at: datetime) -> bool:
    """Whether everybody can ask for an offer at a moment, as its row, its dataset and its seller say."""
    is_in_time = offer.valid_until is None or at < offer.valid_until
    is_sold = offer.is_published and offer.dataset.is_published
    is_open = is_in_time and is_sold and offer.audience == Offer.Audience.PUBLIC
    return is_open and offer.seller.state == Participant.State.VERIFIED


def offer_visible_to(actor: Actor, offer_id: UUID) -> Offer:
    return _one(offers_visible_to(actor), offer_id, "offer")


def audience_of(offer: Offer) -> list[tuple[UUID, str]]:
    """The participants for whom a named offer exists, by name."""
    rows = offer.named.select_related("participant").order_by("participant__name")
    return [(row.participant_id, row.participant.name) for row in rows]


def signed_for(offer_id: UUID) -> list[UUID]:
    """For whom an offer was signed in advance; nobody where it is another kind of sale."""
    rows = Offer.objects.filter(pk=offer_id, sale=Offer.Sale.SIGNED)
    return list(rows.values_list("named__participant_id", flat=True))


def possible_buyers(actor: Actor) -> list[tuple[UUID, str]]:
    """The verified participants that the actor can name in an offer, by name."""
    rows = participants.participants_visible_to(actor).filter(state=Participant.State.VERIFIED)
    named = rows.order_by("name", "pk").values_list("pk", "name")
    return [(row_id, name) for row_id, name in named if row_id != actor.participant_id]


def negotiations_visible_to(actor: Actor) -> QuerySet[Negotiation]:
    return _between(
        Negotiation.objects.select_related("dataset", "seller", "buyer", "revision", "offer"), actor
    )


def negotiation_visible_to(actor: Actor, negotiation_id: UUID) -> Negotiation:
    return _one(negotiations_visible_to(actor), negotiation_id, "negotiation")


def open_negotiation(actor: Actor, offer: Offer) -> Negotiation | None:
    """The request for an offer that the actor's organisation has not ended or signed yet."""
    states = (Negotiation.State.REQUESTED, Negotiation.State.OFFERED, Negotiation.State.APPROVED)
    mine = negotiations_visible_to(actor).filter(buyer_id=actor.participant_id)
    return mine.filter(offer=offer, state__in=states).first()


def ended_by(actor: Actor, negotiation: Negotiation) -> str:
    """Who ended it without a contract: `seller`, `buyer` or `deadline`; empty where nobody did."""
    if negotiation.state != Negotiation.State.TERMINATED:
        return ""
    told = participants.events_visible_to(actor).filter(subject=f"negotiation:{negotiation.pk}")
    names = set(
        told.filter(name__in=["negotiation.refused", "negotiation.lapsed"]).values_list("name", flat=True)
    )
    if not names:
        return "buyer"
    return "seller" if "negotiation.refused" in names else "deadline"


def verified_country(actor: Actor) -> str:
    """Where the operator saw the actor's organisation to be established; empty before."""
    if actor.participant_id is None:
        return ""
    return participants.participant(actor.participant_id).verified_country


def names_in(terms: Terms) -> dict[str, str]:
    """The names of the participants whom terms name by their ids."""
    named = {
        one for c in terms.clauses if c.kind in ("recipients", "affiliates") for one in c.several("any_of")
    }
    return names_of(named)


def names_of(participant_ids: Collection[str]) -> dict[str, str]:
    """The names of these participants."""
    if not participant_ids:
        return {}
    rows = Participant.objects.filter(pk__in=participant_ids)
    return {str(row_id): name for row_id, name in rows.values_list("pk", "name")}


def agreement_of(actor: Actor, negotiation: Negotiation) -> Agreement | None:
    """What a negotiation led to, if it was signed."""
    return agreements_visible_to(actor).filter(negotiation=negotiation).first()


def agreements_visible_to(actor: Actor) -> QuerySet[Agreement]:
    return _between(Agreement.objects.select_related("dataset", "revision", "seller", "buyer"), actor)


def agreement_visible_to(actor: Actor, agreement_id: UUID) -> Agreement:
    return _one(agreements_visible_to(actor), agreement_id, "agreement")


def entitlements_visible_to(actor: Actor) -> QuerySet[Entitlement]:
    return _between(
        Entitlement.objects.select_related("dataset", "revision", "seller", "buyer", "agreement"), actor
    )


def entitlement_visible_to(actor: Actor, entitlement_id: UUID) -> Entitlement:
    """One of the actor's entitlements; the operator, who may stop what was sold, finds all of them."""
    if actor.can(Scope.OPERATE):
        actor = Actor.system("operator", at=actor.at)
    return _one(entitlements_visible_to(actor), entitlement_id, "entitlement")


def deletion_statements_visible_to(
    actor: Actor, *, entitlement_id: UUID | None = None
) -> QuerySet[DeletionStatement]:
    rows = _between(DeletionStatement.objects.all(), actor)
    return rows if entitlement_id is None else rows.filter(entitlement_id=entitlement_id)


def deletion_statement_visible_to(actor: Actor, statement_id: UUID) -> DeletionStatement:
    return _one(deletion_statements_visible_to(actor), statement_id, "deletion statement")


def transfers_visible_to(actor: Actor, wanted: TransferFilter | None = None) -> QuerySet[Transfer]:
    transfers = _between(Transfer.objects.select_related("asset"), actor)
    for field, value in _conditions(wanted or TransferFilter()).items():
        transfers = transfers.filter(**{field: value})
    return transfers


def transfer_visible_to(actor: Actor, transfer_id: UUID) -> Transfer:
    return _one(transfers_visible_to(actor), transfer_id, "transfer")


def bucket_reads_visible_to(actor: Actor, *, matched: bool | None = None) -> QuerySet[BucketRead]:
    """What the bucket's access log told of links, for officers; `matched` narrows it to what a link explains, or
    not."""
    actor.require(Scope.AUDIT)
    rows = BucketRead.objects.all()
    return rows if matched is None else rows.filter(transfer__isnull=not matched)


def entitlement(entitlement_id: UUID) -> Entitlement:
    """For tasks."""
    return Entitlement.objects.get(pk=entitlement_id)


def negotiation(negotiation_id: UUID) -> Negotiation:
    """For tasks."""
    return Negotiation.objects.select_related("offer").get(pk=negotiation_id)


def is_instant(negotiation: Negotiation) -> bool:
    """Whether the exchange approves at once, so that nobody decides; a redline is decided about by people."""
    return negotiation.offer.sale != Offer.Sale.VALIDATION and negotiation.round == 1


def copies_used(entitlement: Entitlement) -> dict[str, int]:
    """Copies taken of each file of the agreed revision, by its name; those of others stand with their revisions."""
    counts = entitlement.copy_counts.filter(asset__revision=entitlement.revision_id).order_by("pk")
    return dict(counts.values_list("asset__name", "used"))


def copies_delivered(actor: Actor, entitlement_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many transfers arrived whole under each of these rights."""
    done = transfers_visible_to(actor).filter(entitlement__in=list(entitlement_ids), state="completed")
    return dict(done.order_by().values_list("entitlement_id").annotate(Count("pk")))


def _audience_with(participant_id: UUID) -> Q:
    """By subqueries: a join to all members of all groups would multiply every offer."""
    named = OfferAudience.objects.filter(participant_id=participant_id)
    grouped = OfferGroup.objects.filter(group__members__participant_id=participant_id)
    public = Q(audience=Offer.Audience.PUBLIC)
    return public | Q(pk__in=named.values("offer_id")) | Q(pk__in=grouped.values("offer_id"))


def _between(rows: QuerySet[Row], actor: Actor) -> QuerySet[Row]:
    """Rows that have a seller and a buyer: each side sees its own, an officer all."""
    if actor.is_system or actor.can(Scope.AUDIT):
        return rows
    actor.require(Scope.READ)
    return rows.filter(Q(seller_id=actor.participant_id) | Q(buyer_id=actor.participant_id))


def _one(rows: QuerySet[Row], row_id: UUID, noun: str) -> Row:
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound(f"there is no such {noun}")
    return row


def _conditions(wanted: TransferFilter) -> dict[str, object]:
    found = {
        "seller_id": wanted.seller,
        "buyer_id": wanted.buyer,
        "dataset_id": wanted.dataset,
        "revision_id": wanted.revision,
        "entitlement_id": wanted.entitlement,
        "country": wanted.country,
        "state": wanted.state,
        "started_at__gte": wanted.since,
        "started_at__lt": wanted.until,
    }
    return {field: value for field, value in found.items() if value is not None}
