"""What the pages of the operator's money board say before something is decided: what it is about, what follows from it,
the button, and the verb behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from exchange.kernel.actors import Actor
from exchange.look import formats
from payments import bank_details
from payments.checkouts import remittances
from payments.forms import ReasonForm, ShownForm
from payments.holds import holds
from payments.models import Difference, Hold, Payout, Remittance
from payments.payouts import payouts
from payments.reconciliation import reconciliation

Fact = tuple[str | Promise, str]
"""a name, and what it is"""


@dataclass(frozen=True)
class Decision:
    """`run` does it: it takes the reason, empty where none is asked for, and the actor. `state` is what was shown;
    `is_open` says whether there is anything to decide."""

    heading: str
    act: str
    keep: str
    done: str
    facts: Sequence[Fact]
    consequences: Sequence[tuple[str, str]]
    state: str
    is_open: bool
    run: Callable[[str, Actor], object]
    form: type[ShownForm] = ReasonForm
    typed: str = field(default="")


def of_hold(hold: Hold, now: datetime) -> Decision:
    """A contested hold is settled; one that waits for a delivery that nobody took is let go on."""
    facts = [
        (_("Seller"), hold.seller.name),
        (_("Buyer"), hold.buyer.name),
        (_("Held for sellers"), formats.money(hold.kept_minor, hold.currency)),
        (_("Held since"), formats.moment(hold.opened_at)),
        (_("Inspection ends"), formats.moment(hold.releases_at)),
    ]
    if hold.state == Hold.State.CONTESTED:
        return Decision(
            heading=_("Settle this difference?"),
            act=_("Settle it"),
            keep=_("Leave it contested"),
            done=_("Settled. The hold runs to its end."),
            facts=facts,
            consequences=[
                ("lock", _("The hold is open again. The money goes to the seller when its time is over.")),
                (
                    "retry",
                    _("To give money back instead, ask the seller for a refund, and leave it contested."),
                ),
                ("person", _("Both sides read your reason.")),
            ],
            state=hold.state,
            is_open=True,
            run=lambda reason, by: holds.settle(hold, reason=reason, by=by),
            typed=hold.reason,
        )
    is_waiting = hold.state == Hold.State.OPEN and holds.is_undelivered(hold) and hold.releases_at <= now
    return Decision(
        heading=_("Let this hold go on without the delivery?"),
        act=_("Let it go on"),
        keep=_("Let it wait"),
        done=_("The hold goes on. The money goes to the seller."),
        facts=facts,
        consequences=[
            ("down", _("The buyer never took what was sold, and could have. Make sure of that first.")),
            ("right", _("The money goes to the seller at once.")),
            ("pen", _("Your reason is written to the log, under your pseudonym.")),
        ],
        state=hold.state,
        is_open=is_waiting,
        run=lambda reason, by: holds.excuse(hold, reason=reason, by=by),
    )


def of_payout(verb: str, payout: Payout) -> Decision:
    """A second operator lets a payout by bank transfer go, or one takes it back."""
    facts = [
        (_("Paid to"), payout.party.name),
        *_bank_account(payout),
        (_("Amount"), formats.money(payout.amount_minor, payout.currency)),
        (_("Proposed"), formats.moment(payout.created_at)),
    ]
    is_waiting = payout.needs_approval and payout.state == Payout.State.CREATED
    if verb == "approve":
        return Decision(
            heading=_("Approve this payout?"),
            act=_("Approve it"),
            keep=_("Not yet"),
            done=_("Approved. It goes into the next file for the bank."),
            facts=facts,
            consequences=[
                ("eye", _("You are the second pair of eyes: whoever proposed it cannot approve it.")),
                ("bank", _("It goes into the next file for the bank, to the account that stands on it now.")),
                ("scale", _("The money has left what is payable to the party already.")),
            ],
            state=payout.state,
            is_open=is_waiting and not payout.approved_by,
            run=lambda reason, by: payouts.approve(payout, by=by),
            form=ShownForm,
        )
    return Decision(
        heading=_("Take this payout back?"),
        act=_("Take it back"),
        keep=_("Leave it as it is"),
        done=_("Taken back. The money is payable again."),
        facts=facts,
        consequences=[
            ("retry", _("The money is payable to the party again, and can be proposed anew.")),
            ("pen", _("Your reason is written to the log, under your pseudonym.")),
        ],
        state=payout.state,
        is_open=is_waiting,
        run=lambda reason, by: payouts.cancel(payout, reason=reason, by=by),
    )


def _bank_account(payout: Payout) -> list[Fact]:
    """Where it goes, whole: the second pair of eyes compares it."""
    if not payout.bank_sealed:
        return []
    details = bank_details.opened(payout.bank_sealed)
    return [(_("Account holder"), details.holder), (_("IBAN"), details.shown_iban)]


def of_transfer(verb: str, remittance: Remittance) -> Decision:
    """A second operator confirms money that was seen on a bank account, or says that it was an error."""
    facts = [
        (_("Amount"), formats.money(remittance.amount_minor, remittance.currency)),
        (_("The bank’s reference"), remittance.bank_reference),
        (_("What for"), remittance.target),
        (_("Noted"), formats.moment(remittance.noted_at)),
    ]
    is_open = remittance.state == Remittance.State.NOTED
    if verb == "confirm":
        return Decision(
            heading=_("Confirm this bank transfer?"),
            act=_("Confirm it"),
            keep=_("Not yet"),
            done=_("Confirmed. It is booked now."),
            facts=facts,
            consequences=[
                (
                    "eye",
                    _("You have seen it on the bank account yourself. Whoever noted it cannot confirm it."),
                ),
                ("scale", _("It is booked, and what follows from the money happens at once.")),
                ("stop", _("Another amount than was asked for books nothing, and waits for a person.")),
            ],
            state=remittance.state,
            is_open=is_open,
            run=lambda reason, by: remittances.confirm(remittance, by=by),
            form=ShownForm,
        )
    return Decision(
        heading=_("Say that this was an error?"),
        act=_("It was an error"),
        keep=_("Leave it as it is"),
        done=_("It never counts. It may be noted anew."),
        facts=facts,
        consequences=[
            ("cross", _("It is never booked. Who noted it may note it anew.")),
            ("pen", _("Your reason is written to the log, under your pseudonym.")),
        ],
        state=remittance.state,
        is_open=is_open,
        run=lambda reason, by: remittances.dismiss(remittance, reason=reason, by=by),
    )


def of_difference(difference: Difference) -> Decision:
    """A person says why the provider and the ledger differ."""
    return Decision(
        heading=_("Explain this difference?"),
        act=_("Explain it"),
        keep=_("Leave it unexplained"),
        done=_("Explained. The reason stays with it."),
        facts=[
            (_("Difference"), difference_words(difference)),
            (_("Provider"), difference.provider),
            (_("There it is called"), difference.source or "–"),
            (_("Here it is called"), difference.about if difference.reference else "–"),
            (_("Here it is for"), difference.reference or "–"),
            (_("Found"), formats.moment(difference.found_at)),
        ],
        consequences=[
            ("eye", _("It leaves the board and alarms nobody. Other amounts about the same are told again.")),
            ("scale", _("The ledger stays as it is: what is wrong in it is put right by another posting.")),
            ("pen", _("Your reason is written to the log, under your pseudonym.")),
        ],
        state=difference.state,
        is_open=difference.state == Difference.State.OPEN,
        run=lambda reason, by: reconciliation.explain(difference, reason=reason, by=by),
    )


def difference_words(row: Difference) -> str:
    """What differs, in one sentence."""
    ours = formats.money(row.ours_minor, row.currency)
    theirs = formats.money(row.theirs_minor, row.currency)
    if row.kind == Difference.Kind.IN_THEIRS:
        if row.theirs_minor < 0:
            left = formats.money(-row.theirs_minor, row.currency)
            return _("%(amount)s left the provider, and the ledger knows nothing of it") % {"amount": left}
        return _("The provider has %(amount)s that the ledger has not") % {"amount": theirs}
    if row.kind == Difference.Kind.IN_OURS:
        if row.ours_minor < 0:
            left = formats.money(-row.ours_minor, row.currency)
            return _("By the ledger %(amount)s left, and the provider knows nothing of it") % {"amount": left}
        return _("The ledger has %(amount)s that the provider has not") % {"amount": ours}
    return _("The ledger has %(ours)s, the provider %(theirs)s") % {"ours": ours, "theirs": theirs}
