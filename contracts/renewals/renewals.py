"""Renewals: a further contract from today's offer, for when the term of a right ends. Nothing renews itself, nothing
gets worse without the buyer's consent, given by name."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from contracts import queries
from contracts.choices import choices
from contracts.entitlements import entitlements, successions
from contracts.models import Entitlement, Negotiation, Offer, Succession
from contracts.negotiations import negotiations, riders
from contracts.negotiations.signings import Accepted
from contracts.terms import comparison
from contracts.terms import terms as usage_terms
from contracts.terms.comparison import Change
from contracts.terms.terms import Terms
from datasets import datasets
from datasets.models import Revision
from exchange.kernel import canonical, events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.participants.members import members
from payments.plans import plans
from payments.plans.plans import Plan

MOST_OFFERS = 12


@dataclass(frozen=True)
class Renewal:
    """What a renewal by an offer would change. `worse` needs the buyer's consent; `digest` names all of it."""

    right: Entitlement
    offer: Offer
    choice: int | None
    revision: Revision
    before: Terms
    after: Terms
    price_before: Plan
    price_after: Plan
    changes: list[Change]
    worse: tuple[str, ...]
    digest: str


def proposal(right: Entitlement, offer: Offer, choice: int | None = None) -> Renewal:
    """How the terms and the price of an offer, or of one choice of it, differ from those of a right, clause by
    clause."""
    if offer.dataset_id != right.dataset_id:
        raise Conflict("this offer is for another dataset", code="other_dataset")
    revision = datasets.require_publishable(offer.dataset)
    chosen = choices.chosen(offer, choice)
    after, price = usage_terms.thaw(chosen.terms), plans.parse(chosen.plan)
    weighed = successions.changes(right, Succession.Kind.RENEWAL, after, price)
    shown: dict[str, Fact] = {
        "right": str(right.pk),
        "offer": str(offer.pk),
        "terms": chosen.terms,
        "plan": chosen.plan,
        "revision": str(revision.pk),
    }
    return Renewal(
        right=right,
        offer=offer,
        choice=choice,
        revision=revision,
        before=usage_terms.thaw(right.terms),
        after=after,
        price_before=plans.parse(right.agreement.negotiation.plan),
        price_after=price,
        changes=weighed,
        worse=comparison.worse(weighed),
        digest=hashlib.sha256(canonical.encode(shown)).hexdigest(),
    )


def proposals_visible_to(actor: Actor, right: Entitlement) -> list[Renewal]:
    """What a renewal would change by each offer on the market that the actor may see, and each choice of it, the
    original offer first; none where the dataset cannot be licensed now."""
    offers = queries.offers_visible_to(actor).filter(
        queries.exists_for(actor), dataset_id=right.dataset_id, state=Offer.State.PUBLISHED
    )
    first = right.agreement.negotiation.offer_id
    try:
        found = [
            proposal(right, offer, one.number)
            for offer in offers.order_by("-pk")[:MOST_OFFERS]
            for one in choices.of(offer)
        ]
    except Conflict:
        return []
    return sorted(found, key=lambda one: (one.offer.pk != first, len(one.worse) if one.choice else 0))


@transaction.atomic
def renew(
    right: Entitlement,
    offer: Offer,
    *,
    consents: Collection[str],
    shown: str,
    choice: int | None = None,
    coupon: str = "",
    keeps_method: bool = False,
    renews: bool = False,
    by: Actor,
) -> Accepted:
    """Ask to renew by an offer, or one choice of it, with consent to each item that is worse; signed at once where the
    seller sells at once, and then with a `coupon`, `keeps_method` or `renews` as in any signature. Conflict names what
    still needs consent, or says that the offer is no longer the one `shown`."""
    _require_buyer(right.buyer_id, by)
    successions.hold(right, Succession.Kind.RENEWAL, by.at)
    if right.ends_at is None or entitlements.is_over(right, by.at):
        raise Conflict("only a right whose term runs can be renewed", code="not_renewable")
    if open_talk(right) is not None:
        raise Conflict("there is already a talk about this renewal", code="already_requested")
    found = proposal(right, offer, choice)
    if shown != found.digest:
        raise Conflict("the offer or the revision has changed since you read it", code="renewal_changed")
    successions.require_consent(found.changes, tuple(consents))
    if (coupon or keeps_method or renews) and not is_signed_at_once(offer):
        raise Conflict(
            "the seller answers first; give a coupon, a way to pay and your consent to further terms when you sign",
            code="signed_later",
        )
    earlier = right.agreement.negotiation
    negotiation = negotiations.request(
        offer,
        purpose=right.purpose,
        country=right.country,
        use=earlier.use,
        affiliates=[UUID(one) for one in earlier.affiliates],
        choice=choice,
        by=by,
    )
    succession = Succession.objects.create(negotiation=negotiation, right=right, kind=Succession.Kind.RENEWAL)
    _consent(succession, negotiation, found.worse, by)
    if negotiation.state == Negotiation.State.APPROVED:
        return negotiations.accept(
            negotiation,
            shown=negotiation.proposal,
            coupon=coupon,
            keeps_method=keeps_method,
            renews=renews,
            by=by,
        )
    return Accepted(negotiation, None, None, None)


def is_signed_at_once(offer: Offer) -> bool:
    """Whether asking to renew by an offer is the buyer's signature too."""
    return offer.sale != Offer.Sale.VALIDATION


@transaction.atomic
def consent(negotiation: Negotiation, kinds: Collection[str], *, shown: str, by: Actor) -> Succession:
    """The buyer takes what is worse in the round of digest `shown`, each item by its name; a later round asks anew."""
    _require_buyer(negotiation.buyer_id, by)
    negotiation.refresh_from_db(from_queryset=Negotiation.objects.select_for_update(of=("self",)))
    riders.require_shown(negotiation, shown)
    succession = successions.of(negotiation)
    if succession is None:
        raise Conflict("this talk follows no right, so nothing can get worse", code="wrong_state")
    weighed = _weighed(succession, negotiation)
    if unknown := sorted(set(kinds) - set(comparison.worse(weighed))):
        raise Invalid(f"these are not worse than before: {', '.join(unknown)}", code="invalid_consent")
    _consent(succession, negotiation, kinds, by)
    return succession


def changes_in(negotiation: Negotiation) -> list[Change]:
    """What the round that stands means for the buyer, in a talk that follows a right."""
    succession = successions.of(negotiation)
    return _weighed(succession, negotiation) if succession else []


def open_talk(right: Entitlement) -> Negotiation | None:
    """The talk about a right that follows this one, while neither side has ended it or both have signed."""
    states = (Negotiation.State.REQUESTED, Negotiation.State.OFFERED, Negotiation.State.APPROVED)
    found = Negotiation.objects.select_related("revision")
    return found.filter(succession__right=right, state__in=states).first()


def begin_due(*, now: datetime, at_most: int = 500) -> int:
    """Begin the paid renewals whose turn has come, each in a transaction of its own; answers how many."""
    by = Actor.system("begin_renewals", at=now)
    waiting = Entitlement.objects.filter(
        state=Entitlement.State.PENDING,
        follows__ends_at__lte=now,
        agreement__negotiation__state=Negotiation.State.FINALIZED,
    )
    return sum(_begin(right, by) for right in waiting.order_by("pk")[:at_most])


def _require_buyer(buyer_id: UUID, by: Actor) -> None:
    by.require(Scope.BUY)
    if not by.acts_for(buyer_id):
        raise Forbidden("only the buyer may do this")
    members.require_cleared(buyer_id)


def _begin(right: Entitlement, by: Actor) -> bool:
    try:
        return entitlements.activate(right, by=by).state == Entitlement.State.ACTIVE
    except Conflict:  # it was revoked meanwhile
        return False


def _weighed(succession: Succession, negotiation: Negotiation) -> list[Change]:
    terms, plan = usage_terms.thaw(negotiation.terms), plans.parse(negotiation.plan)
    return successions.changes(succession.right, succession.kind, terms, plan)


def _consent(succession: Succession, negotiation: Negotiation, kinds: Collection[str], by: Actor) -> None:
    succession.consents, succession.consented_to = sorted(kinds), negotiation.proposal
    succession.save(update_fields=["consents", "consented_to"])
    if kinds:
        events.record("negotiation.consented", negotiation, by=by, facts={"worse": sorted(kinds)})
