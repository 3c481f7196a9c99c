"""Negotiations: a buyer asks, the seller approves, counters or refuses, the buyer accepts. The seller's approval
and the buyer's acceptance are the two signatures of the agreement."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from compliance import gates
from contracts import agreements, countries, entitlements, purposes
from contracts import terms as usage_terms
from contracts.models import Agreement, Negotiation, Offer
from datasets import datasets
from datasets.models import Dataset, Revision
from exchange.kernel import canonical, events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.ids import new_id
from exchange.kernel.states import transition
from exchange.participants import members
from exchange.participants.models import Participant
from payments import charges, plans
from payments.models import Charge

_CLAUSE_REFUSALS = {
    "country_not_allowed": "the terms do not permit this country",
    "purpose_not_allowed": "the terms do not permit this purpose",
    "recipient_not_named": "the terms name other recipients",
    "undecidable": "this clause cannot be decided from what is known",
}


@dataclass(frozen=True)
class Accepted:
    """What acceptance led to; a free plan has no charge."""

    negotiation: Negotiation
    agreement: Agreement
    charge: Charge | None


@transaction.atomic
def request(offer: Offer, *, purpose: str, country: str, use: str, by: Actor) -> Negotiation:
    """Ask for an offer with a declared purpose, use and country. Its terms, price and revision are frozen now."""
    buyer = _require_buyer(by)
    if by.participant_id == offer.seller_id:
        raise Conflict("an organisation cannot license its own dataset", code="own_offer")
    if not offer.is_published or not offer.dataset.is_published:
        raise Conflict("this offer is not on the market", code="offer_not_published")
    revision = datasets.require_publishable(offer.dataset)
    purposes.require(purpose)
    countries.require(country)
    require_permitted(usage_terms.parse(offer.terms), purpose, country, buyer)
    require_destination(offer.dataset, revision, buyer, by.at)
    negotiation = Negotiation(
        id=new_id(),
        offer=offer,
        dataset=offer.dataset,
        revision=revision,
        seller_id=offer.seller_id,
        buyer=buyer,
        purpose=purpose,
        country=country,
        use=text.prose(use, name="use", at_least=10, at_most=2_000),
        terms=offer.terms,
        plan=offer.plan,
        requested_by=by.name,
        requested_at=by.at,
    )
    try:
        with transaction.atomic():
            negotiation.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            "there is already an open request of yours for this offer", code="already_requested"
        ) from None
    events.record("negotiation.requested", negotiation, by=by, typed={"use": negotiation.use})
    if offer.sale == Offer.Sale.INSTANT:
        return _approve_at_once(negotiation, by)
    return negotiation


@transaction.atomic
def approve(negotiation: Negotiation, *, by: Actor) -> Negotiation:
    """The seller's signature: the buyer may now accept."""
    _require_seller(negotiation, by)
    return transition(negotiation, "approve", by=by, approved_by=by.name, approved_at=by.at)


@transaction.atomic
def counter(negotiation: Negotiation, *, terms: object, plan: object, by: Actor) -> Negotiation:
    """Offer other terms or another price, signed by the seller; the buyer may accept or let it be."""
    _require_seller(negotiation, by)
    changed = usage_terms.parse(terms)
    require_permitted(changed, negotiation.purpose, negotiation.country, negotiation.buyer)
    return transition(
        negotiation,
        "counter",
        by=by,
        terms=changed.to_list(),
        plan=plans.parse(plan).to_dict(),
        approved_by=by.name,
        approved_at=by.at,
    )


@transaction.atomic
def refuse(negotiation: Negotiation, *, reason: str, by: Actor) -> Negotiation:
    """The seller says no; a reason may be given."""
    by.require(Scope.SELL)
    _require_side(negotiation.seller_id, by, "seller")
    given = text.prose(reason, name="reason", at_most=512)
    return transition(negotiation, "refuse", by=by, typed={"reason": given}, reason=given)


@transaction.atomic
def terminate(negotiation: Negotiation, *, reason: str, by: Actor) -> Negotiation:
    """The buyer takes the request back before it is agreed."""
    by.require(Scope.BUY)
    _require_side(negotiation.buyer_id, by, "buyer")
    if negotiation.state == Negotiation.State.AGREED:
        raise Conflict("this negotiation is agreed; the agreement stands", code="wrong_state")
    given = text.prose(reason, name="reason", at_most=512)
    return transition(negotiation, "terminate", by=by, typed={"reason": given}, reason=given)


def fingerprint(negotiation: Negotiation) -> str:
    """What is to be signed, in short: another one where the terms, the price or the revision are others."""
    signed = {"terms": negotiation.terms, "plan": negotiation.plan, "revision": str(negotiation.revision_id)}
    return hashlib.sha256(canonical.encode(signed)).hexdigest()


@transaction.atomic
def accept(negotiation: Negotiation, *, shown: str | None = None, by: Actor) -> Accepted:
    """The buyer's signature: the agreement is frozen and sealed, and its price is charged (nothing when free).

    `shown` is the fingerprint of what the buyer read; Conflict where the seller has changed it since.
    """
    buyer = _require_buyer(by)
    _require_side(negotiation.buyer_id, by, "buyer")
    members.require_cleared(negotiation.seller_id)
    if not negotiation.revision.is_sealed:
        raise Conflict("the seller revoked the revision that was asked for", code="revision_revoked")
    terms = usage_terms.parse(negotiation.terms)
    require_permitted(terms, negotiation.purpose, negotiation.country, buyer)
    require_destination(negotiation.dataset, negotiation.revision, buyer, by.at)
    negotiation = transition(negotiation, "accept", by=by, accepted_by=by.name, accepted_at=by.at)
    if shown is not None and shown != fingerprint(negotiation):
        raise Conflict("the seller changed the terms or the price after you read them", code="terms_changed")
    agreement = agreements.sign(negotiation, by=by)
    entitlement = entitlements.grant(agreement, by=by)
    plan = plans.parse(negotiation.plan)
    if plan.price is None:
        finalized = finalize(agreement.pk, by=by)
        entitlements.activate(entitlement, by=by)
        return Accepted(finalized, agreement, None)
    charge = charges.create(
        reference=agreements.reference(agreement),
        payer=buyer,
        payee=negotiation.seller,
        price=plan.price,
        by=by,
    )
    return Accepted(negotiation, agreement, charge)


@transaction.atomic
def finalize(agreement_id: UUID, *, by: Actor) -> Negotiation:
    """Money is in place: the talk is over. Returns early when it already was."""
    negotiation = Negotiation.objects.get(agreement__pk=agreement_id)
    if negotiation.state == Negotiation.State.FINALIZED:
        return negotiation
    return transition(negotiation, "finalize", by=by)


def require_permitted(terms: usage_terms.Terms, purpose: str, country: str, buyer: Participant) -> None:
    """Refuse a request that the terms already rule out, by its declared country or the buyer's verified one."""
    for place in {country, buyer.verified_country}:
        for verdict in usage_terms.request_allowed(terms, purpose, place, str(buyer.pk)):
            if not verdict.ok:
                code = str(verdict.reason or "undecidable")
                said = _CLAUSE_REFUSALS.get(code, code)
                raise Forbidden(f"refused by the clause {verdict.kind}: {said}", code=code)


def require_destination(dataset: Dataset, revision: Revision, buyer: Participant, at: datetime) -> None:
    """Refuse personal data a way to a country that the law does not open."""
    destination = gates.destination(
        datasets.class_in_force(dataset, revision),
        buyer.verified_country,
        frozenset(buyer.certifications),
        at.date(),
    )
    if not destination.allowed:
        raise Forbidden(
            f"this dataset holds personal data, and it may not go to {buyer.verified_country}: "
            f"{destination.reason} (legal profile {destination.profile_version})",
            code=destination.reason or "destination_refused",
        )


def _approve_at_once(negotiation: Negotiation, by: Actor) -> Negotiation:
    if datasets.has_personal_data(negotiation.dataset):
        raise Conflict(
            "personal data was found in this dataset since the offer was published; the seller must approve",
            code="personal_data_needs_validation",
        )
    seller = Actor.system("instant_sale", at=by.at)
    return transition(negotiation, "approve", by=seller, approved_by=seller.name, approved_at=by.at)


def _require_buyer(by: Actor) -> Participant:
    by.require(Scope.BUY)
    if by.participant_id is None:
        raise Forbidden("only an organisation that takes part may buy")
    return members.require_cleared(by.participant_id)


def _require_seller(negotiation: Negotiation, by: Actor) -> None:
    by.require(Scope.SELL)
    _require_side(negotiation.seller_id, by, "seller")
    members.require_cleared(negotiation.seller_id)


def _require_side(participant_id: UUID, by: Actor, side: str) -> None:
    if not by.acts_for(participant_id):
        raise Forbidden(f"only the {side} may do this")
