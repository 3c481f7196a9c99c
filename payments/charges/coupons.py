"""Coupons: a code that takes something off the first charge of a licence, before tax; borne by the seller, whose
price is lower, or by the exchange, whose part is."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from exchange.kernel import events, money, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.money import Money
from exchange.participants.members import members
from payments.models import Coupon, CouponUse
from payments.plans import fees

LONGEST_CODE = 40


@dataclass(frozen=True)
class Discounted:
    """What is left to pay, and what the exchange keeps of it where it bears the coupon; None is its usual part. `off`
    is what the coupon of `coupon_id` takes off; None without one."""

    price: Money
    fee: Money | None
    off: Money | None = None
    coupon_id: UUID | None = None


@transaction.atomic
def create(
    *,
    code: str,
    label: str,
    basis_points: int | None = None,
    amount: Money | None = None,
    offer_id: UUID | None = None,
    most_uses: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    by: Actor,
) -> Coupon:
    """Give out a code for the seller's own offers, or for one of them; the operator's hold for all offers, and the
    exchange bears them. The code is kept as a hash alone."""
    if by.participant_id is None:
        raise Forbidden("only an organisation that takes part gives out coupons")
    by.require(Scope.OPERATE if by.can(Scope.OPERATE) else Scope.SELL)
    owner = members.require_cleared(by.participant_id)
    coupon = Coupon(
        owner=owner,
        code_sha256=_digest(code),
        label=text.line(label, name="label"),
        offer=f"offer:{offer_id}" if offer_id else "",
        borne_by=Coupon.Bearer.EXCHANGE if owner.is_operator else Coupon.Bearer.SELLER,
        most_uses=most_uses,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=by.at,
        **_taken_off(basis_points, amount),
    )
    if most_uses is not None and not 0 < most_uses <= 10**6:
        raise Invalid("most_uses must be from 1 to 1000000", code="invalid_coupon")
    if ends_at is not None and ends_at <= (starts_at or by.at):
        raise Invalid("a coupon must end after it begins, and not in the past", code="invalid_coupon")
    try:
        with transaction.atomic():
            coupon.save(force_insert=True)
    except IntegrityError:
        raise Conflict("this code is given out already; choose another", code="coupon_code_taken") from None
    events.record("coupon.created", coupon, by=by)
    return coupon


@transaction.atomic
def withdraw(coupon: Coupon, *, by: Actor) -> Coupon:
    """Let nobody use it any more; what was taken off stays. Again changes nothing."""
    by.require(Scope.OPERATE if coupon.borne_by == Coupon.Bearer.EXCHANGE else Scope.SELL)
    if not by.acts_for(coupon.owner_id):
        raise Forbidden("only who bears a coupon takes it back", code="other_organisation")
    if Coupon.objects.filter(pk=coupon.pk, withdrawn_at=None).update(withdrawn_at=by.at):
        coupon.refresh_from_db()
        events.record("coupon.withdrawn", coupon, by=by)
    return coupon


@transaction.atomic
def use(
    code: str | UUID,
    price: Money,
    *,
    reference: str,
    offer_id: UUID,
    seller_id: UUID,
    buyer_id: UUID,
    by: Actor,
) -> Discounted:
    """Take what a code is good for off a price, in the transaction of the sale; a coupon that was weighed before goes
    by its id. Of rivals for the last use one wins."""
    coupon = _open(code, offer_id, seller_id, by.at)
    if not _with_places(coupon).update(used=F("used") + 1):
        raise _spent()
    found = _discounted(coupon, price)
    assert found.off is not None
    use = CouponUse(
        coupon=coupon,
        buyer_id=buyer_id,
        reference=reference,
        price_minor=price.minor,
        off_minor=found.off.minor,
        currency=price.currency,
        used_at=by.at,
    )
    try:
        with transaction.atomic():
            use.save(force_insert=True)
    except IntegrityError:
        raise _used_before() from None
    facts = {"reference": reference, "off_minor": str(found.off.minor), "currency": price.currency}
    events.record("coupon.used", coupon, by=by, facts=facts)
    return found


def weigh(
    code: str | UUID, price: Money, *, offer_id: UUID, seller_id: UUID, buyer_id: UUID, by: Actor
) -> Discounted:
    """What a code would take off a price now, by the same checks. Nothing is taken: a rival may be quicker."""
    by.require(Scope.BUY)
    coupon = _open(code, offer_id, seller_id, by.at)
    if not _with_places(coupon).exists():
        raise _spent()
    if CouponUse.objects.filter(coupon=coupon, buyer_id=buyer_id).exists():
        raise _used_before()
    return _discounted(coupon, price)


def use_about(reference: str) -> CouponUse | None:
    """What a coupon took off the first charge of a reference; for whoever may see that charge."""
    return CouponUse.objects.filter(reference=reference).first()


def coupons_visible_to(actor: Actor) -> QuerySet[Coupon]:
    """The coupons that the actor's own organisation gave out; an officer sees all."""
    if actor.is_system or actor.can(Scope.AUDIT):
        return Coupon.objects.all()
    if actor.participant_id is None or not actor.can(Scope.READ):
        return Coupon.objects.none()
    return Coupon.objects.filter(owner_id=actor.participant_id)


def coupon_visible_to(actor: Actor, coupon_id: UUID) -> Coupon:
    """One of those, or NotFound."""
    if (found := coupons_visible_to(actor).filter(pk=coupon_id).first()) is None:
        raise NotFound("there is no such coupon of yours")
    return found


def _open(code: str | UUID, offer_id: UUID, seller_id: UUID, at: datetime) -> Coupon:
    """The coupon of a code, for this offer, now; one that is for another offer is as unknown as one that never was."""
    whose = Q(owner_id=seller_id) | Q(borne_by=Coupon.Bearer.EXCHANGE)
    named = Q(pk=code) if isinstance(code, UUID) else Q(code_sha256=_digest(code))
    rows = Coupon.objects.filter(whose, named, offer__in=["", f"offer:{offer_id}"])
    coupon = rows.first()
    if coupon is None:
        raise Conflict("no coupon of this code is for this offer", code="coupon_unknown")
    is_early = coupon.starts_at is not None and at < coupon.starts_at
    if is_early or coupon.withdrawn_at is not None or (coupon.ends_at is not None and coupon.ends_at <= at):
        raise Conflict("this coupon does not hold now", code="coupon_over")
    return coupon


def _with_places(coupon: Coupon) -> QuerySet[Coupon]:
    """The coupon, unless it was used as often as it may be."""
    open_now = Coupon.objects.filter(pk=coupon.pk, withdrawn_at=None)
    return open_now.filter(Q(most_uses=None) | Q(used__lt=F("most_uses")))


def _spent() -> Conflict:
    return Conflict("this coupon was used as often as it may be", code="coupon_spent")


def _used_before() -> Conflict:
    return Conflict("your organisation has used this coupon before", code="coupon_used")


def _discounted(coupon: Coupon, price: Money) -> Discounted:
    usual = fees.fee(price, settings.EXCHANGE_FEE_BASIS_POINTS)
    off = _off(coupon, price, usual)
    is_exchanges = coupon.borne_by == Coupon.Bearer.EXCHANGE
    return Discounted(price - off, usual - off if is_exchanges else None, off, coupon.pk)


def _off(coupon: Coupon, price: Money, usual: Money) -> Money:
    if coupon.amount_minor is not None and coupon.currency != price.currency:
        raise Conflict(f"this coupon is in {coupon.currency}, the price is not", code="coupon_unknown")
    off = price.portion(coupon.basis_points or 0)
    if coupon.amount_minor is not None:
        off = Money(coupon.amount_minor, price.currency)
    if coupon.borne_by == Coupon.Bearer.EXCHANGE:
        off = Money(min(off.minor, usual.minor), price.currency)
    if not 0 < off.minor < price.minor:
        raise Conflict("this coupon takes nothing off this price, or all of it", code="coupon_too_large")
    return off


def _taken_off(basis_points: int | None, amount: Money | None) -> dict[str, Any]:
    if (basis_points is None) == (amount is None):
        raise Invalid("a coupon takes off either a part or an amount", code="invalid_coupon")
    if amount is not None:
        asked = money.price(amount.minor, amount.currency)
        if not asked:
            raise Invalid("a coupon takes off more than nothing", code="invalid_coupon")
        return {"amount_minor": asked.minor, "currency": asked.currency}
    if basis_points is None or not 1 <= basis_points < 10_000:
        raise Invalid("basis_points must be from 1 to 9999", code="invalid_coupon")
    return {"basis_points": basis_points}


def _digest(code: str) -> str:
    """What is kept of a code, whatever its case and spaces."""
    plain = "".join(code.split()).upper()
    if not 6 <= len(plain) <= LONGEST_CODE or not plain.isascii():
        raise Invalid(f"a code has 6 to {LONGEST_CODE} plain letters and digits", code="invalid_coupon")
    return hashlib.sha256(f"comptoir.coupon/1\n{plain}".encode()).hexdigest()
