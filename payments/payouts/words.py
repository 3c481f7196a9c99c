"""What the states of payouts, of accounts to pay to and of splits are called on a page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import Payout, PayoutAccount, Split

Words = str | Promise


@dataclass(frozen=True)
class Badge:
    """A state as a badge takes it, and what it means."""

    words: Words
    kind: str
    icon: str
    meaning: Words = ""


ACCOUNTS: Mapping[str, Badge] = {
    PayoutAccount.State.WANTED: Badge(_("Not begun"), "", "clock"),
    PayoutAccount.State.ONBOARDING: Badge(
        _("Being checked"), "warn", "clock", _("Nothing is paid out before it is confirmed.")
    ),
    PayoutAccount.State.READY: Badge(_("Ready"), "ok", "check", _("What is payable is paid out to it.")),
    PayoutAccount.State.RESTRICTED: Badge(
        _("Something is missing"), "warn", "scale", _("Nothing is paid out until that is mended.")
    ),
    PayoutAccount.State.REJECTED: Badge(
        _("Rejected"), "stop", "stop", _("Nothing can be paid out to you. Talk to the operator.")
    ),
}
PAYOUTS: Mapping[str, Badge] = {
    Payout.State.CREATED: Badge(_("Being prepared"), "info", "clock"),
    Payout.State.SUBMITTED: Badge(_("On its way"), "info", "right"),
    Payout.State.SETTLED: Badge(_("Paid out"), "ok", "check"),
    Payout.State.FAILED: Badge(_("Did not arrive"), "warn", "cross"),
}
SPLITS: Mapping[str, Badge] = {
    Split.State.PROPOSED: Badge(
        _("Proposed"),
        "warn",
        "clock",
        _("It counts once every organisation has accepted. Until then nothing changes."),
    ),
    Split.State.IN_FORCE: Badge(
        _("In force"),
        "ok",
        "check",
        _("Every sale from now on is shared so. What was sold before stays as it was."),
    ),
    Split.State.DECLINED: Badge(_("Declined"), "", "cross", _("It never counted.")),
    Split.State.WITHDRAWN: Badge(_("Withdrawn"), "", "cross", _("It never counted.")),
    Split.State.SUPERSEDED: Badge(
        _("Replaced"),
        "",
        "retry",
        _("A later version took its place. Sales that were made under it stay as they were."),
    ),
}


def of_payout(payout: Payout) -> Badge:
    """The state of a payout."""
    return PAYOUTS[payout.state]
