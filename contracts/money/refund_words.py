"""What the pages of refunds say before money goes back: what follows from it, and the button."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from exchange.look import formats
from payments.models import Charge, Refund
from payments.plans import refund_policies


@dataclass(frozen=True)
class Words:
    """`consequences` are pairs of an icon and a sentence."""

    heading: str
    act: str
    keep: str
    consequences: list[tuple[str, str]]
    typed: str = ""


def asking(charge: Charge) -> Words:
    """The buyer asks."""
    policy = refund_policies.thaw(charge.refund_policy)
    at_once = ("retry", _("Where nothing was downloaded, the money goes back at once."))
    answer = ("person", _("Where something was, the seller reads your reason and decides."))
    closes = ("lock", _("If all of it goes back, your access to the data ends."))
    ends = []
    if charge.paid_at is not None and policy.kind != "none":
        words = _("You may ask until %(moment)s.")
        ends = [("clock", words % {"moment": formats.moment(policy.ends_at(charge.paid_at))})]
    return Words(
        heading=_("Ask for your money back?"),
        act=_("Ask for it"),
        keep=_("Go back to your orders"),
        consequences=[at_once, *([answer] if policy.kind == "any" else []), closes, *ends],
    )


def giving() -> Words:
    """The seller gives money back by itself."""
    return Words(
        heading=_("Give money back?"),
        act=_("Give it back"),
        keep=_("Leave it as it is"),
        consequences=[
            ("retry", _("It goes back the way it came. The exchange gives up its fee on it.")),
            ("scale", _("It is taken from what is held, then from what is payable to you; the rest you owe.")),
            ("lock", _("If all of it goes back, the buyer’s access to the data ends.")),
            ("stop", _("This cannot be undone.")),
        ],
    )


def approving(refund: Refund) -> Words:
    """The seller says yes to what the buyer asks."""
    amount = {"amount": formats.money(refund.gross_minor, refund.currency)}
    return Words(
        heading=_("Give %(amount)s back?") % amount,
        act=_("Give %(amount)s back") % amount,
        keep=_("Not yet"),
        consequences=giving().consequences,
        typed=refund.reason,
    )


def declining(refund: Refund) -> Words:
    """The seller says no."""
    amount = {"amount": formats.money(refund.gross_minor, refund.currency)}
    return Words(
        heading=_("Decline to give %(amount)s back?") % amount,
        act=_("Decline"),
        keep=_("Not yet"),
        consequences=[
            ("person", _("The buyer reads your reason.")),
            ("flag", _("While money is held, the buyer may still report a difference to the operator.")),
        ],
        typed=refund.reason,
    )
