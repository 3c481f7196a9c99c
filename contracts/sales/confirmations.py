"""What a confirmation's page says before an act that cannot be undone: what follows from it, and the button."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from contracts.models import Entitlement, Transfer
from contracts.transfers.copies import may_come_back
from exchange.look import formats
from payments.models import Hold

_STATE = Entitlement.State


@dataclass(frozen=True)
class Confirmation:
    """`consequences` are pairs of an icon and a sentence."""

    heading: str
    act: str
    keep: str
    consequences: list[tuple[str, str]]
    is_possible: bool


def of_money(verb: str, hold: Hold) -> Confirmation:
    """The buyer's two acts on the money that is held."""
    amount = formats.money(hold.charge.gross_minor, hold.charge.currency)
    is_open = hold.state == Hold.State.OPEN
    if verb == "confirm":
        return Confirmation(
            heading=_("Release the money to the seller?"),
            act=_("Confirm and release %(amount)s") % {"amount": amount},
            keep=_("Not yet"),
            consequences=[
                ("check", _("You say that you received what was agreed.")),
                ("right", _("The money goes to the seller at once, and the exchange keeps its fee.")),
                ("stop", _("This cannot be undone: a difference can no longer be reported.")),
                ("down", _("Your access to the data stays as it is.")),
            ],
            is_possible=is_open,
        )
    return Confirmation(
        heading=_("Report a difference?"),
        act=_("Report the difference"),
        keep=_("Go back to the sale"),
        consequences=[
            ("lock", _("%(amount)s stay held. Nothing goes to the seller.") % {"amount": amount}),
            ("person", _("The seller and the operator of the exchange read your reason.")),
            ("scale", _("The operator settles it. Only the operator can end it.")),
        ],
        is_possible=is_open,
    )


def of_right(verb: str, entitlement: Entitlement) -> Confirmation:
    """The seller's three acts on what it sold."""
    buyer = {"buyer": entitlement.buyer.name}
    if verb == "suspend":
        return Confirmation(
            heading=_("Suspend the access of %(buyer)s?") % buyer,
            act=_("Suspend the access"),
            keep=_("Keep it open"),
            consequences=[
                ("stop", _("A running download stops within a second.")),
                ("lock", _("No link works until you give the access back.")),
                ("clock", _("The term runs on. What was delivered stays with the buyer.")),
                ("person", _("The buyer reads your reason.")),
            ],
            is_possible=entitlement.state == _STATE.ACTIVE,
        )
    if verb == "resume":
        return Confirmation(
            heading=_("Give the access back to %(buyer)s?") % buyer,
            act=_("Give the access back"),
            keep=_("Keep it suspended"),
            consequences=[
                ("down", _("Downloads work again; those that were cut go on where they stopped.")),
                ("clock", _("The term ends on the same day as before.")),
            ],
            is_possible=entitlement.state == _STATE.SUSPENDED,
        )
    return Confirmation(
        heading=_("Revoke the access of %(buyer)s for good?") % buyer,
        act=_("Revoke the access"),
        keep=_("Keep it"),
        consequences=[
            ("stop", _("A running download stops within a second.")),
            ("cross", _("This cannot be undone: a new licence needs a new request.")),
            ("scale", _("A payment that has not come is called off. Money that is held stays held as before.")),
            ("person", _("The buyer reads your reason, and the log keeps its hash.")),
        ],
        is_possible=entitlement.state in (_STATE.PENDING, _STATE.ACTIVE, _STATE.SUSPENDED),
    )


def of_copy(transfer: Transfer, entitlement: Entitlement) -> Confirmation:
    """The seller's act on one copy that the buyer took."""
    words = {"buyer": entitlement.buyer.name, "file": transfer.asset.name}
    return Confirmation(
        heading=_("Give the copy of %(file)s back to %(buyer)s?") % words,
        act=_("Give the copy back"),
        keep=_("Keep it counted"),
        consequences=[
            ("down", _("The buyer may take this file once more.")),
            ("stop", _("This download is over: it cannot be gone on with.")),
            ("eye", _("What was delivered by it stays with the buyer, and in the record.")),
            ("cross", _("This cannot be undone, and is done once for each download.")),
            ("person", _("The buyer reads your reason, and the log keeps its hash.")),
        ],
        is_possible=may_come_back(transfer),
    )
