"""Rights that follow others. A renewal begins when the term of the right before it ends; an amendment takes its place
at once. Whatever gets worse for the buyer needs its consent, by name, to the very round that is signed."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from contracts import comparison
from contracts import terms as usage_terms
from contracts.comparison import Change
from contracts.models import CopyCount, Entitlement, Negotiation, Succession
from contracts.terms import Terms
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.states import transition
from payments import plans
from payments.plans import Plan


def of(negotiation: Negotiation) -> Succession | None:
    """What a negotiation goes on from; None for a purchase."""
    return Succession.objects.filter(negotiation=negotiation).select_related("right").first()


def changes(right: Entitlement, kind: str, terms: Terms, plan: Plan) -> list[Change]:
    """What other terms and another price mean for the buyer of a right; an amendment's price comes on top."""
    paid = plans.parse(right.agreement.negotiation.plan)
    before = paid if kind == Succession.Kind.RENEWAL else Plan("free")
    return [
        *comparison.compare(usage_terms.thaw(right.terms), terms),
        comparison.of_plans(before, plan),
    ]


def require_consent(weighed: Sequence[Change], consents: Sequence[str]) -> None:
    """Refuse what is worse than before, or cannot be weighed, and was not named."""
    missing = [kind for kind in comparison.worse(weighed) if kind not in consents]
    if missing:
        raise Conflict(
            f"this is worse for the buyer than before, and needs its consent by name: {', '.join(missing)}",
            code="renewal_worse",
            more={"worse": ",".join(missing)},
        )


def hold(right: Entitlement, kind: str, at: datetime) -> None:
    """Lock a right that is to be followed, and refuse one that is not in force or is followed already. A renewal may be
    signed after the term before it has ended; an amendment has nothing to change then."""
    right.refresh_from_db(from_queryset=Entitlement.objects.select_for_update(of=("self",)))
    states = {Entitlement.State.ACTIVE}
    if kind == Succession.Kind.RENEWAL:
        states.add(Entitlement.State.EXPIRED)
    elif right.ends_at is not None and right.ends_at <= at:
        raise Conflict(f"its term ended on {right.ends_at:%Y-%m-%d}", code="entitlement_expired")
    if right.state not in states:
        raise Conflict(f"this right is {right.state}", code="wrong_state")
    if followers(right).exists():
        raise Conflict("another right follows this one already", code="already_followed")


def require_signable(negotiation: Negotiation, at: datetime) -> None:
    """Before a buyer signs: the right that is followed stands, and what is worse has the buyer's consent."""
    succession = of(negotiation)
    if succession is None:
        return
    hold(succession.right, succession.kind, at)
    terms, plan = usage_terms.thaw(negotiation.terms), plans.parse(negotiation.plan)
    consents = succession.consents if succession.consented_to == negotiation.proposal else ()
    require_consent(changes(succession.right, succession.kind, terms, plan), consents)


def followers(right: Entitlement) -> QuerySet[Entitlement]:
    """The right that follows this one, unless it was revoked."""
    return Entitlement.objects.filter(follows=right).exclude(state=Entitlement.State.REVOKED)


def begin(entitlement: Entitlement, *, by: Actor) -> datetime | None:
    """From when a right counts that is to become active now: None while the term before it still runs. An amendment
    ends the right that it takes the place of, and counts from where that one did."""
    before = entitlement.follows
    succession = of(entitlement.agreement.negotiation) if before else None
    if before is None or succession is None:
        return by.at
    if succession.kind == Succession.Kind.RENEWAL:
        return None if before.ends_at is not None and by.at < before.ends_at else by.at
    transition(before, "supersede", by=by)
    transition(before.agreement, "supersede", by=by)
    CopyCount.objects.bulk_create(
        CopyCount(entitlement=entitlement, asset_id=count.asset_id, used=count.used)
        for count in before.copy_counts.all()
    )
    return before.activated_at


def is_carried_over(entitlement: Entitlement) -> bool:
    """Whether a paid right to the same revision follows: its copies may be kept under that one."""
    paid = followers(entitlement).filter(agreement__negotiation__state=Negotiation.State.FINALIZED)
    return paid.filter(revision_id=entitlement.revision_id).exists()
