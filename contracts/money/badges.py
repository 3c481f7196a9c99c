"""The states of charges and of what goes back as badges: a word, its kind and its icon, in the reader's language."""

from django.utils.translation import gettext as _

from contracts.badges import Badge, of_money, of_return
from payments.models import Charge, Hold, Refund, Subscription


def of_charge(charge: Charge, hold: Hold | None, *, is_disputed: bool = False) -> Badge:
    """Where one charge stands, for who pays it and who is paid."""
    if charge.state == Charge.State.PAID:
        if charge.refunded_minor and not is_disputed:
            return of_return(charge)
        return of_money(charge, hold, is_disputed=is_disputed) if hold else Badge(_("Paid"), "ok", "check")
    kinds = {
        Charge.State.CREATED: Badge(_("To be paid"), "warn", "card"),
        Charge.State.SUBMITTED: Badge(_("To be paid"), "warn", "card"),
        Charge.State.UNDERWAY: Badge(_("Waits for the bank"), "info", "clock"),
        Charge.State.DECLINED: Badge(_("Declined"), "stop", "cross"),
        Charge.State.FAILED: Badge(_("Called off"), "", "cross"),
    }
    return kinds[Charge.State(charge.state)]


def of_subscription(found: Subscription) -> Badge:
    """Where stands what is paid over time."""
    if found.state == Subscription.State.ACTIVE and found.cancelled_at is not None:
        return Badge(_("Cancelled, open to the end of the period"), "warn", "clock")
    kinds = {
        Subscription.State.TRIALING: Badge(_("Trial"), "info", "clock"),
        Subscription.State.ACTIVE: Badge(_("Running"), "ok", "check"),
        Subscription.State.PAST_DUE: Badge(_("Overdue"), "stop", "stop"),
        Subscription.State.ENDED: Badge(_("Ended"), "", "cross"),
    }
    return kinds[Subscription.State(found.state)]


def of_refund(refund: Refund) -> Badge:
    """How far a refund is."""
    kinds = {
        Refund.State.REQUESTED: Badge(_("Waits for the seller’s answer"), "warn", "clock"),
        Refund.State.DECLINED: Badge(_("Declined"), "", "cross"),
        Refund.State.CREATED: Badge(_("On its way back"), "info", "retry"),
        Refund.State.SUBMITTED: Badge(_("On its way back"), "info", "retry"),
        Refund.State.SETTLED: Badge(_("Given back"), "ok", "check"),
        Refund.State.FAILED: Badge(_("Did not arrive"), "stop", "stop"),
    }
    return kinds[Refund.State(refund.state)]
