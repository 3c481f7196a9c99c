"""What a buyer agrees to with its signature besides the round. Where two of its members sign, the first one's word is
kept as a rider: it stands, and the second confirms it by its digest or lets the contract be."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.choices import prices
from contracts.models import Negotiation, Rider, Side, Signature
from contracts.negotiations import rounds, signatures
from exchange.kernel import canonical, events
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict
from payments.charges.coupons import Discounted
from payments.plans import plans
from payments.subscriptions import subscriptions

VERSION = "comptoir.rider/1"


@dataclass(frozen=True)
class Besides:
    """What a signature asks for besides the round: a `coupon` by its code, or by its id once it was weighed; a way to
    pay that is kept; further terms. `rider` is what it confirms."""

    coupon: str | UUID = ""
    keeps_method: bool = False
    renews: bool = False
    rider: Rider | None = None


def of(negotiation: Negotiation) -> Rider | None:
    """The rider under the round that stands; None where the first member asked for nothing besides, or none has signed
    yet."""
    return among(signatures.of(negotiation, Side.BUYER))


def among(given: Sequence[Signature]) -> Rider | None:
    """The rider among the signatures of a round."""
    return next((found for one in given if (found := getattr(one, "rider", None))), None)


def to_sign(negotiation: Negotiation) -> str:
    """The digest that the next signature of the buyer names: the rider's, which covers the round, or the round's."""
    rider = of(negotiation)
    return rider.sha256 if rider else negotiation.proposal


def require_shown(negotiation: Negotiation, shown: str | None) -> None:
    """Refuse who has read another round than the one that stands; its rider names it too."""
    rider = of(negotiation)
    rounds.require_shown(negotiation, negotiation.proposal if rider and shown == rider.sha256 else shown)


def settle(negotiation: Negotiation, shown: str | None, asked: Besides) -> Besides:
    """What holds besides the round for a signature that asks for this: the first member's word, which the second has
    read and neither changes nor adds to."""
    earlier = signatures.of(negotiation, Side.BUYER)
    rider = among(earlier)
    if rider is None:
        rounds.require_shown(negotiation, shown)
        if asked != Besides() and earlier:
            raise _otherwise()
        return asked
    if shown != rider.sha256:
        rounds.require_shown(negotiation, shown)
        raise Conflict(
            "another member of your organisation has signed meanwhile, with more than the contract; read it, then sign",
            code="rider_unread",
        )
    if asked.coupon or asked.keeps_method > rider.keeps_method or asked.renews > rider.renews:
        raise _otherwise()
    return Besides(rider.coupon_id or "", rider.keeps_method, rider.renews, rider)


def keep(negotiation: Negotiation, given: Besides, *, by: Actor) -> Rider | None:
    """Keep what the first of two members has signed besides the round. A coupon is weighed, and no place of it is taken
    before the contract is made."""
    if given == Besides():
        return None
    [signature] = signatures.of(negotiation, Side.BUYER)
    rider = _drawn(negotiation, signature, given, by)
    rider.save(force_insert=True)
    events.record("negotiation.rider_signed", negotiation, by=by, facts=_said(negotiation, rider))
    return rider


def confirm(negotiation: Negotiation, rider: Rider, due: Discounted | None, *, by: Actor) -> None:
    """The second member has signed the same, for what is `due` now; refused where a coupon takes another sum off than
    was signed first."""
    if rider.off != (due.off if due else None):
        raise Conflict(
            "the coupon takes another sum off than your first member signed; withdraw the request and ask anew",
            code="coupon_changed",
        )
    events.record("negotiation.rider_signed", negotiation, by=by, facts=_said(negotiation, rider))


def weighed(negotiation: Negotiation, rider: Rider, *, by: Actor) -> Discounted | None:
    """What the rider's coupon leaves to be paid if the contract were made now; Conflict where it does not hold any
    more, None without one."""
    if rider.coupon_id is None:
        return None
    plan = plans.parse(negotiation.plan)
    return prices.weigh(negotiation.offer, plan, rider.coupon_id, buyer_id=negotiation.buyer_id, by=by)


def _drawn(negotiation: Negotiation, signature: Signature, given: Besides, by: Actor) -> Rider:
    rider = Rider(signature=signature, keeps_method=given.keeps_method, renews=given.renews)
    if given.coupon:
        plan = plans.parse(negotiation.plan)
        found = prices.weigh(negotiation.offer, plan, given.coupon, buyer_id=negotiation.buyer_id, by=by)
        assert found.off is not None
        rider.coupon_id, rider.off_minor, rider.currency = found.coupon_id, found.off.minor, found.off.currency
    rider.sha256 = hashlib.sha256(canonical.encode(_content(rider))).hexdigest()
    return rider


def _content(rider: Rider) -> dict[str, Fact]:
    """A rider as it is hashed, with the round that it belongs to."""
    return {
        "v": VERSION,
        "signature": str(rider.signature_id),
        "proposal": rider.signature.proposal,
        "coupon": str(rider.coupon_id) if rider.coupon_id else None,
        "off_minor": str(rider.off_minor) if rider.off_minor else None,
        "currency": rider.currency,
        "keeps_method": rider.keeps_method,
        "renews": rider.renews,
    }


def _said(negotiation: Negotiation, rider: Rider) -> Mapping[str, Fact]:
    """What a member has signed besides the round, for the log, with the words that it had read of further terms."""
    words = subscriptions.consented_to(plans.parse(negotiation.plan)) if rider.renews else {}
    return {
        "rider": rider.sha256,
        "off_minor": str(rider.off_minor) if rider.off_minor else None,
        "currency": rider.currency or None,
        "keeps_method": rider.keeps_method,
        "renews": rider.renews,
        **words,
    }


def _otherwise() -> Conflict:
    return Conflict(
        "what the first member of your organisation signed stands; confirm it as it is, or withdraw the request",
        code="signed_otherwise",
    )
