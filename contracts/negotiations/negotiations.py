"""Negotiations: a buyer asks, either side may redline, the seller approves or refuses, the buyer accepts. Both sign one
round, by its digest; each verb looks at the row that it has locked, never at its caller's copy."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from contracts.agreements import agreements
from contracts.choices import prices
from contracts.entitlements import successions
from contracts.licence_texts import licence_texts
from contracts.models import Negotiation, Offer, Side
from contracts.negotiations import deadlines, grounds, openings, redlines, riders, rounds, signatures, signings
from contracts.negotiations.openings import Asked
from contracts.negotiations.riders import Besides
from contracts.negotiations.rounds import Proposal
from contracts.negotiations.signings import Accepted, Agreed
from contracts.offers import offers
from contracts.terms import conditions
from contracts.terms import terms as usage_terms
from exchange.kernel import text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.states import transition
from exchange.kernel.text import timestamp
from exchange.participants.members import members
from exchange.participants.models import Participant
from payments.plans import plans


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
    held = grounds.read([offer.pk], [by.participant_id] if by.participant_id else [])
    asked = Asked(purpose, country, use, affiliates, choice)
    opening = openings.judge(held.offers[offer.pk], asked, held, by=by)
    openings.write_many([opening])
    return opening.negotiation


@transaction.atomic
def approve(negotiation: Negotiation, *, shown: str | None = None, by: Actor) -> Negotiation:
    """The seller's signature under the round of digest `shown`: the buyer may now accept. Where the seller has two
    members sign, the first leaves it requested."""
    _require_seller(negotiation, by)
    _lock(negotiation, "approve", by)
    rounds.require_shown(negotiation, shown)
    prices.require_signable(negotiation)
    if not signatures.give(negotiation, Side.SELLER, by=by):
        return negotiation
    return openings.approve(negotiation, by=by)


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
        deadlines.acceptance(accept_by, by.at) if is_seller else None,
        text.prose(note, name="note", at_most=2_000),
    )
    if accept_by is None and (proposal.terms, proposal.plan) == (negotiation.terms, negotiation.plan):
        raise Invalid("this leaves the terms and the price as they are", code="empty_change")
    if is_seller:
        prices.require_named(proposal.plan)
    elif accept_by is not None:
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
def accept(
    negotiation: Negotiation,
    *,
    shown: str | None = None,
    coupon: str = "",
    keeps_method: bool = False,
    renews: bool = False,
    by: Actor,
) -> Accepted:
    """The buyer's signature under the round of digest `shown`: the agreement is frozen and sealed, and its price is
    charged as far as it is due, less what a `coupon` takes off; `keeps_method` lets the provider keep the way to pay,
    `renews` lets further terms follow. Where two members sign, what the first gave besides is kept as a rider, and
    `shown` of the second is the rider's digest."""
    buyer = _require_buyer(by)
    _require_side(negotiation.buyer_id, by, "buyer")
    members.require_cleared(negotiation.seller_id)
    if negotiation.offer.sale == Offer.Sale.SIGNED:
        offers.hold(negotiation.offer)
    _lock(negotiation, "accept", by)
    given = riders.settle(negotiation, shown, Besides(coupon, keeps_method, renews))
    prices.require_signable(negotiation, given.coupon, keeps_method=given.keeps_method, renews=given.renews)
    is_signed = negotiation.offer.sale == Offer.Sale.SIGNED and negotiation.round == 1
    if is_signed and not successions.is_amendment(negotiation):
        offers.require_open(negotiation.offer, by.at)
    if not negotiation.revision.is_sealed:
        raise Conflict("the seller revoked the revision that was asked for", code="revision_revoked")
    terms = usage_terms.thaw(negotiation.terms)
    conditions.require_not_over(terms, by.at)
    conditions.require_permitted(terms, negotiation.purpose, negotiation.country, buyer, by.at)
    conditions.require_destination(negotiation.dataset, negotiation.revision, buyer, by.at)
    grounds.require_answered(negotiation.dataset_id, buyer.pk)
    successions.require_signable(negotiation, by.at)
    if not signatures.give(negotiation, Side.BUYER, by=by):
        riders.keep(negotiation, given, by=by)
        return Accepted(negotiation, None, None, None)
    return _conclude(negotiation, given, by)


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


def _conclude(negotiation: Negotiation, given: Besides, by: Actor) -> Accepted:
    """Both sides have signed in full: make the contract. A coupon takes its place now and no sooner."""
    agreement_id, plan = new_id(), plans.parse(negotiation.plan)
    due = prices.due(negotiation, plan, given.coupon, reference=agreements.reference_of(agreement_id), by=by)
    if given.rider:
        riders.confirm(negotiation, given.rider, due, by=by)
    signed, follows = signatures.of(negotiation), successions.of(negotiation)
    agreed = Agreed(agreement_id, negotiation, signed, follows, plan, due, given.keeps_method, by, given.renews)
    return signings.conclude_many([agreed])[0]


def _next_round(negotiation: Negotiation, proposal: Proposal, by: Actor) -> Negotiation:
    """Put another round on the table. The seller signs with it, but where two members of it must, the round waits for
    the other one as a request does."""
    made = rounds.draw(negotiation, proposal, by=by)
    is_sellers = proposal.side == Side.SELLER
    verb = "redline"
    if is_sellers:
        verb = "counter" if signatures.needed_of(negotiation.seller, by) == 1 else "propose"
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
        approved_by=by.name if verb == "counter" else "",
        approved_at=by.at if verb == "counter" else None,
        accept_by=made.accept_by,
        decide_by=deadlines.decision(by.at),
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
    deadline = deadlines.of(negotiation)
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
