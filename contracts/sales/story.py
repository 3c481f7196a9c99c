"""A sale from request to release, as its page tells it: the seller's acts on the left, the buyer's on the right,
what is both at once in the middle, and what is still to come."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.utils.translation import gettext as _

from contracts.entitlements import deliveries, reasons
from contracts.entitlements.entitlements import deletion_due
from contracts.models import Entitlement, Transfer
from contracts.sales.facts import Sale
from contracts.terms import rights
from datasets.models import ScheduledRevision
from exchange.kernel.models import Event
from exchange.look import formats
from exchange.look.names import country_name
from payments.models import Charge, Hold
from payments.plans import plans

SELLER, BUYER, BOTH = "s", "b", "x"
_MOST_DELIVERIES = 24


@dataclass(frozen=True)
class Moment:
    """`left` stands on the seller's side of what is both at once."""

    at: datetime
    side: str
    title: str
    note: str = ""
    left: str = ""
    left_note: str = ""
    is_to_come: bool = False


def told(sale: Sale, *, now: datetime) -> tuple[list[Moment], list[Moment]]:
    """What has happened, oldest first, and what is to come."""
    tell = _tellers()
    moments = [
        moment
        for event in sale.events
        if event.name in tell and (moment := tell[event.name](sale, event)) is not None
    ]
    moments += [_download(transfer) for transfer in sale.transfers]
    begun = [row for row in sale.deliveries if row.met_at or deliveries.passed_at(row.due_on) <= now]
    moments += [moment for row in begun[:_MOST_DELIVERIES] for moment in _delivery(row, now)]
    return sorted(moments, key=lambda moment: moment.at), _to_come(sale, now)


def _tellers() -> Mapping[str, Callable[[Sale, Event], Moment | None]]:
    return {
        "datarequestanswer.given": lambda sale, event: Moment(
            event.at, SELLER, _("Answered the buyer’s data request"), _("With the offer of this sale")
        ),
        "negotiation.requested": _asked,
        "negotiation.approved": _approved,
        "negotiation.redlined": lambda sale, event: Moment(
            event.at, BUYER, _("Asked for other terms"), _typed(event, "note")
        ),
        "negotiation.countered": lambda sale, event: Moment(
            event.at, SELLER, _("Offered other terms"), _typed(event, "note")
        ),
        "agreement.signed": _signed,
        "negotiation.renewal_agreed": lambda sale, event: Moment(
            event.at, BUYER, _("Agreed that further terms follow")
        ),
        "agreement.superseded": lambda sale, event: Moment(
            event.at, BOTH, _("A changed contract took its place")
        ),
        "charge.paid": _paid,
        "charge.failed": lambda sale, event: Moment(event.at, BOTH, _("Payment called off")),
        "entitlement.activated": _opened,
        "entitlement.suspended": lambda sale, event: _stopped(
            sale, event, _("Suspended the access"), _("Access suspended")
        ),
        "entitlement.resumed": lambda sale, event: _stopped(
            sale, event, _("Gave the access back"), _("Access given back")
        ),
        "entitlement.revoked": lambda sale, event: _stopped(
            sale, event, _("Revoked the access for good"), _("Access revoked for good")
        ),
        "entitlement.expired": lambda sale, event: Moment(event.at, BOTH, _("Access ended")),
        "deletion.stated": lambda sale, event: Moment(
            event.at, BUYER, _("Stated that everything is deleted"), _typed(event, "remark")
        ),
        "copy.given_back": lambda sale, event: Moment(event.at, SELLER, _("Gave a copy back"), _typed(event)),
        "hold.contested": lambda sale, event: Moment(
            event.at, BUYER, _("Reported a difference"), _typed(event)
        ),
        "hold.settled": lambda sale, event: Moment(
            event.at, BOTH, _("The operator settled the difference"), _typed(event)
        ),
        "hold.stopped": lambda sale, event: Moment(
            event.at, BOTH, _("The exchange measured a difference"), _typed(event)
        ),
        "hold.reopened": lambda sale, event: Moment(event.at, BOTH, _("Money held again")),
        "hold.released": _released,
        "hold.returned": lambda sale, event: Moment(event.at, BOTH, _("Money given back to the buyer")),
        **_tellers_of_returns(),
    }


def _tellers_of_returns() -> Mapping[str, Callable[[Sale, Event], Moment | None]]:
    """What happened to money that goes back."""
    return {
        "refund.requested": lambda sale, event: Moment(
            event.at, BUYER, _("Asked for %(amount)s back") % _amount(event), _typed(event)
        ),
        "refund.declined": lambda sale, event: Moment(
            event.at, SELLER, _("Declined to give money back"), _typed(event)
        ),
        "refund.created": lambda sale, event: Moment(
            event.at, BOTH, _("%(amount)s on their way back") % _amount(event), _typed(event)
        ),
        "refund.settled": lambda sale, event: Moment(
            event.at, BUYER, _("Received %(amount)s back") % _amount(event)
        ),
        "refund.failed": lambda sale, event: Moment(
            event.at, BOTH, _("The refund did not arrive"), _("The operator sees to it")
        ),
        "dispute.opened": lambda sale, event: Moment(
            event.at, BOTH, _("The buyer’s bank took the payment back")
        ),
        "dispute.won": lambda sale, event: Moment(event.at, BOTH, _("The bank decided: the payment stays")),
        "dispute.lost": lambda sale, event: Moment(
            event.at, BOTH, _("The bank decided: the payment goes back")
        ),
    }


def _amount(event: Event) -> dict[str, str]:
    facts = _leaf(event)["facts"]
    assert isinstance(facts, dict)
    return {"amount": formats.money(int(facts["gross_minor"]), facts["currency"])}


def _asked(sale: Sale, event: Event) -> Moment:
    leaf = _leaf(event)
    facts = leaf.get("facts")
    if isinstance(facts, dict) and "amends" in facts:
        is_seller = leaf.get("actor_participant") == str(sale.agreement.seller_id)
        return Moment(event.at, SELLER if is_seller else BUYER, _("Asked to change the contract"))
    note = _("Purpose: %(purpose)s. Country: %(country)s") % {
        "purpose": rights.purpose_words(sale.negotiation.purpose),
        "country": country_name(sale.negotiation.country),
    }
    return Moment(event.at, BUYER, _("Asked for a licence"), note)


def _approved(sale: Sale, event: Event) -> Moment:
    at_once = _leaf(event).get("actor_kind") == "system"
    note = _("At once, as the offer says") if at_once else ""
    return Moment(event.at, SELLER, _("Approved the buyer"), note)


def _signed(sale: Sale, event: Event) -> Moment:
    return Moment(
        event.at, BOTH, _("Signed"), sale.agreement.buyer.name, _("Signed"), sale.agreement.seller.name
    )


def _paid(sale: Sale, event: Event) -> Moment | None:
    if sale.charge is None:
        return None
    amount = formats.money(sale.charge.gross_minor, sale.charge.currency)
    note = _("VAT included") if sale.charge.tax_minor else _("no VAT charged")
    return Moment(event.at, BUYER, _("Paid %(amount)s") % {"amount": amount}, note)


def _opened(sale: Sale, event: Event) -> Moment:
    ends = sale.entitlement.ends_at
    until = _("Until %(day)s") % {"day": formats.day(ends)} if ends else _("Without an end")
    is_later = plans.parse(sale.negotiation.plan).is_over_time
    left = _("Money held") if sale.charge else _("Nothing to pay yet") if is_later else _("Nothing to pay")
    return Moment(
        event.at,
        BOTH,
        _("Access opened"),
        until,
        left,
        _("Data and money are both in place") if sale.charge else "",
    )


def _stopped(sale: Sale, event: Event, by_seller: str, by_exchange: str) -> Moment:
    note = reasons.shown(_typed(event))
    if _leaf(event).get("actor_participant") == str(sale.agreement.seller_id):
        return Moment(event.at, SELLER, by_seller, note)
    return Moment(event.at, BOTH, by_exchange, note)


def _released(sale: Sale, event: Event) -> Moment:
    note = ""
    if sale.hold and sale.knows_fee:
        note = formats.money(sale.hold.amount_minor, sale.hold.currency)
    confirmed = _leaf(event).get("actor_participant") == str(sale.agreement.buyer_id)
    right = _("Confirmed by the buyer") if confirmed else _("Inspection ended")
    return Moment(event.at, BOTH, right, "", _("Money released"), note)


def _download(transfer: Transfer) -> Moment:
    words = {"file": transfer.asset.name}
    if transfer.state == Transfer.State.COMPLETED and transfer.ended_at:
        note = _("%(size)s to %(country)s") % {
            "size": formats.size(transfer.size_bytes),
            "country": country_name(transfer.country),
        }
        return Moment(transfer.ended_at, BUYER, _("Downloaded %(file)s") % words, note)
    part = formats.percent(transfer.sent_bytes / transfer.size_bytes if transfer.size_bytes else 0)
    notes = {
        Transfer.State.STARTED: _("Running, %(part)s so far"),
        Transfer.State.INTERRUPTED: _("Broke off at %(part)s; the same copy may go on"),
        Transfer.State.ABORTED: _("Called off before the first byte"),
        Transfer.State.REVOKED: _("Stopped at %(part)s"),
    }
    if transfer.copy_given_back_at and transfer.state == Transfer.State.ABORTED:
        notes[Transfer.State.ABORTED] = _("Over at %(part)s: its copy was given back")
    note = notes.get(Transfer.State(transfer.state), "") % {"part": part}
    return Moment(transfer.started_at, BUYER, _("Began a download of %(file)s") % words, note)


def _delivery(row: ScheduledRevision, now: datetime) -> list[Moment]:
    """An announced day that passed without a revision, and the revision that met it, as far as both are past."""
    due = {"day": formats.day(row.due_on)}
    passed = deliveries.passed_at(row.due_on)
    told = []
    if passed <= now and (row.met_at is None or row.met_at >= passed):
        title = _("An announced day passed without a revision")
        told.append(Moment(passed, SELLER, title, _("Announced for %(day)s") % due))
    if row.met_at is not None and row.met_at <= now and row.revision is not None:
        title = _("Sealed revision %(number)s") % {"number": row.revision.number}
        told.append(Moment(row.met_at, SELLER, title, _("Announced for %(day)s") % due))
    return told


def _to_come(sale: Sale, now: datetime) -> list[Moment]:
    coming: list[Moment] = [
        Moment(
            datetime.combine(row.due_on, time(12), UTC),
            SELLER,
            _("A new revision is due"),
            _("By the end of the day, UTC"),
            is_to_come=True,
        )
        for row in deliveries.to_come(sale.deliveries, now)
    ]
    entitlement, hold = sale.entitlement, sale.hold
    running = entitlement.state in (Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED)
    if sale.charge and sale.charge.state in (
        Charge.State.CREATED,
        Charge.State.SUBMITTED,
        Charge.State.DECLINED,
    ):
        coming.append(
            Moment(now, BUYER, _("Payment"), _("The data opens when it is in place"), is_to_come=True)
        )
    if hold and hold.state == Hold.State.OPEN and hold.releases_at > now:
        note = _("Report a difference until then")
        coming.append(Moment(hold.releases_at, BUYER, _("Inspection ends"), note, is_to_come=True))
        if not sale.is_disputed:
            coming.append(_release(sale, hold.releases_at, is_running=running))
    if entitlement.ends_at and running and entitlement.ends_at > now:
        note = _("No download is possible after that")
        coming.append(Moment(entitlement.ends_at, BOTH, _("Access ends"), note, is_to_come=True))
    if (due := deletion_due(entitlement)) and not sale.statements and (due > now or sale.sent_bytes):
        note = _("Every copy is deleted by then") if due > now else _("Overdue: nothing was stated")
        coming.append(Moment(due, BUYER, _("Statement of deletion due"), note, is_to_come=True))
    return sorted(coming, key=lambda moment: moment.at)


def _release(sale: Sale, at: datetime, *, is_running: bool) -> Moment:
    """The end of the hold, at which data stays open that is open still."""
    amount = formats.money(sale.hold.amount_minor, sale.hold.currency) if sale.hold and sale.knows_fee else ""
    if not is_running:
        return Moment(at, SELLER, _("Money released"), amount, is_to_come=True)
    return Moment(at, BOTH, _("Data stays open"), "", _("Money released"), amount, is_to_come=True)


def _leaf(event: Event) -> Mapping[str, object]:
    found = json.loads(bytes(event.leaf))
    return found if isinstance(found, dict) else {}


def _typed(event: Event, field: str = "reason") -> str:
    """What a person wrote with it, unless that was erased."""
    detail = getattr(event, "detail", None)
    return str(detail.body.get(field, "")) if detail is not None else ""
