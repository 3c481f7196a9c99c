"""Why the exchange itself suspends, gives back or revokes a right. A reason is kept in the words of the verb that
acted, and shown in the reader's language."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.notices import queries as notices
from contracts.models import Entitlement
from payments import queries as payments
from payments.subscriptions import queries as subscriptions

DISPUTED = "the buyer’s bank has taken the payment back; the access waits for its decision"
RETURNING = "the payment is on its way back to the buyer"
LOST = "the buyer’s bank has decided that the payment goes back to the buyer"
RETURNED = "the payment was given back to the buyer"
STAYS = "the bank has decided that the payment stays"
OVERDUE = "what is paid over time is overdue"
PAID = "the money has come"
UNANSWERED = "a notice about this dataset has not been answered"
CLOSED = "the notice has been closed"

LIFTED: Mapping[str, str] = {DISPUTED: STAYS, OVERDUE: PAID, UNANSWERED: CLOSED}
"""What is said when a reason to suspend has ended. Money whose way back failed waits for a person."""

_SENTENCES: Mapping[str, str | Promise] = {
    DISPUTED: _("The buyer’s bank has taken the payment back. The access waits for its decision."),
    RETURNING: _("The payment is on its way back to the buyer."),
    LOST: _("The buyer’s bank has decided that the payment goes back to the buyer."),
    RETURNED: _("The payment was given back to the buyer."),
    STAYS: _("The buyer’s bank has decided that the payment stays."),
    UNANSWERED: _("A notice about this dataset has not been answered."),
    CLOSED: _("The notice has been closed."),
    OVERDUE: _("What is paid over time is overdue."),
    PAID: _("The money has come."),
}


def standing(right: Entitlement) -> list[str]:
    """What keeps a right back now, the gravest first."""
    reference = f"agreement:{right.agreement_id}"
    money = payments.money_of(reference)
    found = {
        DISPUTED: money.is_disputed,
        RETURNING: money.is_returning,
        OVERDUE: subscriptions.is_overdue_about(reference),
        UNANSWERED: notices.is_unanswered(right.dataset_id, right.buyer_id),
    }
    return [reason for reason, stands in found.items() if stands]


def shown(reason: str) -> str:
    """A reason as a page shows it; what a person wrote stays as it is."""
    return str(_SENTENCES.get(reason, reason))
