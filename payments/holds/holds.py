"""Holds: the seller's part of a paid charge, kept back until it was delivered as warranted and the inspection window is
over, or until the buyer confirms. A contested hold waits for the operator, and a disputed one for the bank."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from exchange.kernel.states import transition
from exchange.participants.members import members
from payments import queries
from payments.holds import givebacks
from payments.ledger import ledger, posting_rules
from payments.models import Charge, Hold, Posting

_MOST_ALARMS = 500

log = logging.getLogger("exchange.holds")


@transaction.atomic(savepoint=False)
def open_many(paid: Sequence[tuple[Charge, Actor]]) -> list[Hold]:
    """Keep the sellers' parts of charges that were just paid; with each, who took note of its money."""
    opened = Hold.objects.bulk_create([_kept_back(charge, by.at) for charge, by in paid])
    events.record_many(
        [events.Happening("hold.opened", hold, by) for hold, (_, by) in zip(opened, paid, strict=True)]
    )
    return opened


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
    _require_operator(hold, by)
    why = text.reason(reason)
    return transition(hold, "settle", by=by, typed={"reason": why}, reason=why)


@transaction.atomic
def clear(reference: str, *, by: Actor) -> Hold | None:
    """What `reference` names was delivered whole, and as warranted: its hold is released when its window is over.
    Returns early when it already was, or when nothing is held for it."""
    _require_system(by)
    hold = _first_of(reference)
    return None if hold is None else _clear(hold, by)


@transaction.atomic
def stop(reference: str, *, reason: str, by: Actor) -> Hold | None:
    """What was delivered is not as warranted: the exchange itself contests the hold, with the differences as the
    reason. Returns early when it is contested, or over."""
    _require_system(by)
    hold = _first_of(reference)
    if hold is None or hold.state != Hold.State.OPEN:
        return hold
    why = text.reason(reason)
    return transition(hold, "stop", by=by, typed={"reason": why}, reason=why, checked_at=by.at)


@transaction.atomic
def excuse(hold: Hold, *, reason: str, by: Actor) -> Hold:
    """The operator lets a hold go on that waits for a delivery which the buyer never took."""
    _require_operator(hold, by)
    why = text.reason(reason)
    if by.at < hold.releases_at:
        raise Conflict(
            f"the inspection window is open until {_day(hold.releases_at)}", code="inspection_running"
        )
    return _clear(_locked_open(hold.pk), by, why)


@transaction.atomic
def release(hold: Hold, *, by: Actor) -> Hold:
    """Make the seller's part payable: by the buyer at any time, by the exchange once it was delivered and the window is
    over; by nobody while the buyer's bank has the money."""
    if not by.acts_for(hold.buyer_id):
        raise Forbidden("only the buyer may release this hold early", code="not_the_buyer")
    charge, _hold = givebacks.locked(hold.charge_id)
    hold = _locked_open(hold.pk)
    if givebacks.is_disputed(charge):
        raise Conflict(
            "the buyer’s bank has taken this money back; its dispute goes first", code="charge_disputed"
        )
    if by.is_system and by.at < hold.releases_at:
        raise Conflict(
            f"the inspection window is open until {_day(hold.releases_at)}", code="inspection_running"
        )
    if by.is_system and is_undelivered(hold):
        raise Conflict("what was sold is not delivered yet", code="not_delivered")
    parts = hold.parts
    hold = transition(hold, "release", by=by, closed_at=by.at, kept={}, kept_minor=0)
    if parts:  # the fee may take all of a tiny price, a refund all of a part
        lines = posting_rules.lines("hold.released", {}, parts=parts)
        ledger.post("hold.released", _release_key(hold), lines, reference=hold.reference, at=by.at)
    return hold


def is_undelivered(hold: Hold) -> bool:
    """Whether the hold waits for what was sold to be delivered whole, and as warranted."""
    return hold.awaits_delivery and hold.checked_at is None


def release_due(now: datetime) -> int:
    """Release every open hold whose window is over, each on its own; answers how many were released.

    One that fails is logged and tried again the next time; it never stands in the way of others.
    """
    by = Actor.system("payments.release_holds", at=now)
    due = queries.due_holds(now).order_by("releases_at", "pk")
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


def alarm_overdue(now: datetime) -> int:
    """Tell the operator, once, of each hold that is older than its limit; answers of how many."""
    limit = timedelta(days=settings.EXCHANGE_HOLD_DAYS_AT_MOST)
    by = Actor.system("payments.alarm_holds", at=now)
    old = queries.waiting_holds().filter(opened_at__lte=now - limit, overdue_at=None)
    return sum(_alarm(hold, by) for hold in old.order_by("opened_at")[:_MOST_ALARMS])


@transaction.atomic
def _alarm(hold: Hold, by: Actor) -> bool:
    waiting = queries.waiting_holds().filter(pk=hold.pk, overdue_at=None)
    if not waiting.update(overdue_at=by.at):  # a rival was first, or it is over meanwhile
        return False
    hold.refresh_from_db()
    events.record("hold.overdue", hold, by=by, facts={"days": (by.at - hold.opened_at).days})
    return True


def _kept_back(charge: Charge, at: datetime) -> Hold:
    held = charge.held
    return Hold(
        charge=charge,
        reference=charge.reference,
        occasion=charge.occasion,
        seller_id=charge.payee_id,
        buyer_id=charge.payer_id,
        currency=held.currency,
        amount_minor=held.minor,
        kept={str(party): part.minor for party, part in charge.shared(held).items()},
        kept_minor=held.minor,
        awaits_delivery=charge.awaits_delivery,
        releases_at=at + timedelta(seconds=charge.inspection_seconds),
        opened_at=at,
    )


def _clear(hold: Hold, by: Actor, reason: str = "") -> Hold:
    if not Hold.objects.filter(pk=hold.pk, checked_at=None).update(checked_at=by.at):
        return hold
    hold.refresh_from_db()
    events.record("hold.cleared", hold, by=by, typed={"reason": reason} if reason else None)
    return hold


def _release_key(hold: Hold) -> str:
    """One that was reopened is released again."""
    earlier = Posting.objects.filter(key__startswith=f"hold.released:{hold.pk}").count()
    return f"hold.released:{hold.pk}" + (f":{earlier + 1}" if earlier else "")


def _first_of(reference: str) -> Hold | None:
    rows = Hold.objects.select_for_update().filter(reference=reference, awaits_delivery=True)
    return rows.first()


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


def _require_system(by: Actor) -> None:
    if not by.is_system:
        raise Forbidden("only the exchange itself says what was delivered", code="exchange_only")


def _require_operator(hold: Hold, by: Actor) -> None:
    by.require(Scope.OPERATE)
    if by.participant_id in (hold.seller_id, hold.buyer_id):
        raise Forbidden("nobody settles a sale of their own organisation", code="own_sale")


def _require_buyer(hold: Hold, by: Actor, verb: str) -> None:
    by.require(Scope.BUY)
    if not by.acts_for(hold.buyer_id):
        raise Forbidden(f"only the buyer may {verb}", code="not_the_buyer")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
