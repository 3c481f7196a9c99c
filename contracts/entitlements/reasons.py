"""Why a right is suspended, given back or revoked, in the reader's language where the exchange itself gave the reason:
it is kept in the words of the verb that acted."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contracts.entitlements import notice_rights, over_time, returns

_SENTENCES: Mapping[str, str | Promise] = {
    returns.DISPUTED: _("The buyer’s bank has taken the payment back. The access waits for its decision."),
    returns.RETURNING: _("The payment is on its way back to the buyer."),
    returns.LOST: _("The buyer’s bank has decided that the payment goes back to the buyer."),
    returns.RETURNED: _("The payment was given back to the buyer."),
    returns.STAYS: _("The buyer’s bank has decided that the payment stays."),
    notice_rights.UNANSWERED: _("A notice about this dataset has not been answered."),
    notice_rights.CLOSED: _("The notice has been closed."),
    over_time.OVERDUE: _("What is paid over time is overdue."),
    over_time.PAID: _("The money has come."),
}


def shown(reason: str) -> str:
    """A reason as a page shows it; what a person wrote stays as it is."""
    return str(_SENTENCES.get(reason, reason))
