"""The states of contracts and money as badges: a word, its kind and its icon, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from contracts.models import Entitlement, Negotiation, Offer, Transfer
from exchange.look import formats
from payments.models import Charge, Hold


@dataclass(frozen=True)
class Badge:
    words: str
    kind: str
    icon: str


def of_offer(state: str) -> Badge:
    """Whether an offer is on the market."""
    kinds = {
        Offer.State.DRAFT: Badge(_("Draft, not published"), "", "half"),
        Offer.State.SCHEDULED: Badge(_("Begins later"), "info", "clock"),
        Offer.State.PUBLISHED: Badge(_("On the market"), "ok", "check"),
        Offer.State.WITHDRAWN: Badge(_("Withdrawn"), "", "cross"),
    }
    return kinds[Offer.State(state)]


def of_negotiation(state: str) -> Badge:
    """Where a request stands."""
    kinds = {
        Negotiation.State.REQUESTED: Badge(_("Waits for the seller"), "warn", "clock"),
        Negotiation.State.OFFERED: Badge(_("Waits for the buyer"), "warn", "clock"),
        Negotiation.State.APPROVED: Badge(_("Approved, waits for the buyer"), "info", "clock"),
        Negotiation.State.AGREED: Badge(_("Signed, waits for payment"), "warn", "clock"),
        Negotiation.State.FINALIZED: Badge(_("Signed and in place"), "ok", "check"),
        Negotiation.State.TERMINATED: Badge(_("Ended without a contract"), "", "cross"),
    }
    return kinds[Negotiation.State(state)]


def of_entitlement(entitlement: Entitlement, now: datetime) -> Badge:
    """What the buyer may have now."""
    state = entitlement.state
    if state == Entitlement.State.ACTIVE and entitlement.ends_at and entitlement.ends_at <= now:
        state = Entitlement.State.EXPIRED
    kinds = {
        Entitlement.State.PENDING: Badge(_("Waits for payment"), "warn", "clock"),
        Entitlement.State.ACTIVE: Badge(_("Access open"), "ok", "check"),
        Entitlement.State.SUSPENDED: Badge(_("Suspended"), "warn", "pause"),
        Entitlement.State.EXPIRED: Badge(_("Ended"), "", "clock"),
        Entitlement.State.REVOKED: Badge(_("Revoked"), "stop", "stop"),
    }
    return kinds[Entitlement.State(state)]


def of_transfer(state: str) -> Badge:
    """How a transfer goes."""
    kinds = {
        Transfer.State.STARTED: Badge(_("Running"), "info", "down"),
        Transfer.State.INTERRUPTED: Badge(_("Broke off"), "warn", "pause"),
        Transfer.State.COMPLETED: Badge(_("Complete"), "ok", "check"),
        Transfer.State.ABORTED: Badge(_("Called off"), "", "cross"),
        Transfer.State.REVOKED: Badge(_("Stopped"), "stop", "stop"),
    }
    return kinds[Transfer.State(state)]


def of_money(charge: Charge | None, hold: Hold | None, *, is_disputed: bool = False) -> Badge:
    """Where the money of a sale is; while a dispute is open, the buyer’s bank has it."""
    if is_disputed:
        return Badge(_("Taken back by the bank"), "stop", "bank")
    if charge is None:
        return Badge(_("Nothing to pay"), "ok", "check")
    if hold is None:
        if charge.state == Charge.State.FAILED:
            return Badge(_("Payment called off"), "stop", "cross")
        return Badge(_("Not paid yet"), "warn", "clock")
    if hold.state == Hold.State.RELEASED and charge.refunded_minor:
        return of_return(charge)
    kinds = {
        Hold.State.OPEN: Badge(_("Held by the exchange"), "warn", "lock"),
        Hold.State.CONTESTED: Badge(_("Contested, held"), "stop", "flag"),
        Hold.State.RELEASED: Badge(_("With the seller"), "ok", "check"),
        Hold.State.RETURNED: Badge(_("Given back"), "info", "retry"),
    }
    return kinds[Hold.State(hold.state)]


def of_return(charge: Charge) -> Badge:
    """How much of a charge went back."""
    words = _("Given back") if charge.refunded_minor == charge.gross_minor else _("Given back in part")
    return Badge(words, "info", "retry")


def of_sale(entitlement: Entitlement, charge: Charge | None, hold: Hold | None, now: datetime) -> Badge:
    """The one word on top of a sale."""
    if entitlement.state == Entitlement.State.PENDING:
        return of_money(charge, hold)
    if hold is not None and hold.state == Hold.State.CONTESTED:
        return Badge(_("Contested"), "stop", "flag")
    if entitlement.state != Entitlement.State.ACTIVE:
        return of_entitlement(entitlement, now)
    if hold is not None and hold.state == Hold.State.OPEN:
        return Badge(_("Inspection until %(day)s") % {"day": formats.day(hold.releases_at)}, "warn", "eye")
    return of_entitlement(entitlement, now)
