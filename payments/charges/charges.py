"""Charges: money asked of a buyer for what a reference names. Net, tax and fee are frozen when a charge is
made; it is paid once, whatever a provider repeats."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import IntegrityError, transaction

from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from exchange.kernel.money import Money
from exchange.kernel.outside import require_no_transaction
from exchange.kernel.states import Move, transition, transition_many
from exchange.participants.members import members
from exchange.participants.models import Participant
from payments import providers, queries
from payments.charges import books, methods
from payments.charges.asks import FIRST as FIRST
from payments.charges.asks import Ask as Ask
from payments.charges.asks import draw_up
from payments.holds import holds
from payments.ledger import ledger
from payments.models import Charge, Operation, PaymentMethod
from payments.plans import refund_policies
from payments.providers import operations, orders
from payments.providers.news import Asked, Declined, Expected, Failed, Paid

ChargeNews: TypeAlias = Asked | Expected | Declined | Paid | Failed


@dataclass(frozen=True, slots=True)
class Settlement:
    """Money that came for a charge, as its provider told: `cost` is what it kept of it, where that is known."""

    charge: Charge
    reference: str
    paid: Money
    by: Actor
    cost: Money | None = None


@transaction.atomic
def create(
    *,
    reference: str,
    occasion: str = FIRST,
    subject: str = "",
    title: str = "",
    payer: Participant,
    payee: Participant,
    price: Money,
    fee: Money | None = None,
    keeps_method: bool = False,
    awaits_delivery: bool = False,
    refund_policy: refund_policies.Policy | None = None,
    by: Actor,
) -> Charge:
    """Ask `payer` for `price` before tax, in the transaction of the sale; a reaction submits the charge. What each word
    means stands at `asks.Ask`."""
    ask = Ask(
        reference=reference,
        occasion=occasion,
        subject=subject,
        title=title,
        payer=payer,
        payee=payee,
        price=price,
        fee=fee,
        keeps_method=keeps_method,
        awaits_delivery=awaits_delivery,
        refund_policy=refund_policy,
        by=by,
    )
    return _or_raise(create_many([ask])[0])


@transaction.atomic(savepoint=False)
def create_many(asks: Sequence[Ask]) -> list[Charge | ExchangeError]:
    """Ask several payers as create() does, each on its own merits: the charge, or why there is none."""
    drawn = draw_up(asks)
    taken = _insert([one for one in drawn if isinstance(one, Charge)])
    made = [taken.get(one.pk, one) if isinstance(one, Charge) else one for one in drawn]
    events.record_many(
        [
            events.Happening("charge.created", one, ask.by)
            for one, ask in zip(made, asks, strict=True)
            if isinstance(one, Charge)
        ]
    )
    return made


def submit(charge_id: UUID, now: datetime) -> Charge:
    """Ask the provider for a new charge; one that went further already is left as it is.

    A provider outside is asked by an operation, whose answer is news like any other.
    """
    require_no_transaction()
    charge = queries.charge(charge_id)
    if charge.state != Charge.State.CREATED:
        return charge
    by = Actor.system("payments.submit_charge", at=now)
    provider = providers.named(charge.provider)
    if provider.calls_outside or _kept_method(charge) is not None:
        return _ask(charge.pk, by=by)
    reference = provider.submit(checkout(charge), charge.pk).reference
    with transaction.atomic():
        charge = _locked(charge_id)
        if charge.state != Charge.State.CREATED:  # paid or failed while the provider answered
            return charge
        return transition(charge, "submit", by=by, provider_reference=reference)


def submit_all(charge_ids: Collection[UUID], now: datetime) -> None:
    """Submit those of these charges that are new; what was paid with its order asks for nothing."""
    new = Charge.objects.filter(pk__in=charge_ids, state=Charge.State.CREATED)
    for charge_id in list(new.values_list("pk", flat=True)):
        submit(charge_id, now)


def checkout(charge: Charge) -> orders.Checkout:
    """What a provider is asked, so that the buyer pays a charge."""
    keeper = charge.payer_id if charge.keeps_method else None
    return orders.Checkout(charge.pk, charge.gross, charge.reference, keeps_method_of=keeper)


def end_page(charge_id: UUID) -> None:
    """Let nobody pay at the provider for a charge that was called off."""
    require_no_transaction()
    charge = queries.charge(charge_id)
    provider = providers.named(charge.provider)
    if charge.state == Charge.State.FAILED and charge.provider_reference and provider.calls_outside:
        provider.end_page(charge.provider_reference)


@transaction.atomic
def try_again(charge: Charge, *, by: Actor) -> Charge:
    """Ask once more for a charge that was declined: of a kept way to pay, or by a page where the buyer pays.

    The buyer may, and so may the exchange's own clock.
    """
    if not by.is_system:
        by.require(Scope.BUY)
        if not by.acts_for(charge.payer_id):
            raise Forbidden("only the buyer may pay this charge", code="not_the_payer")
        members.require_cleared(charge.payer_id)
    return _ask(charge.pk, by=by)


@transaction.atomic
def page_to_pay(charge: Charge, *, by: Actor) -> str:
    """The address of the provider's page where the buyer pays now; empty while the provider still makes one. A page
    that has ended is replaced by a new one."""
    by.require(Scope.BUY)
    if not by.acts_for(charge.payer_id):
        raise Forbidden("only the buyer may pay this charge", code="not_the_payer")
    members.require_cleared(charge.payer_id)
    charge = _locked(charge.pk)
    if charge.state == Charge.State.FAILED:
        raise Conflict(f"this charge was called off: {charge.failure}", code="charge_failed")
    if charge.state in (Charge.State.PAID, Charge.State.UNDERWAY):
        raise Conflict("this charge is paid, or its payment is under way", code="payment_under_way")
    if not providers.named(charge.provider).calls_outside:
        raise Conflict("this charge is not paid on a page of its provider", code="paid_elsewhere")
    asked = operations.newest(_target(charge), orders.Checkout.kind, orders.Collection.kind)
    if asked is not None and not _has_ended(asked, charge, by.at):
        return asked.url
    _plan(charge, checkout(charge), by=by)
    return ""


def hear(found: ChargeNews, *, provider: str, by: Actor) -> str:
    """Take note of what a provider tells of a charge; the outcome in one word. Whatever comes twice, late or in
    another order changes nothing that was known better."""
    charge = Charge.objects.filter(pk=found.charge_id, provider=provider).first()
    if charge is None:
        return "unknown_charge"
    if isinstance(found, Paid):
        settle(charge, provider_reference=found.reference, paid=found.amount, cost=found.cost, by=by)
        return "paid"
    if isinstance(found, Failed):
        state = fail(charge, reason=found.reason, by=by).state
        return "failed" if state == Charge.State.FAILED else "too_late"
    return _hear_of_attempt(_locked(charge.pk), found, by)


@transaction.atomic
def settle(
    charge: Charge, *, provider_reference: str, paid: Money, by: Actor, cost: Money | None = None
) -> Charge:
    """Take note that the whole amount has arrived: book it and hold the seller's part. Replays change nothing, but
    that the provider's `cost` is booked once it is known.

    Conflict "amount_differs" or "paid_twice" is for an operator to look at: nothing is booked.
    """
    return _or_raise(settle_many([Settlement(charge, provider_reference, paid, by, cost)])[0])


def settle_many(settlements: Sequence[Settlement], *, are_held: bool = False) -> list[Charge | ExchangeError]:
    """Take note of money for several charges as settle() does, each on its own merits: the paid charge, or why nothing
    was booked. `are_held` says that the open transaction has locked and read these very rows."""
    for one in settlements:
        _require_system(one.by)
    if len({one.charge.pk for one in settlements}) != len(settlements):
        raise ValueError("money arrives for each charge once")
    return _settle(settlements, are_held)


@transaction.atomic(savepoint=False)
def _settle(settlements: Sequence[Settlement], are_held: bool) -> list[Charge | ExchangeError]:
    ids = [one.charge.pk for one in settlements]
    rows = Charge.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    locked = {row.pk: row for row in ([one.charge for one in settlements] if are_held else rows)}
    found = [_weighed(locked[one.charge.pk], one) for one in settlements]
    with events.together():
        _pay([one for one, told in zip(settlements, found, strict=True) if told is None], locked)
    return [
        _with_cost(locked[one.charge.pk], one) if not isinstance(told, ExchangeError) else told
        for one, told in zip(settlements, found, strict=True)
    ]


@transaction.atomic
def fail(charge: Charge, *, reason: str, by: Actor) -> Charge:
    """Take note that the provider could not collect; a charge that is paid, or failed already, stays so."""
    _require_system(by)
    charge = _locked(charge.pk)
    if charge.state in (Charge.State.PAID, Charge.State.FAILED):
        return charge
    return transition(charge, "fail", by=by, failure=reason[:200])


def _weighed(charge: Charge, settlement: Settlement) -> Charge | Conflict | None:
    """None where the money is to be taken note of; the charge where it was."""
    if charge.state == Charge.State.PAID:
        if charge.provider_reference == settlement.reference:
            return charge
        return Conflict("another payment for this charge has arrived before", code="paid_twice")
    if settlement.paid != charge.gross:
        return Conflict(
            f"{charge.gross_minor} {charge.currency} (minor units) were asked and "
            f"{settlement.paid.minor} {settlement.paid.currency} were paid; nothing was booked",
            code="amount_differs",
        )
    return None


def _pay(settlements: Sequence[Settlement], locked: Mapping[UUID, Charge]) -> None:
    """Every settlement is good: the charges are paid, booked, and their sellers' parts held."""
    moves = [
        Move(locked[one.charge.pk], one.by, {"provider_reference": one.reference, "paid_at": one.by.at})
        for one in settlements
    ]
    transition_many(moves, "settle")
    _book(moves)
    holds.open_many([(move.row, move.by) for move in moves if not move.row.is_direct])


def _book(moves: Sequence[Move[Charge]]) -> None:
    booked = (books.of_payment(move.row, at=move.by.at) for move in moves)
    ledger.post_many([one for one in booked if one is not None])


def _with_cost(charge: Charge, settlement: Settlement) -> Charge | ExchangeError:
    if settlement.cost is None:
        return charge
    try:
        with transaction.atomic():
            books.book_cost(charge, settlement.cost, at=settlement.by.at)
    except Conflict as refusal:
        return refusal
    return charge


@transaction.atomic
def _ask(charge_id: UUID, *, by: Actor) -> Charge:
    """Plan to ask for the charge, once: a later period of a kept way to pay, without the buyer, all else by a page."""
    charge = _locked(charge_id)
    if charge.state not in (Charge.State.CREATED, Charge.State.DECLINED):
        return charge
    kept = _kept_method(charge)
    if kept is None:
        return _plan(charge, checkout(charge), by=by)
    order = orders.Collection(charge.pk, charge.gross, charge.reference, kept.customer, kept.method)
    return _plan(charge, order, by=by)


def _kept_method(charge: Charge) -> PaymentMethod | None:
    """What a later charge is collected by; a first one is always paid by the buyer."""
    return None if charge.occasion == FIRST else methods.usable(charge.payer_id, charge.provider)


def _plan(charge: Charge, order: orders.Order, *, by: Actor) -> Charge:
    """Nothing while the provider is asked already: the charge is locked, so none is asked twice."""
    asked = operations.newest(_target(charge), orders.Checkout.kind, orders.Collection.kind)
    if asked is None or asked.is_over:
        operations.plan(order, provider=charge.provider, by=by)
    return charge


def _has_ended(asked: Operation, charge: Charge, now: datetime) -> bool:
    """Whether the last attempt is over: it was declined, as the charge knows, or its page was open for too long."""
    if charge.state == Charge.State.DECLINED:
        return asked.state == Operation.State.FAILED or asked.provider_reference == charge.provider_reference
    return bool(asked.url) and asked.sent_at is not None and now >= asked.sent_at + operations.PAGE_LIVES


def _target(charge: Charge) -> str:
    return f"charge:{charge.pk}"


def _hear_of_attempt(charge: Charge, found: Asked | Expected | Declined, by: Actor) -> str:
    """Only the newest attempt counts: a page that was replaced may still tell how it ended."""
    asked = operations.newest(_target(charge), orders.Checkout.kind, orders.Collection.kind)
    is_stale = bool(found.reference) and asked is not None and asked.provider_reference != found.reference
    is_known = charge.provider_reference == found.reference
    if charge.state in (Charge.State.PAID, Charge.State.FAILED) or is_stale:
        return "too_late"
    if isinstance(found, Asked):
        if is_known and charge.state != Charge.State.CREATED:
            return "too_late"
        transition(charge, "submit", by=by, provider_reference=found.reference)
        return "submitted"
    if isinstance(found, Expected):
        if charge.state == Charge.State.DECLINED and is_known:
            return "too_late"
        if charge.state != Charge.State.UNDERWAY:
            transition(charge, "expect", by=by, provider_reference=found.reference)
        return "underway"
    if charge.state != Charge.State.DECLINED:
        reference = found.reference or charge.provider_reference
        transition(charge, "decline", by=by, provider_reference=reference, failure=found.reason[:200])
    return "declined"


def _insert(charges: Sequence[Charge]) -> Mapping[UUID, Conflict]:
    """Write the charges; answers those that were made before, and why they are none."""
    try:
        with transaction.atomic():
            Charge.objects.bulk_create(charges)
    except IntegrityError:
        if len(charges) > 1:  # one of them, perhaps
            return {pk: refusal for one in charges for pk, refusal in _insert([one]).items()}
        [charge] = charges
        if queries.charge_about(charge.reference, charge.occasion) is None:
            raise
        return {charge.pk: Conflict("this was charged already", code="already_charged")}
    return {}


def _or_raise(found: Charge | ExchangeError) -> Charge:
    if isinstance(found, ExchangeError):
        raise found
    return found


def _locked(charge_id: UUID) -> Charge:
    """The row as it is now, held until the end of the transaction (on SQLite the transaction itself is)."""
    return Charge.objects.select_for_update().get(pk=charge_id)


def _require_system(by: Actor) -> None:
    if not by.is_system:
        raise Forbidden("only what a provider says settles or fails a charge", code="provider_only")
