"""What a buyer's bank gave as its reason for taking money back, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_REASONS: Mapping[str, str | Promise] = {
    "credit_not_processed": _("a refund was promised and did not come"),
    "debit_not_authorized": _("the debit was not authorised"),
    "duplicate": _("it was paid twice"),
    "fraudulent": _("the holder says that somebody else paid"),
    "insufficient_funds": _("the account was short"),
    "product_not_received": _("nothing was delivered"),
    "product_unacceptable": _("what was delivered is not as described"),
    "subscription_canceled": _("the subscription was cancelled before"),
    "unrecognized": _("the holder does not recognise the payment"),
}
"""By the words that cards' banks use; another is shown as the bank gave it."""


def reason(code: str) -> str:
    """A reason as a page shows it; empty where the bank gave none."""
    return str(_REASONS.get(code, code.replace("_", " ")))
