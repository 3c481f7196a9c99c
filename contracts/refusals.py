"""What the refusals of contracts and money say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "offer_not_published": _("This offer is not on the market any more."),
    "own_offer": _("An organisation cannot license its own dataset."),
    "already_requested": _("Your organisation already has an open request for this offer."),
    "personal_data_needs_validation": _(
        "Personal data was found in this dataset since the offer was published, so the seller must approve first."
    ),
    "revision_revoked": _("The seller has revoked this revision."),
    "terms_changed": _("The seller changed the terms or the price after you opened the page. Read them again."),
    "purpose_not_allowed": _("The terms do not permit this purpose."),
    "country_not_allowed": _("The terms do not permit this country."),
    "recipient_not_named": _("The terms name other recipients."),
    "address_not_allowed": _("The terms do not permit this network address."),
    "no_adequacy_decision": _("This is personal data, and no adequacy decision covers the buyer’s country."),
    "decision_not_in_force": _(
        "This is personal data, and the adequacy decision for the buyer’s country has ended."
    ),
    "country_unknown": _("This is personal data, and the buyer’s country is not known."),
    "destination_refused": _("This is personal data, and it may not go to the buyer’s country."),
    "undecidable": _("A clause cannot be decided from what is known, so it refuses."),
    "payments_off": _("This exchange takes no payments, so only free offers can be accepted."),
    "paid_elsewhere": _("This charge is not paid here. Follow the instructions of its provider."),
    "charge_failed": _("This payment was called off. Nothing is to be paid any more."),
    "not_the_payer": _("Only the buyer may pay this."),
    "not_the_buyer": _("Only the buyer may do this."),
    "entitlement_pending": _("This licence waits for its payment."),
    "entitlement_suspended": _("This licence is suspended."),
    "entitlement_expired": _("This licence has ended."),
    "entitlement_revoked": _("This licence was revoked."),
    "asset_not_included": _("This file is not part of what was licensed."),
    "copies_spent": _("Every licensed copy of this file has been taken."),
    "expired": _("The term of this licence has ended."),
    "transfer_over": _("This download is over. Start a new one."),
    "transfer_spent": _("This download has sent its whole allowance. Start a new one."),
    "transfer_running": _("This download is running. Suspend the access first, or wait until it ends."),
    "copy_is_back": _("This copy came back before."),
    "transfer_lapsed": _("This download can no longer be gone on with. Start a new one."),
    "inspection_over": _("The inspection has ended, and the money is being released."),
    "hold_contested": _("A difference was reported. The operator settles it."),
    "hold_released": _("The money has already been released to the seller."),
    "hold_returned": _("The money has already been given back."),
    "empty_search": _("This search asks for nothing. Search for words or choose a filter first."),
    "search_name_taken": _("You have kept a search by this name. Choose another."),
    "too_many_searches": _("You keep 50 searches, which is the most. Forget one first."),
    "not_sealed_yet": _("The log has not sealed this yet. It seals every second; try again."),
}
