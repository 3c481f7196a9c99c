"""Holds: the seller's part of a paid charge, kept back until the buyer confirms or the inspection window ends.
A contested hold waits for the operator."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from exchange.participants import members
from payments import ledger, posting_rules, queries
from payments.models import Charge, Hold

log = logging.getLogger("exchange.holds")


@transaction.atomic
def open_on(charge: Charge, held: Money, *, by: Actor) -> Hold:
    """Keep the seller's part of a charge that was just paid."""
    hold = Hold.objects.create(
        charge=charge,
        reference=charge.reference,
        seller_id=charge.payee_id,
        buyer_id=charge.payer_id,
        currency=held.currency,
        amount_minor=held.minor,
        releases_at=by.at + timedelta(seconds=charge.inspection_seconds),
        opened_at=by.at,
    )
    events.record("hold.opened", hold, by=by)
    return hold


@transaction.atomic
def confirm(reference: str, *, by: Actor) -> Hold:
    """The buyer is content with what `reference` names: the seller's part is released at once."""
    hold = queries.hold_about(by, reference)
    _require_buyer(hold, by, "confirm")
    members.require_cleared(hold.buyer_id)
    return release(hold, by=by)


@transaction.atomic
def contest(reference: str, *, reason: str, by: Actor) -> Hold:
    """The buyer objects within the inspection window: nothing is released until the operator has settled it."""
    hold = queries.hold_about(by, reference)
    _require_buyer(hold, by, "contest")
    why = text.reason(reason)
    hold = _locked_open(hold.pk)
    if by.at >= hold.releases_at:
        raise Conflict(
            f"the inspection window ended on {_day(hold.releases_at)}; the hold is being released",
            code="inspection_over",
        )
    return transition(hold, "contest", by=by, typed={"reason": why}, reason=why)


@transaction.atomic
def settle(hold: Hold, *, reason: str, by: Actor) -> Hold:
    """The operator puts a contested hold back to open; it is released when its window is over."""
    by.require(Scope.OPERATE)
    if by.participant_id in (hold.seller_id, hold.buyer_id):
        raise Forbidden("nobody settles a sale of their own organisation", code="own_sale")
    why = text.reason(reason)
    return transition(hold, "settle", by=by, typed={"reason": why}, reason=why)


@transaction.atomic
def release(hold: Hold, *, by: Actor) -> Hold:
    """Make the seller's part payable: by the buyer at any time, by the exchange once the window is over."""
    if not by.acts_for(hold.buyer_id):
        raise Forbidden("only the buyer may release this hold early", code="not_the_buyer")
    hold = _locked_open(hold.pk)
    if by.is_system and by.at < hold.releases_at:
        raise Conflict(
            f"the inspection window is open until {_day(hold.releases_at)}", code="inspection_running"
        )
    hold = transition(hold, "release", by=by, closed_at=by.at)
    if hold.amount:  # the fee may take all of a tiny price
        lines = posting_rules.lines("hold.released", {"held": hold.amount}, seller_id=hold.seller_id)
        key = f"hold.released:{hold.pk}"
        ledger.post("hold.released", key, lines, reference=hold.reference, at=by.at)
    return hold


def release_due(now: datetime) -> int:
    """Release every open hold whose window is over, each on its own; answers how many were released.

    One that fails is logged and tried again the next time; it never stands in the way of others.
    """
    by = Actor.system("payments.release_holds", at=now)
    due = Hold.objects.filter(state=Hold.State.OPEN, releases_at__lte=now).order_by("releases_at", "pk")
    released = 0
    for hold in list(due):
        try:
            release(hold, by=by)
        except ExchangeError as refusal:
            log.info("hold %s is not released: %s", hold.pk, refusal.code)
        except Exception:
            log.exception("hold %s could not be released", hold.pk)
        else:
            released += 1
    return released


def _locked_open(hold_id: UUID) -> Hold:
    """The hold as it is now, which must be open; held until the end of the transaction."""
    hold = Hold.objects.select_for_update().get(pk=hold_id)
    if hold.state == Hold.State.CONTESTED:
        raise Conflict("this hold is contested; the operator settles it", code="hold_contested")
    if hold.closed_at is None:
        return hold
    if hold.state == Hold.State.RETURNED:
        raise Conflict(f"the money was given back on {_day(hold.closed_at)}", code="hold_returned")
    if hold.closed_at < hold.releases_at:
        raise Conflict(
            f"the buyer confirmed on {_day(hold.closed_at)}; the hold was released", code="hold_released"
        )
    raise Conflict(
        f"the inspection window ended on {_day(hold.releases_at)}; the hold was released", code="hold_released"
    )


def _require_buyer(hold: Hold, by: Actor, verb: str) -> None:
    by.require(Scope.BUY)
    if not by.acts_for(hold.buyer_id):
        raise Forbidden(f"only the buyer may {verb}", code="not_the_buyer")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
