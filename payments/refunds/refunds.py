"""Refunds: money of a paid charge given back to the buyer, asked for by the buyer within the window of its policy, or
given by the seller or the operator. What each side gives is booked at once; what the provider says ends it."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from payments.holds import givebacks
from payments.ledger import ledger
from payments.models import Charge, Hold, Posting, Refund
from payments.plans import refund_policies
from payments.providers import news, operations, orders

RULE = "refund"
_State = Refund.State
_Side = Refund.Side


@transaction.atomic
def ask(charge: Charge, *, gross: Money | None = None, reason: str, by: Actor) -> Refund:
    """The buyer asks for a part of what it paid, or for all that is left, while its policy lets it; a reaction gives it
    at once where nothing was taken, and otherwise the seller decides."""
    by.require(Scope.BUY)
    if not by.acts_for(charge.payer_id):
        raise Forbidden("only the buyer may ask for its money back", code="not_the_payer")
    why = text.reason(reason)
    charge, _hold = givebacks.locked(charge.pk)
    _require_returnable(charge)
    policy = refund_policies.thaw(charge.refund_policy)
    if policy.kind == "none":
        raise Conflict("this contract gives no right to ask for money back", code="refund_excluded")
    if charge.paid_at is None or by.at >= policy.ends_at(charge.paid_at):
        raise Conflict(
            f"money could be asked back within {policy.window_days} days of the payment",
            code="refund_window_over",
        )
    refund = _insert(charge, _amount(charge, gross), _Side.BUYER, why, by)
    events.record("refund.requested", refund, by=by, typed={"reason": why})
    return refund


@transaction.atomic
def give(
    charge: Charge, *, gross: Money | None = None, shown_minor: int | None = None, reason: str, by: Actor
) -> Refund:
    """The seller or the operator gives back a part of a charge, or all that is left of it. `shown_minor` is what they
    were shown to have gone back already: with it, a second click gives nothing."""
    side = _side(charge, by)
    why = text.reason(reason)
    charge, hold = givebacks.locked(charge.pk)
    _require_returnable(charge)
    if shown_minor is not None and shown_minor != charge.refunded_minor:
        raise Conflict("money of this charge went back since you opened the page", code="wrong_state")
    refund = _insert(charge, _amount(charge, gross), side, why, by)
    return _create(refund, charge, hold, by)


@transaction.atomic
def approve(refund: Refund, *, by: Actor) -> Refund:
    """The seller or the operator gives what the buyer asked for."""
    _side(refund.charge, by)
    charge, hold = givebacks.locked(refund.charge_id)
    _require_returnable(charge)
    return _create(_locked(refund.pk), charge, hold, by)


@transaction.atomic
def decline(refund: Refund, *, reason: str, by: Actor) -> Refund:
    """The seller or the operator says no to what the buyer asked for, and why."""
    _side(refund.charge, by)
    why = text.reason(reason)
    givebacks.locked(refund.charge_id)
    changes: dict[str, Any] = {"decided_by": by.name, "answer": why, "ended_at": by.at}
    return transition(refund, "decline", by=by, typed={"reason": why}, **changes)


def hear(told: news.Refunded | news.RefundFailed, *, by: Actor) -> str:
    """Take note of what a provider tells of a refund; answers the outcome. Replays change nothing, and a failure is
    the end, whenever it is told."""
    found = Refund.objects.filter(pk=told.refund_id).first()
    if found is None or found.state in (_State.REQUESTED, _State.DECLINED):
        return "unknown_object"
    with transaction.atomic():
        charge, hold = givebacks.locked(found.charge_id)
        refund = _locked(found.pk)
        if isinstance(told, news.RefundFailed):
            return _fail(refund, charge, hold, told, by)
        return _settle(refund, told, by)


@transaction.atomic
def submit(refund_id: UUID, *, reference: str, by: Actor) -> Refund:
    """Note how the provider calls a refund that it was asked for; one that went further already is left as it is."""
    refund = _locked(refund_id)
    if refund.state != _State.CREATED:
        return refund
    return transition(refund, "submit", by=by, provider_reference=reference)


def _create(refund: Refund, charge: Charge, hold: Hold | None, by: Actor) -> Refund:
    """Freeze who gives what, book it, and have the provider asked, in one transaction."""
    shared = givebacks.shares(charge, refund.gross)
    givebacks.reserve(charge, refund.gross_minor)
    origin = givebacks.sources(charge, hold, shared.parts)
    changes: dict[str, Any] = {"decided_by": by.name, "created_at": by.at} | givebacks.frozen(shared, origin)
    refund = transition(refund, "approve", by=by, typed={"reason": refund.reason}, **changes)
    givebacks.book(RULE, refund, shared, origin, charge=charge, by=by)
    if hold is not None and origin.is_from_hold:
        givebacks.take(hold, origin.parts, by=by)
    order = orders.RefundOrder(refund.pk, charge.pk, charge.provider_reference, refund.gross)
    operations.plan(order, provider=charge.provider, by=by)
    return refund


def _settle(refund: Refund, told: news.Refunded, by: Actor) -> str:
    if told.amount != refund.gross:
        return "amount_differs"
    if refund.provider_reference not in ("", told.reference):
        return "refunded_twice"
    if refund.state == _State.FAILED:
        return "too_late"
    if refund.state != _State.SETTLED:
        transition(refund, "settle", by=by, provider_reference=told.reference, ended_at=by.at)
    return "refunded"


def _fail(refund: Refund, charge: Charge, hold: Hold | None, told: news.RefundFailed, by: Actor) -> str:
    """Book the exact opposite, hold again what was held, and let a person look at it."""
    if refund.state == _State.FAILED:
        return "refund_failed"
    if told.reference and refund.provider_reference not in ("", told.reference):
        return "unknown_object"
    changes: dict[str, Any] = {"failure": told.reason[:200], "ended_at": by.at}
    if told.reference:
        changes["provider_reference"] = told.reference
    refund = transition(refund, "fail", by=by, facts={"was": refund.state}, **changes)
    booked = Posting.objects.filter(key=givebacks.key_of(RULE, refund)).first()
    if booked is not None:
        ledger.reverse(booked, f"refund.failed:{refund.pk}", at=by.at)
    givebacks.reserve(charge, -refund.gross_minor)
    if hold is not None and refund.is_from_hold:
        givebacks.put_back(hold, refund.given, reason=_CAME_BACK, by=by)
    return "refund_failed"


def _insert(charge: Charge, gross: Money, side: Refund.Side, reason: str, by: Actor) -> Refund:
    refund = Refund(
        charge=charge,
        currency=charge.currency,
        gross_minor=gross.minor,
        provider=charge.provider,
        asked_side=side,
        asked_by=by.name,
        reason=reason,
        asked_at=by.at,
    )
    try:
        with transaction.atomic():
            refund.save(force_insert=True)
    except IntegrityError:
        if not is_under_way(charge):
            raise
        raise Conflict(
            "a refund of this charge is asked for or on its way; wait for its end", code="refund_under_way"
        ) from None
    return refund


def is_under_way(charge: Charge) -> bool:
    """Whether a refund is asked for or on its way."""
    waiting = (_State.REQUESTED, _State.CREATED, _State.SUBMITTED)
    return Refund.objects.filter(charge=charge, state__in=waiting).exists()


def _amount(charge: Charge, gross: Money | None) -> Money:
    """What is to go back: all that is left, unless less is wanted."""
    left = charge.remaining
    wanted = left if gross is None else gross
    if wanted.currency != charge.currency or not 0 < wanted.minor <= left.minor:
        raise Conflict(
            f"{left.minor} {left.currency} (minor units) of this charge are left to give back",
            code="refund_too_large",
        )
    return wanted


def _require_returnable(charge: Charge) -> None:
    if charge.state != Charge.State.PAID:
        raise Conflict("this charge is not paid, so there is nothing to give back", code="charge_not_paid")
    if givebacks.is_disputed(charge):
        raise Conflict(
            "the buyer’s bank has taken this money back; nothing is given until the dispute is decided",
            code="charge_disputed",
        )


def _side(charge: Charge, by: Actor) -> Refund.Side:
    """On which side somebody decides: the seller's, or the exchange's, which never decides a purchase of its own."""
    if by.is_system:
        return _Side.OPERATOR
    if by.acts_for(charge.payee_id) and by.can(Scope.SELL):
        return _Side.SELLER
    by.require(Scope.SELL if by.acts_for(charge.payee_id) else Scope.OPERATE)
    if by.acts_for(charge.payer_id):
        raise Forbidden("nobody decides on a purchase of their own organisation", code="own_sale")
    return _Side.OPERATOR


def _locked(refund_id: UUID) -> Refund:
    """The row as it is now; its charge is locked before it."""
    return Refund.objects.select_for_update(of=("self",)).select_related("charge").get(pk=refund_id)


_CAME_BACK = "a refund that was taken from this hold did not reach the buyer"
