"""What the states of payouts, of accounts to pay to and of splits are called on a page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import Payout, PayoutAccount, Split
from payments.payouts import accounts

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


_PAUSED = Badge(_("Paused"), "warn", "pause")
_TAKEN_BACK = Badge(_("Taken back before it left"), "", "retry")
_CAME_BACK = Badge(_("Came back"), "warn", "retry")
_MISSING: Mapping[str, Words] = {
    accounts.OTHER_DETAILS: _(
        "The operator could not make sure that this bank account is yours. Give other bank details."
    ),
    accounts.PAYOUTS_FAILED: _(
        "Three payouts in a row did not arrive. Give another bank account, or ask the operator to look at this one."
    ),
}


def of_account(account: PayoutAccount, *, is_cooling: bool) -> Badge:
    """The state of an account to pay to; `is_cooling` says that its bank details were changed not long ago."""
    return _PAUSED if is_cooling and account.state == PayoutAccount.State.READY else ACCOUNTS[account.state]


def missing(account: PayoutAccount) -> list[Words]:
    """What keeps an account of bank details from being paid to."""
    return [_MISSING[one] for one in account.requirements if one in _MISSING]


def of_payout(payout: Payout) -> Badge:
    """The state of a payout. Of those by bank transfer that failed it is known whether they had left."""
    if payout.state == Payout.State.FAILED and payout.needs_approval:
        if payout.submitted_at is None:
            return _TAKEN_BACK
        if payout.provider_reference:
            return _CAME_BACK
    return PAYOUTS[payout.state]
