"""Amendments: single clauses of a contract changed within its term, by a contract that supersedes it. A price that one
asks comes on top of what was paid."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from contracts.choices import prices
from contracts.entitlements import successions
from contracts.licence_texts import licence_texts
from contracts.models import Agreement, Negotiation, Side, Succession
from contracts.negotiations import negotiations, redlines, rounds
from contracts.negotiations.rounds import Proposal
from contracts.terms import conditions
from contracts.terms import terms as usage_terms
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.participants.members import members
from payments.plans import plans
from payments.plans.plans import Plan


@transaction.atomic
def propose(
    agreement: Agreement, *, changes: object = None, plan: object = None, note: str = "", by: Actor
) -> Negotiation:
    """Put other clauses, a price for them, or both on the table, by either side; the seller signs with it. Once both
    have signed and the price is paid, the old contract is superseded and its right goes on in the new one."""
    is_seller = by.acts_for(agreement.seller_id)
    by.require(Scope.SELL if is_seller else Scope.BUY)
    if not is_seller and not by.acts_for(agreement.buyer_id):
        raise Forbidden("only the seller or the buyer may do this")
    for side in (agreement.seller_id, agreement.buyer_id):
        members.require_cleared(side)
    right = agreement.entitlement
    successions.hold(right, Succession.Kind.AMENDMENT, by.at)
    earlier = agreement.negotiation
    standing, price = usage_terms.thaw(right.terms), Plan("free") if plan is None else plans.parse(plan)
    prices.require_amendable(agreement, price)
    if changes is None and price.is_free:
        raise Invalid("this leaves the terms and the price as they are", code="empty_change")
    changed = standing if changes is None else redlines.apply(standing, changes)
    licence_texts.require_kept(changed, seller_id=agreement.seller_id)
    conditions.require_not_over(changed, by.at)
    conditions.require_permitted(changed, right.purpose, right.country, agreement.buyer, by.at)
    negotiation = Negotiation(
        id=new_id(),
        offer_id=earlier.offer_id,
        dataset_id=agreement.dataset_id,
        revision_id=agreement.revision_id,
        seller_id=agreement.seller_id,
        buyer_id=agreement.buyer_id,
        purpose=right.purpose,
        country=right.country,
        use=earlier.use,
        affiliates=earlier.affiliates,
        terms=changed.to_list(),
        plan=price.to_dict(),
        round=0,
        decide_by=by.at + timedelta(days=settings.EXCHANGE_DECISION_DAYS),
        requested_by=by.name,
        requested_at=by.at,
    )
    return _opened(negotiation, Side.SELLER if is_seller else Side.BUYER, right.pk, note, by)


def _opened(negotiation: Negotiation, side: str, right_id: UUID, note: str, by: Actor) -> Negotiation:
    said = text.prose(note, name="note", at_most=2_000)
    proposed = Proposal(side, negotiation.terms, negotiation.plan, note=said)
    first = rounds.draw(negotiation, proposed, by=by)
    negotiation.round, negotiation.proposal = first.number, first.sha256
    try:
        with transaction.atomic():
            negotiation.save(force_insert=True)
    except IntegrityError:
        raise Conflict("there is already an open talk about this contract", code="already_requested") from None
    first.save(force_insert=True)
    Succession.objects.create(negotiation=negotiation, right_id=right_id, kind=Succession.Kind.AMENDMENT)
    facts = {"amends": str(right_id)}
    events.record(
        "negotiation.requested", negotiation, by=by, facts=facts, typed={"note": said} if said else None
    )
    if side == Side.SELLER:
        return negotiations.approve(negotiation, shown=negotiation.proposal, by=by)
    return negotiation
