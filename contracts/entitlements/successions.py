"""Rights that follow others. A renewal begins when the term of the right before it ends; an amendment takes its place
at once. Whatever gets worse for the buyer needs its consent, by name, to the very round that is signed."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from contracts.entitlements import windows
from contracts.models import CopyCount, Entitlement, Negotiation, Succession, Transfer
from contracts.terms import comparison
from contracts.terms import terms as usage_terms
from contracts.terms.comparison import Change
from contracts.terms.terms import Terms
from datasets import queries as datasets
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.states import transition
from payments.plans import plans
from payments.plans.plans import Plan


def of(negotiation: Negotiation) -> Succession | None:
    """What a negotiation goes on from; None for a purchase."""
    return Succession.objects.filter(negotiation=negotiation).select_related("right").first()


def is_amendment(negotiation: Negotiation) -> bool:
    """Whether a negotiation is about a change of a contract within its term."""
    found = of(negotiation)
    return found is not None and found.kind == Succession.Kind.AMENDMENT


def changes(right: Entitlement, kind: str, terms: Terms, plan: Plan) -> list[Change]:
    """What other terms and another price mean for the buyer of a right; an amendment's price comes on top."""
    paid = plans.parse(right.agreement.negotiation.plan)
    before = paid if kind == Succession.Kind.RENEWAL else Plan("free")
    return [
        *comparison.compare(usage_terms.thaw(right.terms), terms),
        comparison.of_plans(before, plan),
    ]


def without_consent(negotiation: Negotiation) -> list[str]:
    """What the round that stands makes worse than before, and the buyer has not taken by name; nothing in a talk that
    follows no right."""
    succession = of(negotiation)
    if succession is None:
        return []
    terms, plan = usage_terms.thaw(negotiation.terms), plans.parse(negotiation.plan)
    consents = succession.consents if succession.consented_to == negotiation.proposal else ()
    return _missing(changes(succession.right, succession.kind, terms, plan), consents)


def require_consent(weighed: Sequence[Change], consents: Sequence[str]) -> None:
    """Refuse what is worse than before, or cannot be weighed, and was not named."""
    _require_none(_missing(weighed, consents))


def _missing(weighed: Sequence[Change], consents: Sequence[str]) -> list[str]:
    return [kind for kind in comparison.worse(weighed) if kind not in consents]


def _require_none(missing: Sequence[str]) -> None:
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


def is_in_force(right: Entitlement, at: datetime) -> bool:
    """Whether a right could be amended at a moment, as far as its own row says."""
    return right.state == Entitlement.State.ACTIVE and (right.ends_at is None or at < right.ends_at)


def require_signable(negotiation: Negotiation, at: datetime) -> None:
    """Before a buyer signs: the right that is followed stands, and what is worse has the buyer's consent."""
    succession = of(negotiation)
    if succession is None:
        return
    hold(succession.right, succession.kind, at)
    _require_none(without_consent(negotiation))


def followers(right: Entitlement) -> QuerySet[Entitlement]:
    """The right that follows this one, unless it was revoked."""
    return Entitlement.objects.filter(follows=right).exclude(state=Entitlement.State.REVOKED)


def comes_too_late(entitlement: Entitlement) -> bool:
    """Whether a right cannot take the place of the one that it amends: that one is not in force any more."""
    before = entitlement.follows
    if before is None or before.state == Entitlement.State.ACTIVE:
        return False
    return is_amendment(entitlement.agreement.negotiation)


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
    """Whether a paid right follows that includes every revision of which something was taken, or the agreed one where
    nothing was: the copies may be kept under that one."""
    paid = followers(entitlement).filter(agreement__negotiation__state=Negotiation.State.FINALIZED)
    right = paid.select_related("revision").first()
    if right is None:
        return False
    taken = Transfer.objects.filter(entitlement=entitlement).order_by().values_list("revision", flat=True)
    kept = datasets.revisions_of(set(taken) or {entitlement.revision_id})
    return all(windows.includes(right, revision) for revision in kept)
