"""Negotiations: a buyer asks, either side may redline, the seller approves or refuses, the buyer accepts. Both sign one
round, by its digest; each verb looks at the row that it has locked, never at its caller's copy."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from contracts import (
    agreements,
    audiences,
    choices,
    conditions,
    countries,
    entitlements,
    licence_texts,
    offers,
    purposes,
    redlines,
    rounds,
    signatures,
    successions,
)
from contracts import terms as usage_terms
from contracts.models import Agreement, Negotiation, Offer, Side
from contracts.rounds import Proposal
from datasets import datasets
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.states import transition
from exchange.kernel.text import timestamp
from exchange.participants import members
from exchange.participants import queries as participants
from exchange.participants.models import Participant
from payments import charges, plans
from payments.models import Charge

MOST_AFFILIATES = 50
LONGEST_ACCEPTANCE = timedelta(days=365)


@dataclass(frozen=True)
class Accepted:
    """What acceptance led to. No agreement while the buyer's second member has not signed; a free plan has no
    charge."""

    negotiation: Negotiation
    agreement: Agreement | None
    charge: Charge | None


@transaction.atomic
def request(
    offer: Offer,
    *,
    purpose: str,
    country: str,
    use: str,
    affiliates: Collection[UUID] = (),
    choice: int | None = None,
    by: Actor,
) -> Negotiation:
    """Ask for an offer, or one `choice` of it, with a declared purpose, use and country, and the organisations that the
    buyer will use the data with. Its terms, price and revision are frozen now."""
    buyer = _require_buyer(by)
    if by.participant_id == offer.seller_id:
        raise Conflict("an organisation cannot license its own dataset", code="own_offer")
    offers.hold(offer)
    offers.require_open(offer, by.at)
    audiences.require_in(offer, by)
    revision = datasets.require_publishable(offer.dataset)
    purposes.require(purpose)
    countries.require(country)
    chosen = choices.chosen(offer, choice)
    terms = usage_terms.thaw(chosen.terms)
    conditions.require_not_over(terms, by.at)
    conditions.require_permitted(terms, purpose, country, buyer, by.at)
    conditions.require_destination(offer.dataset, revision, buyer, by.at)
    for overdue in _overdue(by.at).filter(offer=offer, buyer=buyer):
        transition(overdue, "lapse", by=by.as_system("lapse"))
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
        affiliates=_affiliates(affiliates, by),
        terms=chosen.terms,
        plan=chosen.plan,
        round=0,
        decide_by=_decide_by(by.at),
        requested_by=by.name,
        requested_at=by.at,
    )
    first = rounds.draw(negotiation, Proposal(Side.BUYER, chosen.terms, chosen.plan), by=by)
    negotiation.round, negotiation.proposal = first.number, first.sha256
    try:
        with transaction.atomic():
            negotiation.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            "there is already an open request of yours for this offer", code="already_requested"
        ) from None
    first.save(force_insert=True)
    facts = {"choice": choice} if choice else None
    events.record("negotiation.requested", negotiation, by=by, facts=facts, typed={"use": negotiation.use})
    if offer.sale == Offer.Sale.INSTANT:
        return _approve_at_once(negotiation, by)
    if offers.is_signed(offer, revision):
        return _approve_as_signed(negotiation, by)
    return negotiation


@transaction.atomic
def approve(negotiation: Negotiation, *, shown: str | None = None, by: Actor) -> Negotiation:
    """The seller's signature under the round of digest `shown`: the buyer may now accept. Where the seller has two
    members sign, the first leaves it requested."""
    _require_seller(negotiation, by)
    _lock(negotiation, "approve", by)
    rounds.require_shown(negotiation, shown)
    if not signatures.give(negotiation, Side.SELLER, by=by):
        return negotiation
    return _approved(negotiation, by)


@transaction.atomic
def counter(
    negotiation: Negotiation,
    *,
    on: str | None = None,
    changes: object = None,
    terms: object = None,
    plan: object = None,
    accept_by: datetime | None = None,
    note: str = "",
    by: Actor,
) -> Negotiation:
    """Answer the round of digest `on` with another: single `changes` or whole `terms`, and another `plan`. The seller
    signs with it, and may set a deadline; what the buyer writes waits for the seller again."""
    is_seller = by.acts_for(negotiation.seller_id)
    if is_seller:
        _require_seller(negotiation, by)
    else:
        _require_buyer(by)
        _require_side(negotiation.buyer_id, by, "seller or the buyer")
        members.require_cleared(negotiation.seller_id)
    _lock(negotiation, "counter" if is_seller else "redline", by)
    rounds.require_shown(negotiation, on)
    proposal = Proposal(
        Side.SELLER if is_seller else Side.BUYER,
        _redlined(negotiation, changes, terms).to_list(),
        negotiation.plan if plan is None else plans.parse(plan).to_dict(),
        _accept_by(accept_by, by.at) if is_seller else None,
        text.prose(note, name="note", at_most=2_000),
    )
    if accept_by is None and (proposal.terms, proposal.plan) == (negotiation.terms, negotiation.plan):
        raise Invalid("this leaves the terms and the price as they are", code="empty_change")
    if accept_by is not None and not is_seller:
        raise Invalid("only the seller sets a deadline for acceptance", code="invalid_deadline")
    changed = usage_terms.parse(proposal.terms)
    licence_texts.require_kept(changed, seller_id=negotiation.seller_id)
    conditions.require_not_over(changed, by.at)
    conditions.require_permitted(changed, negotiation.purpose, negotiation.country, negotiation.buyer, by.at)
    return _next_round(negotiation, proposal, by)


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


@transaction.atomic
def accept(negotiation: Negotiation, *, shown: str | None = None, by: Actor) -> Accepted:
    """The buyer's signature under the round of digest `shown`: the agreement is frozen and sealed, and its price is
    charged (nothing when free). Where the buyer has two members sign, the first changes nothing else."""
    buyer = _require_buyer(by)
    _require_side(negotiation.buyer_id, by, "buyer")
    members.require_cleared(negotiation.seller_id)
    if negotiation.offer.sale == Offer.Sale.SIGNED:
        offers.hold(negotiation.offer)
    _lock(negotiation, "accept", by)
    rounds.require_shown(negotiation, shown)
    is_signed = negotiation.offer.sale == Offer.Sale.SIGNED and negotiation.round == 1
    if is_signed and not successions.is_amendment(negotiation):
        offers.require_open(negotiation.offer, by.at)
    if not negotiation.revision.is_sealed:
        raise Conflict("the seller revoked the revision that was asked for", code="revision_revoked")
    terms = usage_terms.thaw(negotiation.terms)
    conditions.require_not_over(terms, by.at)
    conditions.require_permitted(terms, negotiation.purpose, negotiation.country, buyer, by.at)
    conditions.require_destination(negotiation.dataset, negotiation.revision, buyer, by.at)
    successions.require_signable(negotiation, by.at)
    if not signatures.give(negotiation, Side.BUYER, by=by):
        return Accepted(negotiation, None, None)
    transition(negotiation, "accept", by=by, accepted_by=by.name, accepted_at=by.at)
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


def lapse_due(*, now: datetime, at_most: int = 500) -> int:
    """End the talks whose deadline has passed, each in a transaction of its own; answers how many. The verbs look at
    the deadline themselves, so a late sweep lets nothing through."""
    by = Actor.system("lapse_negotiations", at=now)
    return sum(_lapse(found, by) for found in _overdue(now).order_by("pk")[:at_most])


@transaction.atomic
def finalize(agreement_id: UUID, *, by: Actor) -> Negotiation:
    """Money is in place: the talk is over. Returns early when it already was."""
    negotiation = Negotiation.objects.get(agreement__pk=agreement_id)
    if negotiation.state == Negotiation.State.FINALIZED:
        return negotiation
    return transition(negotiation, "finalize", by=by)


def _approve_at_once(negotiation: Negotiation, by: Actor) -> Negotiation:
    if datasets.has_personal_data(negotiation.dataset):
        raise Conflict(
            "personal data was found in this dataset since the offer was published; the seller must approve",
            code="personal_data_needs_validation",
        )
    seller = by.as_system("instant_sale")
    signatures.give(negotiation, Side.SELLER, by=seller)
    return _approved(negotiation, seller)


def _approve_as_signed(negotiation: Negotiation, by: Actor) -> Negotiation:
    """The seller's member has signed with the offer, whose end is the buyer's deadline."""
    seller, offer = by.as_system("signed_offer"), negotiation.offer
    signatures.give(negotiation, Side.SELLER, signed_by=offer.published_by, by=seller)
    return _approved(negotiation, seller, until=offer.valid_until)


def _approved(negotiation: Negotiation, by: Actor, *, until: datetime | None = None) -> Negotiation:
    deadline = by.at + timedelta(days=settings.EXCHANGE_ACCEPTANCE_DAYS)
    deadline = min(deadline, until) if until is not None else deadline
    return transition(
        negotiation,
        "approve",
        by=by,
        facts={"accept_by": timestamp(deadline)},
        approved_by=by.name,
        approved_at=by.at,
        accept_by=deadline,
    )


def _next_round(negotiation: Negotiation, proposal: Proposal, by: Actor) -> Negotiation:
    """Put another round on the table. The seller signs with it, but where two members of it must, the round waits for
    the other one as a request does."""
    made = rounds.draw(negotiation, proposal, by=by)
    is_sellers = proposal.side == Side.SELLER
    verb = "redline"
    if is_sellers:
        verb = "counter" if signatures.needed_of(negotiation.seller, by) == 1 else "propose"
    is_signed = verb == "counter"
    transition(
        negotiation,
        verb,
        by=by,
        facts={"accept_by": timestamp(made.accept_by) if made.accept_by else None},
        typed={"note": made.note} if made.note else None,
        terms=made.terms,
        plan=made.plan,
        round=made.number,
        proposal=made.sha256,
        approved_by=by.name if is_signed else "",
        approved_at=by.at if is_signed else None,
        accept_by=made.accept_by,
        decide_by=_decide_by(by.at),
    )
    made.save(force_insert=True)
    if is_sellers:
        signatures.give(negotiation, Side.SELLER, by=by)
    return negotiation


def _redlined(negotiation: Negotiation, changes: object, terms: object) -> usage_terms.Terms:
    if changes is not None and terms is not None:
        raise Invalid("give single changes or whole terms, not both", code="invalid_change")
    if terms is not None:
        return usage_terms.parse(terms)
    standing = usage_terms.thaw(negotiation.terms)
    return standing if changes is None else redlines.apply(standing, changes)


def _lock(negotiation: Negotiation, verb: str, by: Actor) -> None:
    """Hold the row, bring the caller's copy up to it, and refuse a verb that its state or its deadline rules out."""
    negotiation.refresh_from_db(from_queryset=Negotiation.objects.select_for_update(of=("self",)))
    sources, _, _ = Negotiation.TRANSITIONS[verb]
    if negotiation.state not in sources:
        raise Conflict(f"cannot {verb} this negotiation: it is {negotiation.state}", code="wrong_state")
    is_requested = negotiation.state == Negotiation.State.REQUESTED
    deadline = negotiation.decide_by if is_requested else negotiation.accept_by
    if deadline is not None and by.at >= deadline:
        raise Conflict(f"the deadline of this negotiation was {timestamp(deadline)}", code="deadline_passed")


def _overdue(now: datetime) -> QuerySet[Negotiation]:
    state = Negotiation.State
    return Negotiation.objects.filter(
        Q(state=state.REQUESTED, decide_by__lte=now)
        | Q(state__in=[state.OFFERED, state.APPROVED], accept_by__lte=now)
    )


@transaction.atomic
def _lapse(found: Negotiation, by: Actor) -> bool:
    """End it unless somebody else has moved it meanwhile."""
    locked = _overdue(by.at).select_for_update(of=("self",)).filter(pk=found.pk).first()
    if locked is None:
        return False
    transition(locked, "lapse", by=by)
    return True


def _decide_by(at: datetime) -> datetime:
    return at + timedelta(days=settings.EXCHANGE_DECISION_DAYS)


def _accept_by(wanted: datetime | None, at: datetime) -> datetime:
    if wanted is None:
        return at + timedelta(days=settings.EXCHANGE_ACCEPTANCE_DAYS)
    if not at < wanted <= at + LONGEST_ACCEPTANCE:
        raise Invalid(
            f"accept_by must lie ahead, and at most {LONGEST_ACCEPTANCE.days} days; given {timestamp(wanted)}",
            code="invalid_deadline",
        )
    return wanted


def _affiliates(wanted: Collection[UUID], by: Actor) -> list[str]:
    """The ids of other participants, sorted; a flat list that nobody walks, so organisations may name each other."""
    named = sorted(str(one) for one in wanted)
    if len(named) > MOST_AFFILIATES or len(set(named)) != len(named) or str(by.participant_id) in named:
        raise Invalid(
            f"name up to {MOST_AFFILIATES} other organisations as affiliates, each of them once",
            code="affiliate_malformed",
        )
    for one in wanted:
        participants.participant_visible_to(by, one)
    return named


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
