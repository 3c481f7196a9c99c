"""Orders: an offer that is sold at once is asked for, signed and, where its provider answers at once, paid in one act.
Those of one moment are decided together, each on its own merits, by as many statements as one."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from contracts import queries
from contracts.agreements import agreements
from contracts.choices import choices, prices
from contracts.models import Offer, Side, Signature
from contracts.negotiations import grounds, openings, signatures, signings
from contracts.negotiations.grounds import Grounds
from contracts.negotiations.openings import Asked, Opening
from contracts.negotiations.signatures import Given
from contracts.negotiations.signings import Accepted, Agreed
from contracts.orders.gathering import Gathering
from contracts.sales import sales
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, NotFound
from exchange.kernel.ids import new_id
from exchange.participants.members import members
from payments.charges.coupons import Discounted
from payments.plans import plans
from payments.plans.plans import Plan

WINDOW_SECONDS = 0.03

log = logging.getLogger("exchange.orders")


@dataclass(frozen=True)
class Wish:
    """What a buyer orders: `shown` is the digest of the terms and the price that it has read. With `keeps_method` the
    provider keeps the way to pay, with `renews` further terms follow."""

    offer_id: UUID
    asked: Asked
    shown: str
    by: Actor
    coupon: str = ""
    keeps_method: bool = False
    renews: bool = False


@dataclass(frozen=True)
class Placed:
    """What became of a wish: what it led to, or why to nothing."""

    accepted: Accepted | None
    error: Exception | None


@dataclass(frozen=True)
class _Order:
    """A wish that is found good, before anything of it is kept; `id` is its contract's to be."""

    id: UUID
    opening: Opening
    plan: Plan
    due: Discounted | None
    keeps_method: bool
    renews: bool


def place(wish: Wish) -> Accepted:
    """Place one order, together with those of the process's other threads; within a transaction, alone in it."""
    placed = place_many([wish])[0] if connection.in_atomic_block else _of_this_process.submit(wish)
    if placed.accepted is None:
        raise placed.error or RuntimeError("an order was neither placed nor refused")
    return placed.accepted


def place_many(wishes: Sequence[Wish]) -> list[Placed]:
    """Decide each wish on its own: what is good is placed, in one transaction and at the moment of the last of them,
    and what is not is answered alone. A group that the database refuses is decided one by one."""
    found: dict[int, Placed] = {}
    waiting = list(enumerate(wishes))
    while waiting:
        group, waiting = _without_twins(waiting)
        placed = _place([wish for _, wish in group])
        found.update((place, one) for (place, _), one in zip(group, placed, strict=True))
    return [found[place] for place in range(len(wishes))]


_of_this_process: Gathering[Wish, Placed] = Gathering(place_many, window_seconds=WINDOW_SECONDS)


def _without_twins(
    waiting: Sequence[tuple[int, Wish]],
) -> tuple[list[tuple[int, Wish]], list[tuple[int, Wish]]]:
    """The wishes that can be decided together, and those that wait: of one buyer for one offer, one is open at once."""
    group: dict[tuple[UUID, UUID | None], tuple[int, Wish]] = {}
    later = []
    for place, wish in waiting:
        if group.setdefault((wish.offer_id, wish.by.participant_id), (place, wish))[0] != place:
            later.append((place, wish))
    return list(group.values()), later


def _place(wishes: Sequence[Wish]) -> list[Placed]:
    try:
        with transaction.atomic(), events.together():
            return _decide(wishes)
    except ExchangeError as refusal:
        if len(wishes) == 1:
            return [Placed(None, refusal)]
    except DatabaseError as error:
        if len(wishes) == 1:
            log.exception("an order could not be placed")
            return [Placed(None, error)]
        log.info("a group of %d orders met a rival (%s)", len(wishes), type(error).__name__)
    return [placed for wish in wishes for placed in _place([wish])]


def _decide(given: Sequence[Wish]) -> list[Placed]:
    now = max(wish.by.at for wish in given)
    wishes = [replace(wish, by=wish.by.moved_to(now)) for wish in given]
    held = grounds.read(
        {wish.offer_id for wish in wishes},
        {wish.by.participant_id for wish in wishes if wish.by.participant_id},
    )
    judged: dict[int, _Order | ExchangeError] = {}
    for place in sorted(
        range(len(wishes)), key=lambda place: wishes[place].coupon
    ):  # locks are taken in one order
        judged[place] = _judged(wishes[place], held)
    good = {place: order for place, order in judged.items() if isinstance(order, _Order)}
    accepted = dict(zip(good, _write(list(good.values())), strict=True))
    return [
        Placed(accepted.get(place), None if isinstance(one, _Order) else one)
        for place, one in sorted(judged.items())
    ]


def _judged(wish: Wish, held: Grounds) -> _Order | ExchangeError:
    try:
        return _judge(wish, held)
    except ExchangeError as refusal:
        return refusal


def _judge(wish: Wish, held: Grounds) -> _Order:
    by = wish.by
    by.require(Scope.BUY)
    offer = _offer(wish, held)
    if offer.sale != Offer.Sale.INSTANT:
        raise Conflict(
            "this offer is not sold at once: ask for it, and its seller decides", code="not_sold_at_once"
        )
    if wish.shown != choices.digest(offer, choices.chosen(offer, wish.asked.choice)):
        raise Conflict("this is not the digest of what this offer says; read it again", code="stale_offer")
    opening = openings.judge(offer, wish.asked, held, by=by)
    negotiation = opening.negotiation
    if negotiation.buyer.asks_second_member:
        raise Forbidden(
            "this organisation has two of its members sign: ask for the offer, and each signs the contract",
            code="second_member_needed",
        )
    if offer.seller_id not in held.cleared:
        members.require_cleared(offer.seller_id)
    prices.require_signable(negotiation, wish.coupon, keeps_method=wish.keeps_method, renews=wish.renews)
    agreement_id, plan = new_id(), plans.parse(negotiation.plan)
    reference = agreements.reference_of(agreement_id)
    due = prices.due(negotiation, plan, wish.coupon, reference=reference, by=by)
    return _Order(agreement_id, opening, plan, due, wish.keeps_method, wish.renews)


def _offer(wish: Wish, held: Grounds) -> Offer:
    """The offer, if it exists for the buyer; the public market is for all."""
    offer = held.offers.get(wish.offer_id)
    if offer is None or not queries.is_on_public_market(offer, wish.by.at):
        queries.offer_visible_to(wish.by, wish.offer_id)
    if offer is None:
        raise NotFound("there is no such offer")
    return offer


def _write(orders: Sequence[_Order]) -> list[Accepted]:
    if not orders:
        return []
    sellers = openings.write_many([order.opening for order in orders])
    buyers = signatures.give_first(
        [Given(order.opening.negotiation, Side.BUYER, order.opening.by) for order in orders]
    )
    accepted = signings.conclude_many(
        [
            _agreed(order, [signature for signature in (seller, buyer) if signature])
            for order, seller, buyer in zip(orders, sellers, buyers, strict=True)
        ]
    )
    return sales.pay_at_once(accepted, [order.opening.by for order in orders])


def _agreed(order: _Order, given: Sequence[Signature]) -> Agreed:
    opening = order.opening
    return Agreed(
        order.id,
        opening.negotiation,
        given,
        None,
        order.plan,
        order.due,
        order.keeps_method,
        opening.by,
        order.renews,
    )
