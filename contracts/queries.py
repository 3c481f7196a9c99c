"""Reads of contracts, always for an actor: a row that the actor may not see does not exist."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from contracts.models import Agreement, Entitlement, Negotiation, Offer, Transfer
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound

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
    """Published offers whose audience the actor belongs to, those it has negotiated, and its own in any state."""
    offers = Offer.objects.select_related("dataset", "seller")
    if actor.is_system or actor.can(Scope.AUDIT):
        return offers
    mine = actor.participant_id
    on_market = Q(state=Offer.State.PUBLISHED, dataset__state="published", seller__state="verified")
    for_me = Q(audience=Offer.Audience.PUBLIC) | Q(named__participant_id=mine)
    return offers.filter((on_market & for_me) | Q(seller_id=mine) | Q(negotiations__buyer_id=mine)).distinct()


def offer_visible_to(actor: Actor, offer_id: UUID) -> Offer:
    return _one(offers_visible_to(actor), offer_id, "offer")


def negotiations_visible_to(actor: Actor) -> QuerySet[Negotiation]:
    return _between(
        Negotiation.objects.select_related("dataset", "seller", "buyer", "revision", "offer"), actor
    )


def negotiation_visible_to(actor: Actor, negotiation_id: UUID) -> Negotiation:
    return _one(negotiations_visible_to(actor), negotiation_id, "negotiation")


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


def transfers_visible_to(actor: Actor, wanted: TransferFilter | None = None) -> QuerySet[Transfer]:
    transfers = _between(Transfer.objects.select_related("asset"), actor)
    for field, value in _conditions(wanted or TransferFilter()).items():
        transfers = transfers.filter(**{field: value})
    return transfers


def transfer_visible_to(actor: Actor, transfer_id: UUID) -> Transfer:
    return _one(transfers_visible_to(actor), transfer_id, "transfer")


def entitlement(entitlement_id: UUID) -> Entitlement:
    """For tasks."""
    return Entitlement.objects.get(pk=entitlement_id)


def copies_used(entitlement: Entitlement) -> dict[str, int]:
    """Copies taken of each file, by its name."""
    return {
        count.asset.name: count.used for count in entitlement.copy_counts.select_related("asset").order_by("pk")
    }


def _between(rows: QuerySet[Row], actor: Actor) -> QuerySet[Row]:
    """Rows that have a seller and a buyer: each side sees its own, an officer all."""
    if actor.is_system or actor.can(Scope.AUDIT):
        return rows
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
